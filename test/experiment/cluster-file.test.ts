/** `cluster.yaml`: what it says, and every mistake in it in one line. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { memberOf, readCluster } from "../../src/experiment/cluster-file.ts";
import { UsageError } from "../../src/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-cluster-file-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "cluster.yaml");

const read = (text: string) => {
  writeFileSync(file, text);
  return readCluster(file);
};

const lines = {
  name: "name: mine",
  protocol: "protocol: raft",
  replicas: "replicas: [127.0.0.1:7000, 127.0.0.1:7001, 127.0.0.1:7002]",
  loads: "loads: [127.0.0.1:7100]",
};
const sound = Object.values(lines).join("\n");
/** The sound file with some of its lines changed, and others after them. */
const changed = (changes: Partial<typeof lines>, ...more: readonly string[]): string =>
  [...Object.values({ ...lines, ...changes }), ...more].filter((line) => line !== "").join("\n");

const print = async (text: string): Promise<string> => Buffer.from((await read(text)).fingerprint).toString("hex");

const fixture = (name: string): string => fileURLToPath(new URL(`../transport/tcp/fixtures/${name}`, import.meta.url));
const tls = `tls: { ca: ${fixture("ours-ca.pem")}, cert: ${fixture("ours.pem")}, key: ${fixture("ours.key")} }`;

describe("a cluster file", () => {
  it("says who is where, and what they run", async () => {
    const config = await read(changed({ loads: "loads: ['localhost:7100', '[::1]:7101']" }, "options: { heartbeat: 20 }", "leader: 2", "batch: 8"));
    expect(config).toMatchObject({
      name: "mine",
      replicas: [{ host: "127.0.0.1", port: 7000 }, { host: "127.0.0.1", port: 7001 }, { host: "127.0.0.1", port: 7002 }],
      loads: [{ host: "localhost", port: 7100 }, { host: "::1", port: 7101 }],
      protocolOptions: { heartbeat: 20 },
      initialLeader: 2,
      batch: 8,
      secure: null,
    });
  });

  it("reaches beyond this machine with TLS, or in the clear when told so", async () => {
    const elsewhere = { loads: "loads: [load.example.org:7100]" };
    expect((await read(changed(elsewhere, tls))).secure).toMatchObject({ ca: expect.stringContaining("BEGIN CERTIFICATE") });
    expect((await read(changed(elsewhere, "insecure: true"))).secure).toBe(null);
  });

  it("differs in its fingerprint where nodes would not understand each other, and only there", async () => {
    const same = [changed({ replicas: "replicas: [localhost:7000, localhost:7001, localhost:7002]" }), changed({}, tls)];
    const other = [
      changed({ name: "name: yours" }),
      changed({ protocol: "protocol: epaxos" }),
      changed({}, "options: { heartbeat: 20 }"),
      changed({ replicas: "replicas: [127.0.0.1:7000, 127.0.0.1:7001]" }),
      changed({ loads: "loads: [127.0.0.1:7100, 127.0.0.1:7101]" }),
    ];
    const ours = await print(sound);
    const prints: string[] = [];
    for (const text of [...same, ...other]) prints.push(await print(text));
    expect(prints.slice(0, same.length)).toEqual(same.map(() => ours));
    expect(prints.slice(same.length)).not.toContain(ours);
  });
});

describe("mistakes", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["no YAML", "name: [", /:1:8: .*/],
    ["nothing in it", "", /:1:1: /],
    ["no host", changed({ replicas: "replicas: [':7000']" }), /:3:12: replicas\.0: :7000 is no address; allowed is host:port, with a port in 1\.\.65535$/],
    ["no port", changed({ replicas: "replicas: [127.0.0.1:7000, 127.0.0.1]" }), /:3:28: replicas\.1: 127\.0\.0\.1 is no address/],
    ["port 0", changed({ loads: "loads: ['127.0.0.1:0']" }), /:4:9: loads\.0: 127\.0\.0\.1:0 is no address/],
    ["a port past the last", changed({ loads: "loads: [127.0.0.1:65536]" }), /:4:9: loads\.0: 127\.0\.0\.1:65536 is no address/],
    ["no replicas", changed({ replicas: "" }), /:1:1: replicas: /],
    ["an empty list of replicas", changed({ replicas: "replicas: []" }), /:3:11: replicas: /],
    ["an empty list of loads", changed({ loads: "loads: []" }), /:4:8: loads: /],
    ["a field that there is not", changed({}, "batchs: 3"), /:5:9: no field batchs here; allowed: name, protocol, /],
    ["a field that there is not, within tls", changed({}, "tls: { ca: a, cert: b, key: c, crl: d }"), /:5:\d+: tls: no field crl here; allowed: ca, cert, key$/],
    ["a batch of nothing", changed({}, "batch: 0"), /:5:8: batch: /],
    ["a leader nobody is", changed({}, "leader: 3"), /: leader 3: allowed is a replica in 0\.\.2$/],
    ["one address twice", changed({ loads: "loads: [127.0.0.1:7002]" }), /: 127\.0\.0\.1:7002 stands there twice; allowed is one node an address$/],
    ["a protocol that there is not", changed({ protocol: "protocol: craft" }), /: unknown protocol "craft": allowed: .*raft/],
    ["a protocol that is not at its path", changed({ protocol: "protocol: ./mine" }), /: no protocol at \.\/mine: /],
    ["an option nobody has", changed({}, "options: { colour: red }"), /: options: raft has no colour; allowed: .*heartbeat/],
    ["an option's value", changed({}, "options: { heartbeat: soon }"), /: raft: heartbeat=soon: allowed is milliseconds/],
    ["a TLS file that is not there", changed({}, "tls: { ca: ca.pem, cert: node.pem, key: node.key }"), /: tls\.ca: cannot read .*ca\.pem: ENOENT$/],
    ["another machine in the clear", changed({ replicas: "replicas: [127.0.0.1:7000, 10.0.0.2:7000]" }), /: 10\.0\.0\.2 is not this machine, and what goes there is in the clear; allowed with tls, or with insecure: true$/],
  ];
  it.each(cases)("%s", async (_, text, message) => {
    const error: unknown = await read(text).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(UsageError);
    const said = (error as UsageError).message;
    expect(said).toMatch(message);
    expect(said).not.toContain("\n");
    expect(said.startsWith(`${file}:`)).toBe(true);
  });

  it("no such file", async () => {
    await expect(readCluster(join(folder, "none.yaml"))).rejects.toThrow(/^cannot read .*none\.yaml: ENOENT$/);
  });

  it("a node nobody is", async () => {
    const { replicas } = await read(sound);
    expect(memberOf("2", replicas)).toBe(2);
    for (const id of ["3", "-1", "one", ""]) expect(() => memberOf(id, replicas)).toThrow(`--id ${id}: allowed is a whole number in 0..2`);
  });
});
