/** A cluster that people start node by node, and `paxbench run --cluster` against it. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClusterFile } from "../../src/experiment/cluster-file.ts";
import type { ResultFile } from "../../src/experiment/result.ts";
import { clusterOf, NodeProcess, until, written } from "../support/cluster.ts";
import { launcher, runNode, type Ended } from "../support/command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-cluster-")));
const started: NodeProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map((node) => node.end("SIGKILL")));
  rmSync(folder, { recursive: true });
});

const start = (command: "replica" | "load", id: number, file: string): NodeProcess => {
  const node = new NodeProcess(command, id, file);
  started.push(node);
  return node;
};

const run = (file: string, words: string): Promise<Ended> => runNode([launcher, "run", "--cluster", file, ...words.split(" ")], folder);
const short = "--duration 500ms --warmup 200ms --clients 2";
const resultOf = (out: string): ResultFile => JSON.parse(readFileSync(join(folder, out, "result.json"), "utf8")) as ResultFile;

const certificate = (name: string): string => fileURLToPath(new URL(`../transport/tcp/fixtures/${name}`, import.meta.url));
const tls = { ca: certificate("ours-ca.pem"), cert: certificate("ours.pem"), key: certificate("ours.key") };

const quiet = (nodes: readonly NodeProcess[]) => {
  let before = -1;
  return async (): Promise<boolean> => {
    const now = nodes.reduce((sum, node) => sum + node.written, 0);
    const still = now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 300));
    return still;
  };
};

describe.skipIf(process.platform !== "linux")("three replicas and two loads, with mutual TLS", () => {
  let file: string;
  let replicas: readonly NodeProcess[];
  let loads: readonly NodeProcess[];
  /** Loads have written more than what they say while nobody leads a run. */
  const loaded = async (): Promise<void> => {
    const before = loads.map((load) => load.written);
    await until(() => loads.every((load, id) => load.written > before[id]! + 100_000));
  };

  beforeAll(async () => {
    file = written(folder, "cluster.yaml", await clusterOf(3, 2, { tls }));
    replicas = [0, 1, 2].map((id) => start("replica", id, file));
    loads = [0, 1].map((id) => start("load", id, file));
    await Promise.all([...replicas, ...loads].map((node) => node.listening()));
  }, 120_000);

  it("serve one run after the other; nothing of one is seen in the next", async () => {
    // Same seed, so the same operations of the same clients; `mixed` reads keys and ranges that the run before wrote.
    const { code, stderr } = await run(file, `${short} --workload mixed --repeat 2 --out several`);
    expect([code, stderr]).toEqual([0, ""]);
    const again = await run(file, `${short} --workload mixed --out again`);
    expect([again.code, again.stderr]).toEqual([0, ""]);
    for (const result of [...resultOf("several").runs, ...resultOf("again").runs]) {
      expect(result).toMatchObject({ transport: "tcp", unknown: 0, gone: [], violations: [] });
      expect(result.checks).toMatchObject({ ledger: true, converged: true, exactlyOnce: true, durable: true });
      for (const { latencyMs } of result.sites) expect(latencyMs.response.count).toBeGreaterThan(0);
    }
  });

  it("take part in one run at a time; when who leads it is killed, loads stop and the next run finds all in order", async () => {
    const busy = spawn(process.execPath, [launcher, "run", "--cluster", file, "--duration", "10m", "--out", "busy"], { cwd: folder, stdio: "ignore" });
    try {
      await loaded();
      const { code, stdout, stderr } = await run(file, `${short} --out refused`);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^paxbench: cluster test: not reached within 10 s: replica 0 at 127\.0\.0\.1:\d+: refused: another run is attached, and they come one at a time; .*load 1 at .*\n$/);
      expect(existsSync(join(folder, "refused"))).toBe(false);
      expect(resultOf("busy").incomplete).toBe(true);
    } finally {
      busy.kill("SIGKILL");
    }
    await until(quiet(loads));
    const next = await run(file, `${short} --out next`);
    expect([next.code, next.stderr]).toEqual([0, ""]);
    expect(resultOf("next").runs[0]).toMatchObject({ unknown: 0, gone: [], violations: [] });
  });

  it("refuse a run whose workload a load does not have, and serve on", async () => {
    // Here it is; the loads were started in another folder.
    writeFileSync(join(folder, "local.mjs"), `export { default } from ${JSON.stringify(new URL("../../workloads/conflict/index.ts", import.meta.url).href)};`);
    const { code, stderr } = await run(file, `${short} --workload ./local.mjs --out workload`);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^paxbench: load [01]: no workload at \.\/local\.mjs: there is no such file or folder\n$/)]);
  });

  it("go on without a replica that is killed; it is not judged, and the result says so", async () => {
    const ended = run(file, "--duration 4s --warmup 200ms --clients 2 --out killed");
    await loaded();
    await replicas[2]!.end("SIGKILL");
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([0, "replica 2: its connection broke: the run goes on, and does not judge it\n"]);
    expect(stdout).toContain("raft: judged without replica 2, gone before the end");
    const [result] = resultOf("killed").runs;
    expect(result).toMatchObject({ gone: [2], violations: [], checks: { ledger: true, converged: true, exactlyOnce: true } });
  });

  it("end when they are told to", async () => {
    expect(await Promise.all([...replicas.slice(0, 2), ...loads].map((node) => node.end("SIGTERM")))).toEqual([0, 0, 0, 0]);
  });
});

it("a run names the nodes that are not there, and those of another cluster", async () => {
  const cluster: ClusterFile = await clusterOf(3, 2);
  const file = written(folder, "partial.yaml", cluster);
  const other = written(folder, "other.yaml", { ...cluster, name: "other" });
  const nodes = [start("replica", 0, file), start("replica", 1, other), start("load", 1, file)];
  await Promise.all(nodes.map((node) => node.listening()));
  const { code, stdout, stderr } = await run(file, `${short} --out missing`);
  expect([code, stdout]).toEqual([2, ""]);
  const [, strange, absent] = cluster.replicas;
  expect(stderr).toBe(
    `paxbench: cluster test: not reached within 10 s: replica 1 at ${strange}: refused: another cluster, protocol, option or version; `
    + `replica 2 at ${absent}: ECONNREFUSED; load 0 at ${cluster.loads[0]}: ECONNREFUSED\n`,
  );
  expect(nodes[1]!.log).toContain("refused: another cluster, protocol, option or version");
});

it("a node that has no such address ends with one line", async () => {
  const file = written(folder, "nowhere.yaml", { name: "nowhere", protocol: "raft", replicas: ["nowhere.invalid:7000"], loads: ["127.0.0.1:7001"], insecure: true });
  const { code, stderr } = await runNode([launcher, "replica", "--cluster", file, "--id", "0"], folder);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^paxbench: getaddrinfo E\w+ nowhere\.invalid\n$/)]);
});

describe("what a cluster decides, no flag does", () => {
  const cases = [
    ["-p raft", "protocol"],
    ["--replicas 5", "replicas"],
    ["--leader 1", "leader"],
    ["--transport sim", "transport"],
    ["--durability fsync", "durability"],
    ["--topology lan", "topology"],
    ["--scenario leader-crash", "scenario"],
  ] as const;
  it.each(cases)("%s", async (words, flag) => {
    const file = written(folder, "decides.yaml", await clusterOf(3, 1));
    const { code, stdout, stderr } = await run(file, words);
    expect([code, stdout, stderr]).toEqual([2, "", `paxbench: --${flag} with --cluster: ${file} and its machines decide that; allowed without --cluster\n`]);
  });
});
