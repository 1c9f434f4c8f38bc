/** deploy/: as far as it can be judged without an engine, it is what our commands and the files themselves say. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Flags, Parser, type Interfaces } from "@oclif/core";
import { afterAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import commands from "../src/cli/commands/index.ts";
import { readCluster } from "../src/experiment/cluster-file.ts";
import { launcher, runNode } from "./support/command.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const deploy = join(root, "deploy");
const scratch = mkdtempSync(join(tmpdir(), "paxbench-deploy-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const text = (name: string): string => readFileSync(join(deploy, name), "utf8");
const available = (program: string, ...args: readonly string[]): boolean => spawnSync(program, args, { stdio: "ignore" }).status === 0;

/** The flags of a command line, as the command itself parses it. Throws for what it does not take. */
const flagsOf = async ([name, ...args]: readonly string[]): Promise<Readonly<Record<string, unknown>>> => {
  const command = (commands as Readonly<Record<string, { readonly flags: Interfaces.FlagInput; readonly enableJsonFlag: boolean } | undefined>>)[name!];
  if (command === undefined) throw new Error(`no command ${name}`);
  const { flags } = await Parser.parse([...args], { flags: { ...command.flags, ...(command.enableJsonFlag && { json: Flags.boolean() }) }, strict: true });
  return flags as Readonly<Record<string, unknown>>;
};

interface Mount { readonly name: string; readonly mountPath: string; readonly subPath?: string }
interface Container { readonly args: readonly string[]; readonly ports?: readonly { readonly containerPort: number }[]; readonly volumeMounts: readonly Mount[]; readonly env?: readonly { readonly name: string }[] }
interface PodTemplate {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly spec: { readonly subdomain?: string; readonly containers: readonly [Container]; readonly volumes: readonly { readonly name: string }[] };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly serviceName?: string;
    readonly replicas?: number;
    readonly completions?: number;
    readonly completionMode?: string;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports: readonly { readonly port: number }[];
    readonly template: PodTemplate;
    readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
  };
}

