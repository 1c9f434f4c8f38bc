/** The command as users start it: a process of its own, in a folder of its own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ResultFile } from "../../src/experiment/result.ts";
import { launcher, runNode, type Ended } from "../support/command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-cli-")));
afterAll(() => rmSync(folder, { recursive: true }));

/** `interruptAfter`: Ctrl-C after so many ms. */
const paxbench = (words: string, interruptAfter?: number): Promise<Ended> => runNode([launcher, ...words.split(" ")], folder, interruptAfter);

const resultIn = (path: string): ResultFile => JSON.parse(readFileSync(join(folder, path, "result.json"), "utf8")) as ResultFile;

const withoutEnvironment = ({ stdout }: Ended): string =>
  JSON.stringify(JSON.parse(stdout), (key, value: unknown) => (key === "environment" ? undefined : value));

const linesOn = (check: string, stdout: string): string[] => stdout.split("\n").filter((line) => line.includes(`${check}: `));

/** A protocol without agreement: every replica executes what arrives, when it arrives, and tells the others. */
const hearsay = (execute: string): string => `
  import { command, defineProtocol, uint, union } from "paxbench";
  const messages = union({ tell: { command } });
  export default defineProtocol({
    name: "hearsay", title: "Hearsay", summary: "no agreement at all", papers: [], messages, records: union({ none: { slot: uint } }),
    timers: [], options: {},
    create: (env, effects) => ({
      restore() {}, start() {}, onTimer() {}, status: () => ({}),
      onRequest(given) { effects.broadcast(env.others, { type: "tell", command: given }); ${execute} },
      onMessage(from, message) { const given = message.command; ${execute} },
    }),
  });`;

beforeAll(() => {
  writeFileSync(join(folder, "hearsay.mjs"), hearsay("effects.execute(given);"));
  writeFileSync(join(folder, "thrower.mjs"), hearsay('throw new TypeError("out of order");'));
});

