import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "paxbench";
import { planOf, runsOf, type RunFlags } from "../../src/experiment/plan.ts";
import { replayOf } from "../../src/experiment/replay.ts";
import { flagsOf } from "../support/flags.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-plan-"));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const planFor = (given: Partial<RunFlags> = {}) => planOf(flagsOf(given), folder);

const topology = (rttMs: unknown, sites: unknown = ["A", "B", "C"], placed: object = {}): string => JSON.stringify({ name: "x", sites, rttMs, ...placed });

/** A, B and C in a row. */
const row = [[0, 1, 2], [1, 0, 1], [2, 1, 0]];
const placed = (name: string, who: object): string => file(name, topology(row, undefined, who));

describe("a mistake is told in one line that says what, where, and what is allowed", () => {
  const cases: readonly (readonly [string, Partial<RunFlags>, RegExp])[] = [
    ["unknown protocol", { protocol: ["nope"] }, /^unknown protocol "nope": allowed: epaxos, .*, a path or a package$/],
    ["unknown workload", { workload: "nope" }, /^unknown workload "nope": allowed: conflict/],
    ["conflict above 1", { conflict: "1.5" }, /^--conflict 1\.5: allowed is a number in 0\.\.1$/],
    ["conflict not a number", { conflict: "much" }, /^--conflict much: allowed/],
    ["no conflict", { conflict: "" }, /^--conflict : allowed/],
    ["0 replicas", { replicas: "0" }, /^--replicas 0: allowed is a whole number in 1\.\.31$/],
    ["half a replica", { replicas: "2.5" }, /^--replicas 2\.5: allowed/],
    ["32 replicas", { replicas: "32" }, /^--replicas 32: allowed/],
    ["no clients", { clients: "0" }, /^--clients 0: allowed/],
    ["unknown transport", { transport: "carrier-pigeon" }, /^--transport carrier-pigeon: allowed: inproc, tcp, sim$/],
    ["a duration without unit", { duration: "10" }, /^--duration 10: allowed is a time such as/],
    ["no duration", { duration: "0s" }, /^--duration 0s: .*above 0/],
    ["a warm-up of no time", { warmup: "soon" }, /^--warmup soon: allowed is a time such as 500ms, 10s or 2m, at most a day, or auto, or auto:TIME$/],
    ["a warm-up with a limit of no time", { warmup: "auto:0s" }, /^--warmup auto: 0s: allowed is a time/],
    ["a rate that is text", { rate: "abc" }, /^--rate abc: allowed is a number of operations a second over all clients, above 0, at most 10000000$/],
    ["a rate of 0", { rate: "0" }, /^--rate 0: allowed/],
    ["an infinite rate", { rate: "Infinity" }, /^--rate Infinity: allowed/],
    ["unknown arrivals", { rate: "10", set: ["arrivals=bursts"] }, /^run: arrivals=bursts: allowed is poisson, fixed$/],
    ["arrivals in a closed loop", { set: ["arrivals=fixed"] }, /^--set arrivals=fixed: of an open loop; allowed with --rate$/],
    ["too many open requests", { rate: "10", clients: "100000" }, /^--rate 10: 300000 clients with up to 64 open requests each; allowed are 1048576 in all/],
    ["a negative seed", { seed: "-1" }, /^--seed -1: allowed/],
    ["a leader that is not there", { leader: "3" }, /^--leader 3: allowed: a site \(S0, S1, S2\) or a replica in 0\.\.2$/],
    ["an option nobody has", { set: ["foo=1"] }, /^--set foo: nothing here has this option; allowed: .*batch, .*conflict, /],
    ["an option's value", { set: ["heartbeat=soon"] }, /^raft: heartbeat=soon: allowed is milliseconds, a whole number in 1\.\./],
    ["an option without value", { set: ["heartbeat"] }, /^--set heartbeat: allowed is name=value$/],
    ["an option given twice", { set: ["batch=1", "batch=2"] }, /^--set batch=2: batch is given twice$/],
    ["options that contradict each other", { set: ["heartbeat=500", "electionTimeout=400"] }, /electionTimeout/],
    ["more replicas than sites", { topology: "epaxos5-aws-2020", replicas: "7" }, /^--replicas 7: topology epaxos5-aws-2020 has 5 sites for them/],
    ["an unknown topology", { topology: "moon" }, /^--topology moon: no such name or file; allowed: lan, .*epaxos5-aws-2020, /],
    ["a topology that is not square", { topology: file("narrow.json", topology([[0, 1], [1, 0], [1, 1]])) }, /narrow\.json:1:\d+: rttMs\.0: the matrix is not square: 2 entries in this row for 3 sites$/],
    ["a topology that lacks a row", { topology: file("short.json", topology([[0, 1, 2]])) }, /short\.json:1:\d+: rttMs: the matrix is not square: 1 rows for 3 sites$/],
    ["a round trip below 0", { topology: file("past.json", topology([[0, -1, 1], [1, 0, 1], [1, 1, 0]])) }, /past\.json:1:\d+: rttMs\.0\.1: a round trip is at least 0 ms$/],
    ["a round trip that is text", { topology: file("text.json", topology([[0, "a", 1], [1, 0, 1], [1, 1, 0]])) }, /text\.json:1:\d+: rttMs\.0\.1: /],
    ["a site twice", { topology: file("twice.json", topology([[0, 1, 1], [1, 0, 1], [1, 1, 0]], ["A", "B", "A"])) }, /twice\.json:1:\d+: sites\.2: site A stands there twice$/],
    ["a replica nowhere", { topology: placed("nowhere.json", { replicas: ["A", "D"] }) }, /nowhere\.json:1:\d+: replicas\.1: no site D; allowed: A, B, C$/],
    ["clients twice", { topology: placed("clients.json", { clients: ["A", "A"] }) }, /clients\.json:1:\d+: clients\.1: site A stands there twice$/],
    ["a site for nothing", { topology: placed("idle.json", { replicas: ["A"], clients: ["B"] }) }, /idle\.json:1:\d+: sites\.2: site C has neither a replica nor clients; allowed is/],
    ["more replicas than sites for them", { topology: placed("few.json", { replicas: ["A"], clients: ["B", "C"] }), replicas: "2" }, /^--replicas 2: topology x has 1 sites for them/],
    ["a leader where only clients are", { topology: placed("led.json", { replicas: ["A"], clients: ["B", "C"] }), leader: "B" }, /^--leader B: allowed: a site \(A\) or a replica in 0\.\.0$/],
    ["clients elsewhere, in real time", { topology: placed("far.json", { clients: ["C"] }), transport: "inproc" }, /^--topology .*far\.json: says which sites have clients; allowed with --transport sim/],
    ["a topology that is no JSON", { topology: file("broken.json", '{"name": "x",\n "sites": [') }, /broken\.json:\d+:\d+: /],
    ["costs in real time", { transport: "tcp", costs: "ppm" }, /^--costs ppm: in tcp work takes what it takes; allowed with --transport sim$/],
    ["cores for work that takes none", { set: ["cores=2"] }, /^--set cores=2: without costs work takes no core; allowed with --costs$/],
    ["unknown costs", { costs: "free" }, /^--costs free: no such name or file; allowed: .*ppm, or a file$/],
    ["a cost below 0", { costs: file("below.yaml", "name: x\nsource: y\ncosts:\n  turn: -1\n") }, /below\.yaml:4:9: costs\.turn: a cost is at least 0 µs$/],
    ["half an input", { costs: file("half.yaml", "name: x\nsource: y\ncosts: { inputs: 0.5 }\n") }, /half\.yaml:3:\d+: costs\.inputs: allowed is a whole number of inputs, 0 for all that wait$/],
    ["a cost of something else", { costs: file("else.yaml", "name: x\nsource: y\ncosts: { coffee: 1 }\n") }, /else\.yaml:3:\d+: costs: no field coffee here; allowed: wake, turn, read, write, /],
    ["a protocol's cost that is text", { costs: file("words.yaml", "name: x\nsource: y\ncosts: {}\nprotocols: { raft: { send: much } }\n") }, /words\.yaml:4:\d+: protocols\.raft\.send: allowed is a number of µs$/],
    ["costs from nowhere", { costs: file("nowhere.yaml", "name: x\ncosts: {}\n") }, /nowhere\.yaml:1:1: source: allowed is a text$/],
    ["an unknown scenario", { scenario: "moon" }, /^--scenario moon: no such name or file; allowed: .*follower-crash, /],
    ["a scenario with another replica", { scenario: file("replica.yaml", "name: x\nsteps:\n  - { at: 1s, crash: 9 }\n") }, /replica\.yaml:3:\d+: steps\.0\.crash: no replica 9: allowed: all, leader, asked, follower, 0\.\.2/],
    ["a scenario with a time of no unit", { scenario: file("time.yaml", "name: x\nsteps:\n  - { at: 1, crash: 0 }\n") }, /time\.yaml:3:\d+: steps\.0\.at: 1 is no time/],
    ["a scenario with an unknown fault", { scenario: file("fault.yaml", "name: x\nsteps:\n  - { at: 1s, melt: 0 }\n") }, /fault\.yaml:3:\d+: steps\.0: /],
    ["a step without a fault", { scenario: file("idle.yaml", "name: x\nsteps:\n  - { at: 1s }\n") }, /idle\.yaml:3:\d+: steps\.0: a step has exactly one of crash, restart/],
    ["a crash of a thread", { transport: "inproc", scenario: "leader-crash" }, /^--scenario leader-crash: step 1, crash at 1000ms: inproc cannot do that; it can pause, cut, .*, heal$/],
    ["a restart without a journal", { transport: "tcp", scenario: "leader-crash" }, /^--scenario leader-crash: step 2, restart at 5000ms: .*; allowed with --durability wal or fsync$/],
    ["a wrong clock in real time", { transport: "tcp", scenario: file("clock.yaml", "name: late\nsteps:\n  - { at: 1s, heal: all }\n  - { at: 20ms, clock: { replica: 0, rate: 2 } }\n") }, /^--scenario late: step 2, clock at 20ms: tcp cannot do that; it can crash, restart, pause, cut, /],
    ["what a kill leaves", { transport: "tcp", scenario: file("torn.yaml", "name: torn\nsteps:\n  - { at: 1s, crash: { replica: 0, unsynced: torn } }\n") }, /^--scenario torn: step 1, crash at 1000ms: .*; allowed without unsynced, or with --transport sim$/],
    ["who was asked last, in real time", { transport: "tcp", scenario: file("asked.yaml", "name: asked\nsteps:\n  - { at: 1s, cut: [0, asked] }\n") }, /^--scenario asked: step 1, cut at 1000ms: .*; allowed: leader, follower, a number$/],
    ["a journal for threads", { transport: "inproc", durability: "fsync" }, /^--durability fsync: inproc keeps no journal/],
    ["a module without default export", { protocol: [file("empty.ts", "export const x = 1;")] }, /empty\.ts has no default export: a protocol is one$/],
  ];
  it.each(cases)("%s", async (_, given, message) => {
    const mistake: unknown = await planFor(given).catch((error: unknown) => error);
    expect(mistake).toBeInstanceOf(UsageError);
    expect((mistake as UsageError).message).toMatch(message);
    expect((mistake as UsageError).message).not.toContain("\n");
  });
});

