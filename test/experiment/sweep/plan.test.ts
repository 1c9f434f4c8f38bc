import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { UsageError } from "paxbench";
import type { RunFlags } from "../../../src/experiment/plan.ts";
import { loadPlan, planNames, planSummary } from "../../../src/experiment/sweep/plan-file.ts";
import { planSweep, sweepJobs } from "../../../src/experiment/sweep/plan.ts";
import { flagsOf } from "../../support/flags.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-sweep-"));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
const file = (text: string): string => {
  const path = join(folder, `plan${files++}.yaml`);
  writeFileSync(path, text);
  return path;
};

/** `typed`: what the command line has, beside --vary and --plan. */
const planned = (vary: readonly string[], typed: Partial<RunFlags> = {}, plan?: string) =>
  planSweep({ flags: flagsOf({ ...(plan === undefined ? {} : { protocol: [], transport: undefined }), ...typed }), typed: new Set(Object.keys(typed)), vary, plan }, folder);

it("live runs go round all points, protocols alternating, before any is repeated", async () => {
  const jobs = sweepJobs(await planned(["conflict=0,1"], { protocol: ["raft,epaxos"], repeat: "2" }));
  expect(jobs.map(({ index, run, varied }) => [index, run.repeat, varied["conflict"], run.protocol.name, run.seed])).toEqual([
    [0, 0, 0, "raft", 1], [1, 0, 0, "epaxos", 1], [2, 0, 1, "raft", 1], [3, 0, 1, "epaxos", 1],
    [4, 1, 0, "raft", 2], [5, 1, 0, "epaxos", 2], [6, 1, 1, "raft", 2], [7, 1, 1, "epaxos", 2],
  ]);
});

it("any flag and any option varies; protocols that vary are run at every point", async () => {
  const { axes, points } = await planned(["protocol=raft,epaxos", "replicas=1,3", "topology=lan", "heartbeat=20,50"]);
  expect(axes.map(({ key }) => key)).toEqual(["replicas", "topology", "heartbeat"]);
  expect(points.map(({ plan }) => [plan.replicas, plan.topology!.name, plan.protocols.map(({ name }) => name), plan.protocols[0]!.options["heartbeat"]])).toEqual([
    [1, "lan", ["raft", "epaxos"], 20], [1, "lan", ["raft", "epaxos"], 50], [3, "lan", ["raft", "epaxos"], 20], [3, "lan", ["raft", "epaxos"], 50],
  ]);
});

describe("a plan that is written down", () => {
  const text = "name: mine\nrun:\n  protocol: [raft, epaxos]\n  transport: sim\n  set: { batch: 8, jitter: 5 }\nvary:\n  conflict: [0, 0.5]\n  clients: 1..3\n";

  it("has flags, settings, lists and ranges", async () => {
    const { name, points } = await planned([], {}, file(text));
    expect([name, points.length]).toEqual(["mine", 6]);
    expect(points[5]!.varied).toEqual({ conflict: 0.5, clients: 3 });
    expect(points[5]!.plan).toMatchObject({ transport: "sim", clientsPerSite: 3, harness: { batch: 8, jitter: 5 } });
  });

  it.each<[string, readonly string[], Partial<RunFlags>, readonly object[]]>([
    ["a flag that the plan sets", [], { protocol: ["raft"], clients: "7" }, [{ conflict: 0 }, { conflict: 0.5 }]],
    ["a flag that it varies", [], { conflict: "1", clients: "2" }, [{}]],
    ["an option that it sets", ["batch=1,2"], { conflict: "1", clients: "2" }, [{ batch: 1 }, { batch: 2 }]],
    ["other values of what varies", ["clients=9"], {}, [{ conflict: 0, clients: 9 }, { conflict: 0.5, clients: 9 }]],
  ])("what is typed stands above it: %s", async (_, vary, typed, varied) => {
    expect((await planned(vary, typed, file(text))).points.map((point) => point.varied)).toEqual(varied);
  });
});