describe("paxbench run", () => {
  const simulated = "run -p raft,epaxos --transport sim --topology epaxos5-aws-2020 --duration 2s --clients 2 --conflict 0.3";

  it("prints a table, and leaves a folder that results/latest links to", async () => {
    const { code, stdout, stderr } = await paxbench(simulated);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/simulated: all times are virtual/);
    expect(stdout).toMatch(/^raft +\d/m);
    expect(stdout).toMatch(/^nearest majority +59\.9/m);
    expect(readdirSync(join(folder, "results/latest")).sort()).toEqual(["findings.md", "histograms", "manifest.json", "plots", "report.html", "result.json", "runs.csv", "tables"]);
    expect(readdirSync(join(folder, "results/latest/plots"))).toContain("latency-by-site.png");
    expect(readdirSync(join(folder, "results/latest/histograms"))).toContain("1-epaxos-execute.hgrm");
    const { incomplete, runs } = resultIn("results/latest");
    expect([incomplete, runs.map(({ protocol }) => protocol)]).toEqual([false, ["raft", "epaxos"]]);
    const csv = readFileSync(join(folder, "results/latest/runs.csv"), "utf8").trim().split("\n");
    expect(csv.length).toBe(1 + 2 * (1 + 5));
  });

  it("gives the same bytes for the same seed, the environment aside", async () => {
    const [one, two, other] = await Promise.all([
      paxbench(`${simulated} --out one --json`),
      paxbench(`${simulated} --out two --json`),
      paxbench(`${simulated} --out other --json --seed 2`),
    ]);
    expect(withoutEnvironment(one)).toBe(withoutEnvironment(two));
    expect(withoutEnvironment(other)).not.toBe(withoutEnvironment(one));
    expect(JSON.parse(one.stdout)).toEqual(resultIn("one"));
  });

  it("says which faults a protocol's model excludes, on the terminal, in the result and on the page", async () => {
    writeFileSync(join(folder, "wipe.yaml"), "name: wiped\nsteps:\n  - { at: 50ms, wipe: follower }\n  - { at: 60ms, slow: { replica: 0, each: 1ms } }\n");
    const { code, stdout } = await paxbench("run -p omnipaxos --transport sim --scenario wipe.yaml --duration 200ms --clients 1 --out wiped");
    expect(code).toBe(0);
    expect(stdout).toMatch(/excluded by the protocol's model/);
    expect(stdout).toMatch(/^omnipaxos +1 × slow +1 × wipe /m);
    expect(resultIn("wiped").runs[0]!.faults).toMatchObject({ injected: { slow: 1 }, excluded: { wipe: 1 } });
    expect(readFileSync(join(folder, "wiped/report.html"), "utf8")).toContain("<td>1 × slow</td><td>1 × wipe</td>");
  });

  it("ends with 1 when a check fails, and says which, where and how to see it again", async () => {
    const { code, stdout } = await paxbench("run -p ./hearsay.mjs --transport sim --conflict 1 --duration 200ms --warmup 0s --clients 2 --out hearsay");
    expect(code).toBe(1);
    expect(stdout).toMatch(/ledger: key "hot" position \d+: replica \d executed \d+\.\d+, but replica \d executed \d+\.\d+ there before/);
    const replay = /replay: paxbench (.*)$/m.exec(stdout)![1]!;
    const again = await paxbench(`${replay} --out again`);
    expect(linesOn("ledger", again.stdout)).toEqual(linesOn("ledger", stdout));
    expect(resultIn("hearsay").runs[0]!.checks.ledger).toBe(false);
  });

  it("draws why a history is not linearizable, with lines as they are in its file", async () => {
    const { code, stdout } = await paxbench("run -p ./hearsay.mjs --transport sim --topology epaxos5-aws-2020 --workload mixed --duration 100ms --warmup 0s --clients 2 --history --out stale");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not linearizable, as a timeline: stale\/linearizability\.html$/m);
    expect(readFileSync(join(folder, "stale/report.html"), "utf8")).toContain('<a href="linearizability.html">');
    const checked = await paxbench("check stale/history.jsonl --html checked.html");
    expect(checked.code).toBe(1);
    expect(readFileSync(join(folder, "checked.html"), "utf8")).toBe(readFileSync(join(folder, "stale/linearizability.html"), "utf8"));
  });

  it("ends with 1 when a protocol throws in sim: the replica stops, and the run is judged", async () => {
    const { code, stdout } = await paxbench("run -p ./thrower.mjs --transport sim --duration 300ms --warmup 100ms --clients 1 --out thrown-sim");
    expect(code).toBe(1);
    expect(stdout).toMatch(/invariants.*replica 0 at \d+ µs: TypeError: out of order \(thrower\.mjs:\d+\)/);
    expect(resultIn("thrown-sim").runs[0]!.checks.invariants).toBe(false);
  });

  it.each(["inproc", "tcp"])("ends with 1 when a protocol throws in %s, and keeps the runs before it", async (transport) => {
    const out = `thrown-${transport}`;
    const { code, stderr } = await paxbench(`run -p raft,./thrower.mjs --transport ${transport} --duration 300ms --warmup 100ms --clients 1 --out ${out}`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^paxbench: hearsay: .*out of order/m);
    expect(stderr).toMatch(/thrower\.mjs:\d+/);
    expect(stderr).toMatch(/^replay: paxbench run --protocol \.\/thrower\.mjs /m);
    const { incomplete, runs } = resultIn(out);
    expect([incomplete, runs.map(({ protocol }) => protocol)]).toEqual([true, ["raft"]]);
  });

  it("ends with 130 when interrupted, with valid results marked incomplete", async () => {
    const { code } = await paxbench("run -p raft,epaxos --warmup 0s --duration 60s --clients 1 --out interrupted", 5000);
    expect(code).toBe(130);
    const { incomplete, runs } = resultIn("interrupted");
    expect(incomplete).toBe(true);
    for (const { completed, checks } of runs) expect([completed > 0, checks.converged]).toEqual([true, "unknown"]);
    expect(existsSync(join(folder, "interrupted/manifest.json"))).toBe(true);
  });

  const mistakes: readonly (readonly [string, RegExp])[] = [
    ["run", /^paxbench: .*protocol/],
    ["run -p nope", /^paxbench: unknown protocol "nope"/],
    ["run -p raft --conflict 1.5", /^paxbench: --conflict 1\.5: allowed/],
    ["run -p raft --speed 9", /^paxbench: no flag --speed/],
    ["run -p raft --out /proc/results", /^paxbench: --out \/proc\/results: cannot write there/],
    ["run -p raft --out .", /^paxbench: --out \.: the folder is not empty/],
    ["rnu -p raft", /^paxbench: no command rnu: there are /],
    ["list everything", /^paxbench: .*everything/],
  ];
  it.each(mistakes)("%s: one line, exit code 2", async (words, message) => {
    const { code, stdout, stderr } = await paxbench(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trim()).not.toContain("\n");
  });
});

describe("paxbench list", () => {
  it("tells what there is, with options and defaults", async () => {
    const { code, stdout } = await paxbench("list --json");
    const { protocols, topologies, scenarios, workloads } = JSON.parse(stdout) as Record<string, { name: string; options?: { name: string }[] }[]>;
    expect(code).toBe(0);
    expect(protocols!.map(({ name }) => name)).toEqual(["epaxos", "multipaxos", "omnipaxos", "raft"]);
    expect(protocols!.find(({ name }) => name === "raft")!.options!.map(({ name }) => name)).toContain("preVote");
    expect(topologies!.map(({ name }) => name)).toEqual(expect.arrayContaining(["lan", "epaxos5-aws-2020", "fantoch-gcp-20"]));
    expect(scenarios!.map(({ name }) => name)).toContain("leader-crash");
    expect(workloads!.map(({ name }) => name)).toContain("conflict");
  });
});