describe("a plan", () => {
  it("gives one replica a site of the topology, and the first ones where fewer are asked for", async () => {
    expect((await planFor({ topology: "epaxos5-aws-2020" })).sites).toEqual(["CA", "VA", "EU", "OR", "JP"]);
    const three = await planFor({ topology: "epaxos5-aws-2020", replicas: "3", leader: "EU" });
    expect([three.sites, three.initialLeader, three.topology!.rttMs.length]).toEqual([["CA", "VA", "EU"], 2, 3]);
  });

  it("numbers sites with replicas first, and keeps those that have clients alone, however few replicas there are", async () => {
    const spread = placed("spread.json", { replicas: ["C", "A"], clients: ["B", "C"] });
    const { sites, replicas, topology: whole } = await planFor({ topology: spread });
    expect([sites, replicas, whole!.clients, whole!.rttMs]).toEqual([["C", "A", "B"], 2, [2, 0], [[0, 2, 1], [2, 0, 1], [1, 1, 0]]]);
    const one = await planFor({ topology: spread, replicas: "1" });
    expect([one.sites, one.replicas, one.topology!.clients, one.topology!.rttMs]).toEqual([["C", "B"], 1, [1, 0], [[0, 1], [1, 0]]]);
  });

  it("has a warm-up of a length, or one until throughput is steady, within a limit", async () => {
    const warmups = await Promise.all(["0s", "auto", "auto:5s"].map((warmup) => planFor({ warmup })));
    expect(warmups.map(({ warmup, untilSteady }) => [warmup, untilSteady])).toEqual([[0, false], [30_000_000, true], [5_000_000, true]]);
  });

  it("is a closed loop without a rate, else an open one", async () => {
    expect((await planFor()).openLoop).toBeNull();
    expect((await planFor({ rate: "0.5" })).openLoop).toEqual({ rate: 0.5, arrivals: "poisson", outstanding: 64 });
    expect((await planFor({ rate: "1000", set: ["arrivals=fixed", "outstanding=1"] })).openLoop).toEqual({ rate: 1000, arrivals: "fixed", outstanding: 1 });
  });

  it("has three replicas without a topology", async () => expect((await planFor()).replicas).toBe(3));

  it("has a topology with any transport; without a word only the simulator has one", async () => {
    const planned = await Promise.all(["sim", "inproc", "tcp"].map((transport) => planFor({ transport, topology: "epaxos5-aws-2020" })));
    expect(planned.map(({ topology, replicas }) => [topology!.name, replicas])).toEqual(Array.from({ length: 3 }, () => ["epaxos5-aws-2020", 5]));
    const silent = await Promise.all(["sim", "inproc", "tcp"].map((transport) => planFor({ transport })));
    expect(silent.map(({ topology }) => topology?.name)).toEqual(["lan", undefined, undefined]);
  });

  it("takes all protocols, lists and repeats, each once", async () => {
    const all = (await planFor({ protocol: ["all"] })).protocols.map(({ name }) => name);
    expect(all.length).toBeGreaterThanOrEqual(4);
    expect((await planFor({ protocol: ["raft,epaxos", "raft", "all"] })).protocols.map(({ name }) => name).sort()).toEqual(all.sort());
  });

  it("gives an option to whoever has it", async () => {
    const { protocols, workload, harness } = await planFor({ protocol: ["raft", "epaxos"], conflict: "0.7", set: ["retry=77", "valueBytes=9", "batch=5"] });
    expect(protocols.map(({ options }) => options["retry"])).toEqual([undefined, 77]);
    expect(workload.options).toEqual({ conflict: 0.7, keysPerCommand: 1, reads: 0, valueBytes: 9 });
    expect(harness.batch).toBe(5);
  });

  it("alternates protocols, and gives each repeat a seed of its own", async () => {
    const runs = runsOf(await planFor({ protocol: ["raft", "epaxos"], repeat: "2", seed: "40" }));
    expect(runs.map(({ protocol, seed, repeat }) => [protocol.name, seed, repeat])).toEqual([
      ["raft", 40, 0], ["epaxos", 40, 0], ["raft", 41, 1], ["epaxos", 41, 1],
    ]);
  });

  it("tells the command that replays a run, with the options that concern it", async () => {
    const plan = await planFor({ protocol: ["raft", "epaxos"], repeat: "2", topology: "epaxos5-aws-2020", set: ["retry=77", "preVote=true"] });
    expect(replayOf(plan, runsOf(plan)[3]!)).toBe(
      "paxbench run --protocol epaxos --seed 2 --transport sim --topology epaxos5-aws-2020 --leader 0 --clients 10 " +
        "--workload conflict --duration 10s --warmup 2s --durability none --set retry=77",
    );
  });
});