const manifestFiles = readdirSync(join(deploy, "kubernetes")).map((name) => join("kubernetes", name));
const manifests = new Map<string, Manifest>(
  manifestFiles.flatMap((name) => parseAllDocuments(text(name)).map((document) => {
    if (document.errors.length > 0) throw new Error(`${name}: ${document.errors[0]!.message}`);
    const manifest = document.toJS() as Manifest;
    return [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const;
  })),
);
const manifest = (name: string): Manifest => manifests.get(name)!;

describe("the Dockerfile", () => {
  const dockerfile = text("Dockerfile");
  const copied = [...dockerfile.matchAll(/^COPY (.+) \S+$/gm)].flatMap(([, sources]) => sources!.split(" "));

  it("copies what there is, and all that the package is made of", () => {
    expect(copied.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: string[] };
    expect(copied).toEqual(expect.arrayContaining([...files, "package.json", "package-lock.json"]));
    const context = text("Dockerfile.dockerignore").split("\n").filter((line) => line.startsWith("!")).map((line) => line.slice(1));
    expect(context.sort()).toEqual(copied.sort());
  });

  it("starts our launcher, not as root", () => {
    expect(dockerfile).toContain('ENTRYPOINT ["/opt/paxbench/bin/run.js"]');
    expect(dockerfile).toMatch(/^WORKDIR \/opt\/paxbench$/m);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(available(launcher, "--version")).toBe(true); // it can be executed as it is
  });
});

describe("Compose", () => {
  interface Compose { readonly services: Readonly<Record<string, { readonly command: readonly string[]; readonly volumes: readonly string[] }>>; readonly volumes: object }
  const { services, volumes } = parse(text("compose.yaml"), { merge: true }) as Compose;

  it("starts each node of its cluster, once, and runs against it", async () => {
    const { replicas, loads, data } = await readCluster(join(deploy, "compose-cluster.yaml"));
    const nodes = [...replicas.map((_, id) => ["replica", id] as const), ...loads.map((_, id) => ["load", id] as const)];
    expect(Object.keys(services).sort()).toEqual([...nodes.map(([command, id]) => `${command}-${id}`), "run"].sort());
    for (const [node, { host }] of [...replicas, ...loads].entries()) {
      const [command, id] = nodes[node]!;
      expect(host).toBe(`${command}-${id}`);
      const service = services[host]!;
      expect(service.command[0]).toBe(command);
      expect(await flagsOf(service.command)).toEqual({ cluster: "/etc/paxbench/cluster.yaml", id: String(id) });
      expect(service.volumes).toEqual([
        "./compose-cluster.yaml:/etc/paxbench/cluster.yaml:ro",
        ...(command === "replica" ? [`journal-${id}:${data}`] : []),
      ]);
    }
    expect(await flagsOf(services["run"]!.command)).toMatchObject({ cluster: "/etc/paxbench/cluster.yaml" });
    const named = Object.values(services).flatMap((service) => service.volumes).map((volume) => volume.split(":")[0]!).filter((name) => !name.startsWith("."));
    expect(Object.keys(volumes).sort()).toEqual(named.sort());
  });

  it.skipIf(!available("docker", "compose", "version"))("takes the file", () => {
    const { status, stderr } = spawnSync("docker", ["compose", "-f", join(deploy, "compose.yaml"), "config", "-q"], { encoding: "utf8" });
    expect([status, stderr]).toEqual([0, ""]);
  });
});

describe("Kubernetes", () => {
  const replicas = manifest("StatefulSet paxbench-replica").spec;
  const load = manifest("Job paxbench-load").spec;
  const service = manifest("Service paxbench");
  const cluster = async () => {
    const content = manifest("ConfigMap paxbench").data!["cluster.yaml"]!;
    // Its TLS files are a Secret's.
    const { tls, ...rest } = parse(content) as { readonly tls: Readonly<Record<string, string>> };
    const file = join(scratch, "cluster.yaml");
    writeFileSync(file, JSON.stringify({ ...rest, insecure: true }));
    return { tls, ...(await readCluster(file)) };
  };

  it("gives each node the name and port under which the others look for it", async () => {
    const config = await cluster();
    const { name } = service.metadata;
    const hosts = (owner: string, count: number) => Array.from({ length: count }, (_, id) => `${owner}-${id}.${name}`);
    expect(config.replicas.map(({ host }) => host)).toEqual(hosts("paxbench-replica", replicas.replicas!));
    expect(config.loads.map(({ host }) => host)).toEqual(hosts("paxbench-load", load.completions!));
    expect(replicas.serviceName).toBe(name);
    expect(load).toMatchObject({ completionMode: "Indexed", parallelism: load.completions, template: { spec: { subdomain: name } } });
    const ports = [...config.replicas, ...config.loads].map(({ port }) => port);
    for (const { template } of [replicas, load]) {
      expect(template.metadata.labels).toMatchObject(service.spec.selector);
      expect(new Set([...ports, service.spec.ports[0]!.port])).toEqual(new Set([template.spec.containers[0].ports![0]!.containerPort]));
    }
  });

  it.each([
    ["StatefulSet paxbench-replica", "replica", { id: "$(POD_INDEX)" }],
    ["Job paxbench-load", "load", { id: "$(POD_INDEX)" }],
    ["Job paxbench-run", "run", {}],
  ])("%s: a command of ours, on files that are mounted", async (name, command, flags) => {
    const { template, volumeClaimTemplates = [] } = manifest(name).spec;
    const [{ args, volumeMounts, env = [] }] = template.spec.containers;
    expect(args[0]).toBe(command);
    expect(await flagsOf(args)).toMatchObject({ cluster: "/etc/paxbench/cluster.yaml", ...flags });
    for (const [, variable] of args.join(" ").matchAll(/\$\((\w+)\)/g)) expect(env.map(({ name }) => name)).toContain(variable);
    const mounts = new Map(volumeMounts.map((mount) => [mount.mountPath, mount]));
    const { tls, data } = await cluster();
    expect(mounts.get("/etc/paxbench/cluster.yaml")).toMatchObject({ name: "cluster", subPath: "cluster.yaml" });
    for (const file of Object.values(tls)) expect(mounts.get(join(file, ".."))?.name).toBe("tls");
    expect(mounts.has(data)).toBe(command === "replica");
    const volumes = [...template.spec.volumes.map(({ name }) => name), ...volumeClaimTemplates.map(({ metadata }) => metadata.name)];
    expect(volumes.sort()).toEqual(volumeMounts.map(({ name }) => name).sort());
  });

  it("tells of nothing that the API does not know", { skip: !available("kubectl", "version", "--client") }, () => {
    // Without a server: kubectl reads what it knows of, and writes it again.
    for (const given of manifests.values()) {
      if (!("template" in (given.spec ?? {}))) continue;
      const file = join(scratch, "manifest.json");
      writeFileSync(file, JSON.stringify(given));
      const read = execFileSync("kubectl", ["set", "env", "--local", "-f", file, "-o", "json", "CHECKED=yes"], { encoding: "utf8" });
      expect(JSON.parse(read)).toMatchObject(withoutEnv(given));
    }
  });
});

/** All but what the check itself changes. */
const withoutEnv = (value: unknown): object => JSON.parse(JSON.stringify(value, (key, field: unknown) => (key === "env" ? undefined : field))) as object;

it("paths in deploy/ and its documentation exist", () => {
  const documents = ["docs/deploy.md", ...globSync("deploy/**/*", { cwd: root }).filter((path) => /\.(?:ya?ml|sh)$|Dockerfile$/.test(path))];
  const named = documents.flatMap((document) => [...readFileSync(join(root, document), "utf8").matchAll(/(?<![\w/])(?:deploy|test)\/[\w./-]*\w/g)].map(([path]) => path));
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

describe.skipIf(!available("openssl", "version"))("certificates.sh", () => {
  it("makes certificates with which a cluster of this machine runs", { timeout: 120_000 }, async () => {
    const { clusterOf, NodeProcess, written } = await import("./support/cluster.ts");
    execFileSync(join(deploy, "certificates.sh"), [join(scratch, "certificates"), "localhost,127.0.0.1", "elsewhere"]);
    const tls = { ca: "certificates/localhost/ca.pem", cert: "certificates/localhost/node.pem", key: "certificates/localhost/node.key" };
    const file = written(scratch, "local.yaml", await clusterOf(1, 1, { tls }));
    const nodes = [new NodeProcess("replica", 0, file), new NodeProcess("load", 0, file)];
    try {
      await Promise.all(nodes.map((node) => node.listening()));
      const run = await runNode([launcher, ..."run --duration 200ms --warmup 0s --clients 1 --json --out out --cluster".split(" "), file], scratch);
      expect([run.code, run.stderr]).toEqual([0, ""]);
    } finally {
      await Promise.all(nodes.map((node) => node.end("SIGKILL")));
    }
  });
});