describe("a mistake is told in one line, before anything runs", () => {
  it.each<[string, readonly string[], Partial<RunFlags>, RegExp]>([
    ["nothing varies", [], {}, /^--vary is missing: allowed is KEY=LIST, .*, or --plan NAME\|FILE$/],
    ["a key twice", ["clients=1", "clients=2"], {}, /^--vary clients=2: clients is given twice$/],
    ["a key that is a flag too", ["clients=1,2"], { clients: "3" }, /^--vary clients=1,2: clients is given twice$/],
    ["a key that is a setting too", ["batch=1,2"], { set: ["batch=3"] }, /^--vary batch=1,2: batch is given twice$/],
    ["a value of a later point", ["clients=1,2", "conflict=0,2"], {}, /^point clients=1 conflict=2: --conflict 2: allowed is a number in 0\.\.1$/],
    ["an option's value", ["heartbeat=20,soon"], {}, /^point heartbeat=soon: raft: heartbeat=soon: allowed is milliseconds/],
    ["a key that nobody knows", ["clint=1,2"], {}, /^point clint=1: no flag or option clint; allowed: protocol, workload, .*clients, .*batch, /],
    ["points that don't go together", ["replicas=3,7"], { topology: "epaxos5-aws-2020" }, /^point replicas=7: --replicas 7: topology epaxos5-aws-2020 has 5 sites/],
    ["too many", ["seed=1..1000", "clients=1..30"], {}, /^the sweep has 30000 runs of each protocol: allowed are 10000$/],
  ])("%s", async (_, vary, typed, complaint) => {
    await expect(planned(vary, typed)).rejects.toThrow(UsageError);
    await expect(planned(vary, typed)).rejects.toThrow(complaint);
  });

  const head = "name: x\nrun:\n  protocol: raft\n  transport: sim\n";
  it.each<[string, string, RegExp]>([
    ["nothing", "", /:1:1: is no mapping of fields; allowed: name, summary, run, vary$/],
    ["no name", "vary: {}\n", /:1:1: name: is missing: allowed is a text$/],
    ["nothing that varies", "name: x\n", /:1:1: vary: is missing: allowed is a mapping of names to values$/],
    ["a field too many", `${head}very: {}\nvary: {}\n`, /:5:7: no field very here; allowed/],
    ["a flag that is none", "name: x\nrun:\n  protcol: raft\nvary: {}\n", /:3:12: run: no field protcol here; allowed: protocol, /],
    ["a list that is none", `${head}vary:\n  conflict: []\n`, /:6:13: vary\.conflict: allowed is a list with at least one value$/],
    ["a value that is none", `${head}vary:\n  conflict: [0, {}]\n`, /:6:17: vary\.conflict\.1: allowed is a text, a number, true or false$/],
    ["a value twice", `${head}vary:\n  conflict: [0, 0]\n`, /:6:13: vary\.conflict: 0 stands there twice$/],
    ["a range that falls", `${head}vary:\n  clients: 8..1\n`, /:6:12: vary\.clients: range 8\.\.1: allowed/],
    ["what cannot vary", `${head}vary:\n  repeat: [1, 2]\n`, /:6:11: vary\.repeat: repeat has one value for all points/],
    ["a value that is not allowed", `${head}vary:\n  clients: [1]\n  conflict: [0, 2]\n`, /:7:13: point clients=1 conflict=2: --conflict 2: allowed is a number in 0\.\.1$/],
    ["an option that nobody has", `${head}vary:\n  clint: [0, 2]\n`, /:6:10: point clint=0: no flag or option clint; allowed/],
    ["a protocol that is not there", "name: x\nrun:\n  protocol: rafft\n  transport: sim\nvary:\n  clients: [1]\n", /:3:13: point clients=1: unknown protocol "rafft"/],
    ["a setting's value", `${head}  set:\n    batch: many\nvary:\n  clients: [1]\n`, /:6:12: point clients=1: run: batch=many: allowed is a whole number/],
    ["YAML that is none", `${head}vary:\n\tclients: 1\n`, /:6:1: Tabs are not allowed/],
  ])("in a file: %s", async (_, text, complaint) => {
    await expect(planned([], {}, file(text))).rejects.toThrow(complaint);
  });

  it("a plan that is not there", () => {
    expect(() => loadPlan("nope")).toThrow(/^--plan nope: no such name or file; allowed: .*conflict-rate, .*, or a file$/);
  });
});

it.each(planNames())("the plan %s can be run, and says what it is", async (name) => {
  const { points } = await planned([], {}, name);
  expect(points.length).toBeGreaterThan(5);
  expect(points.every(({ plan }) => plan.protocols.length >= 4)).toBe(true);
  expect(planSummary(name)).toMatch(/^[^\n]{20,130}$/);
});
