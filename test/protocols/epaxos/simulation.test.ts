/** Whole runs in virtual time, faults included: no judge objects, nothing is left open, all replicas end alike. */
import { createRandom, millisecond, second, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import epaxos from "../../../protocols/epaxos/index.ts";
import aws from "../../../src/experiment/topologies/epaxos5-aws-2020.json" with { type: "json" };
import { Reader } from "../../../src/core/bytes.ts";
import { summarize } from "../../../src/measure/latency.ts";
import type { Scenario, Step } from "../../../src/faults/scenario.ts";
import type { SimulationOutcome } from "../../../src/sim/simulation.ts";
import { nearestFirst, roundTrip } from "../../../src/network/topology.ts";
import { settingsFor, simulateProtocol, type TestRun } from "paxbench/testing";

const scenario = (...steps: readonly Step[]): Scenario => ({ name: "test", summary: "faults of one test", steps });

const cut = (at: number, from: ReplicaId, to: ReplicaId): Step => ({ at, fault: { type: "cut", from, to } });

/** What must be so at the end of every run, and what was so. */
const sound = { violations: [], unknown: 0, executedAlike: true, executedAny: true };
const verdictOf = ({ violations, unknown, executedCommands }: SimulationOutcome): typeof sound => ({
  violations: [...violations] as [],
  unknown,
  executedAlike: new Set(executedCommands).size === 1,
  executedAny: executedCommands[0]! > 0,
});

const fastRate = ({ recorder: { counts } }: SimulationOutcome): number => counts.fast / (counts.fast + counts.slow);

describe("without faults", () => {
  const ways: readonly TestRun[] = [{}, { jitter: 30 * millisecond }, { sync: 500 }, { jitter: 5 * millisecond, sync: 500, clientsPerSite: 20 }];
  const runs = [1, 2, 3, 4, 5, 6, 7].flatMap((replicas) =>
    [0, 0.3, 1].flatMap((conflict) => ways.map((way): TestRun => ({ ...way, replicas, conflict }))));

  test.each(runs)("%o", (run) => {
    const outcome = simulateProtocol(epaxos, run);
    expect(verdictOf(outcome)).toEqual(sound);
    expect(fastRate(outcome)).toBeGreaterThanOrEqual(run.replicas! <= 3 || run.conflict === 0 ? 1 : 0);
  });
});

describe("§4.4 the fast path", () => {
  const far: TestRun = { topology: aws, replicas: 5, clientsPerSite: 10, duration: 10 * second };

  test("of three replicas it is always taken", () => {
    for (const conflict of [0, 0.3, 1]) expect(fastRate(simulateProtocol(epaxos, { ...far, replicas: 3, conflict }))).toBe(1);
  });

  test("of five it is taken the less often the more commands interfere", () => {
    const rates = [0, 0.02, 0.1, 0.3, 1].map((conflict) => fastRate(simulateProtocol(epaxos, { ...far, conflict })));
    expect(rates[0]).toBe(1);
    expect(rates).toEqual(rates.toSorted((a, b) => b - a));
    expect(new Set(rates).size).toBe(rates.length);
    expect(rates.at(-1)).toBeLessThan(0.3);
  });
});

describe("latency", () => {
  test("without interference a client waits the round trip to the farthest replica of its site's fast quorum", () => {
    const outcome = simulateProtocol(epaxos, { topology: aws, replicas: 5, conflict: 0, clientsPerSite: 1, duration: 10 * second });
    const published = [59.9, 70.5, 127.3, 72.5, 111.7];
    for (const site of aws.sites.keys()) {
      const expected = roundTrip(aws, site, nearestFirst(aws, 5, site)[2]!) / millisecond;
      expect(Math.abs(expected - published[site]!)).toBeLessThan(0.1);
      for (const kind of ["commit", "execute", "response"] as const) {
        const { p50 } = summarize(outcome.recorder.histogram(kind, site));
        expect(Math.abs(p50 - expected) / expected, `${kind} at ${aws.sites[site]}: ${p50}, not ${expected}`).toBeLessThan(0.005);
      }
    }
    expect(verdictOf(outcome)).toEqual(sound);
  });

  test("commit and execution are reported apart: when all interfere, execution comes later", () => {
    const { recorder } = simulateProtocol(epaxos, { topology: aws, replicas: 5, conflict: 1, clientsPerSite: 10, duration: 10 * second });
    const medians = (kind: "commit" | "execute"): number[] => [...aws.sites.keys()].map((site) => summarize(recorder.histogram(kind, site)).p50);
    const [commit, execute] = [medians("commit"), medians("execute")];
    for (const site of aws.sites.keys()) expect(execute[site]!).toBeGreaterThanOrEqual(commit[site]!);
    // From where the others are near, most commands commit before those that they come after.
    expect(execute[0]! / commit[0]!).toBeGreaterThan(1.2);
  });
});

/** Crashes of no more than are tolerated, restarts, cuts, isolations, one after the other; at the end all is well again, or not. */
const randomRun = (seed: number): TestRun => {
  const random = createRandom(seed, "random faults");
  const replicas = [3, 5, 7, 4, 3, 5, 6][random.below(7)]!;
  const down = new Set<ReplicaId>();
  const steps: Step[] = [];
  let at = 0.2 * second;
  for (let count = 3 + random.below(8); count > 0; count--) {
    at += random.below(900 * millisecond);
    const replica = random.below(replicas);
    const kind = random.below(6);
    if (kind <= 1 && down.size < Math.floor((replicas - 1) / 2)) {
      down.add(replica);
      steps.push({ at, fault: { type: "crash", replica } });
    } else if (kind === 2) {
      down.clear();
      steps.push({ at, fault: { type: "restart", replica: "all" } });
    } else if (kind === 3) steps.push(cut(at, replica, random.below(replicas)));
    else steps.push({ at, fault: kind === 4 ? { type: "isolate", replica } : { type: "heal" } });
  }
  if (random.below(3) > 0) steps.push({ at: at + 400 * millisecond, fault: { type: "restart", replica: "all" } });
  return {
    replicas, seed, conflict: [0.05, 0.3, 1][random.below(3)]!, clientsPerSite: 1 + random.below(3), jitter: random.below(20 * millisecond),
    sync: random.below(3) === 0 ? 0 : random.below(8 * millisecond), duration: at + second, warmup: 0,
    requestTimeout: 600 * millisecond, options: { retry: "200" }, scenario: scenario(...steps),
  };
};

describe("faults", () => {
  const preAcceptTag = 0;

  /**
   * When, in a run without faults, the first PreAccept of `replica` after the given time leaves: at that moment its own
   * vote is durable. Shortly before, with one client at its site, the replica has no instance that anybody knows of.
   */
  const firstPreAccept = (replica: ReplicaId, run: TestRun, after: number): number => {
    let at = 0;
    simulateProtocol(epaxos, run, {
      sent(now, from, _to, frame) {
        if (at === 0 && from === replica && now > after && frame[0] === preAcceptTag) at = now;
      },
    });
    return at;
  };

  test("the row of PreAccept in the table of messages", () => {
    expect(epaxos.messages.read(new Reader(Uint8Array.of(preAcceptTag, 0, 0, 0, 0, 0, 0, 0, 0, 0)))).toMatchObject({ type: "preAccept" });
  });

  const crashes = [3, 5].flatMap((replicas) => [0.3, 1].flatMap((conflict) => [1, 2, 3].map((seed) => ({ replicas, conflict, seed }))));

  test.each(crashes)("a replica without open instances crashes; it returns and catches up (%o)", (given) => {
    const run: TestRun = { ...given, clientsPerSite: 1, sync: 500, duration: 8 * second };
    const crashed = given.replicas - 1;
    const at = firstPreAccept(crashed, run, settingsFor(epaxos, run).warmup + second) - 250 - settingsFor(epaxos, run).warmup;
    expect(at).toBeGreaterThan(second / 2);
    const crash: Step = { at, fault: { type: "crash", replica: crashed } };
    const restart: Step = { at: at + 3 * second, fault: { type: "restart", replica: crashed } };
    const outcome = simulateProtocol(epaxos, { ...run, scenario: scenario(crash, restart) });
    expect(verdictOf(outcome)).toEqual(sound);
    // Others choose another fast quorum once their link is down: they lose a retry time at most, and not again and again.
    expect(outcome.recorder.counts.completed).toBeGreaterThan(100 * (given.replicas - 1));
  });

  const cuts = [3, 5, 7].flatMap((replicas) => [0, 0.3, 1].flatMap((conflict) => [1, 2].map((seed) => ({ replicas, conflict, seed }))));

  test.each(cuts)("a replica is cut off and returns (%o)", (given) => {
    const outcome = simulateProtocol(epaxos, {
      ...given, jitter: 5 * millisecond, sync: 500, clientsPerSite: 5, duration: 6 * second,
      scenario: scenario({ at: second, fault: { type: "isolate", replica: 1 } }, { at: 4 * second, fault: { type: "heal" } }),
    });
    expect(verdictOf(outcome)).toEqual(sound);
    expect(outcome.recorder.counts.slow).toBeGreaterThan(0);
  });

  test.each(cuts)("single links fail, one way (%o)", (given) => {
    const outcome = simulateProtocol(epaxos, {
      ...given, jitter: 5 * millisecond, clientsPerSite: 5, duration: 6 * second,
      scenario: scenario(cut(second, 0, 1), cut(1.5 * second, 2, 0), cut(2 * second, 1, 2), { at: 4 * second, fault: { type: "heal" } }),
    });
    expect(verdictOf(outcome)).toEqual(sound);
  });

  const leaderCrashes = [3, 5, 7].flatMap((replicas) => [0, 4 * millisecond].flatMap((sync) =>
    [true, false].flatMap((returns) => [0.3, 1].map((conflict, i) => ({ replicas, sync, returns, conflict, seed: 1 + i })))));

  test.each(leaderCrashes)("a command leader crashes with open instances; others finish them (%o)", ({ returns, ...given }) => {
    const crash: Step = { at: second, fault: { type: "crash", replica: 1 } };
    const restart: Step = { at: 2.5 * second, fault: { type: "restart", replica: 1 } };
    const outcome = simulateProtocol(epaxos, {
      ...given, jitter: 5 * millisecond, clientsPerSite: 3, duration: 5 * second, options: { retry: "200" },
      scenario: returns ? scenario(crash, restart) : scenario(crash),
    });
    expect(outcome.violations).toEqual([]);
    expect(outcome.unknown).toBe(0);
    const alike = outcome.executedCommands.filter((_, replica) => returns || replica !== 1);
    expect(new Set(alike).size).toBe(1);
    // The others' clients go on.
    expect(outcome.recorder.counts.completed).toBeGreaterThan(100 * (given.replicas - 1));
  });

  test.each([1, 11, 21, 31])("random faults, ten seeds from %i", (first) => {
    for (let seed = first; seed < first + 10; seed++) {
      const { violations, unknown } = simulateProtocol(epaxos, randomRun(seed));
      expect({ violations, unknown }, `seed ${seed}: ${JSON.stringify(randomRun(seed))}`).toEqual({ violations: [], unknown: 0 });
    }
  });
});
