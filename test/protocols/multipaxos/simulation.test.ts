/** Whole runs in virtual time, faults included: no judge objects, nothing is left open, all replicas end alike. */
import { millisecond, second } from "paxbench";
import { describe, expect, test } from "vitest";
import multipaxos from "../../../protocols/multipaxos/index.ts";
import { summarize } from "../../../src/measure/latency.ts";
import type { Fault, Scenario } from "../../../src/faults/scenario.ts";
import type { SimulationOutcome } from "../../../src/sim/simulation.ts";
import { nearestFirst, roundTrip, type Topology } from "../../../src/network/topology.ts";
import { simulateProtocol, traceOf, type TestRun } from "paxbench/testing";

const scenario = (...steps: readonly (readonly [seconds: number, fault: Fault])[]): Scenario => ({
  name: "test",
  summary: "",
  steps: steps.map(([seconds, fault]) => ({ at: seconds * second, fault })),
});

const cutBoth = (at: number, pairs: readonly (readonly [number, number])[]) =>
  pairs.flatMap(([a, b]) => [[at, { type: "cut", from: a, to: b }], [at, { type: "cut", from: b, to: a }]] as const);

const expectSound = ({ violations, unknown, executedCommands, recorder }: SimulationOutcome): void => {
  expect(violations).toEqual([]);
  expect(unknown).toBe(0);
  expect(recorder.counts.completed).toBeGreaterThan(0);
  expect(new Set(executedCommands).size, `commands executed: ${executedCommands.join()}`).toBe(1);
  expect(executedCommands[0]).toBeGreaterThan(0);
};

const rough = { jitter: 5 * millisecond, sync: 500 };

describe("without faults the first leader leads to the end", () => {
  test.each([
    { replicas: 3 },
    { replicas: 5 },
    { replicas: 7 },
    { replicas: 3, ...rough },
    { replicas: 5, ...rough, initialLeader: 3 },
    { replicas: 7, ...rough, clientsPerSite: 20, conflict: 1 },
  ] satisfies TestRun[])("%o", (run) => {
    const outcome = simulateProtocol(multipaxos, run);
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBe(0);
    expect(outcome.recorder.counts.longestStall).toBeLessThan(100 * millisecond);
  });

  test("a command costs an accept, a vote and a decision a follower, and a forward where it arrived elsewhere", () => {
    const { recorder } = simulateProtocol(multipaxos, { replicas: 3, clientsPerSite: 10, duration: 5 * second });
    const { messages, completed } = recorder.counts;
    const heartbeats = 2 * 50;
    // A decision may cover several slots: at most 3 messages for each of two followers, and 2/3 of a forward.
    expect((messages - heartbeats) / completed).toBeLessThanOrEqual(6.67);
    expect((messages - heartbeats) / completed).toBeGreaterThan(4.6);
  });
});

describe("latency", () => {
  /** Round trips in ms between five sites far apart; asymmetric. */
  const world: Topology = {
    name: "world",
    sites: ["CA", "VA", "EU", "OR", "JP"],
    rttMs: [
      [0, 60, 141, 21, 112],
      [62, 0, 79, 68, 167],
      [141, 79, 0, 125, 224],
      [21, 70, 125, 0, 96],
      [112, 167, 224, 98, 0],
    ],
  };

  test.each([0, 2, 4])("is the round trip to the leader, at site %i, and the leader's to the farthest of its nearest majority", (leader) => {
    const { recorder, violations } = simulateProtocol(multipaxos, {
      topology: world, replicas: 5, initialLeader: leader, duration: 10 * second,
    });
    const majority = roundTrip(world, leader, nearestFirst(world, 5, leader)[2]!);
    for (const site of world.sites.keys()) {
      const expected = (roundTrip(world, site, leader) + majority) / millisecond;
      for (const kind of ["commit", "execute", "response"] as const) {
        const { p50 } = summarize(recorder.histogram(kind, site));
        expect(Math.abs(p50 - expected) / expected, `${kind} at ${world.sites[site]}: ${p50}, not ${expected}`).toBeLessThan(0.01);
      }
    }
    expect(violations).toEqual([]);
  });
});

const seeds = [1, 2, 3, 4, 5];

describe("the leader crashes and returns", () => {
  test.each(seeds.flatMap((seed) => [3, 5, 7].map((replicas) => ({ seed, replicas }))))("%o", (run) => {
    const outcome = simulateProtocol(multipaxos, {
      ...run, ...rough, duration: 8 * second,
      scenario: scenario([1, { type: "crash", replica: "leader" }], [5, { type: "restart", replica: "all" }]),
    });
    expectSound(outcome);
    const { leaderChanges, longestStall } = outcome.recorder.counts;
    expect(leaderChanges).toBeGreaterThanOrEqual(1);
    // Silence for up to twice the election timeout, or clients that wait for a reply of the dead for theirs.
    expect(longestStall).toBeGreaterThan(0.9 * second);
    expect(longestStall).toBeLessThan(3 * second);
  });
});

describe("a follower crashes and returns, and nobody waits for it", () => {
  test.each(seeds)("seed %i", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, ...rough, replicas: 5, duration: 8 * second,
      scenario: scenario([1, { type: "crash", replica: "follower" }], [4, { type: "restart", replica: "all" }]),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBe(0);
    expect(outcome.recorder.counts.longestStall).toBeLessThan(200 * millisecond);
  });
});

/** Three replicas go down together, and come back. */
const blackout = (at: number) => [
  ...[0, 1, 2].map((replica) => [at, { type: "crash", replica }] as const),
  [at + 0.1, { type: "restart", replica: "all" }] as const,
];

describe("what clients were told stands", () => {
  test.each(seeds)("when all crash at once while their disks write, twice (seed %i)", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, sync: 8 * millisecond, jitter: 3 * millisecond, clientsPerSite: 10, conflict: 1, duration: 8 * second,
      scenario: scenario(...blackout(1), ...blackout(4)),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(2);
  });

  test.each(seeds)("when one replica after the other crashes and returns (seed %i)", (seed) => {
    const steps = [0, 1, 2, 3, 4].flatMap((replica) => [
      [1 + 3 * replica, { type: "crash", replica }] as const,
      [3 + 3 * replica, { type: "restart", replica }] as const,
    ]);
    const outcome = simulateProtocol(multipaxos, { seed, ...rough, replicas: 5, duration: 18 * second, scenario: scenario(...steps) });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
  });
});

describe("links are cut and healed", () => {
  test.each(seeds)("around the leader: another one leads meanwhile (seed %i)", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, ...rough, replicas: 5, duration: 10 * second,
      scenario: scenario([1, { type: "isolate", replica: "leader" }], [6, { type: "heal" }]),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
    expect(outcome.recorder.counts.longestStall).toBeLessThan(3 * second);
  });

  test.each(seeds)("around a follower, which catches up (seed %i)", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, ...rough, replicas: 5, duration: 10 * second, clientsPerSite: 20,
      scenario: scenario([1, { type: "isolate", replica: "follower" }], [6, { type: "heal" }]),
    });
    expectSound(outcome);
    // Its ballots rose meanwhile: when it returns, somebody has to be elected.
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
  });

  test.each(seeds)("between a minority with the leader and a majority without (seed %i)", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, ...rough, replicas: 5, duration: 10 * second, clientsPerSite: 5, conflict: 1,
      scenario: scenario(...cutBoth(1, [[0, 2], [0, 3], [0, 4], [1, 2], [1, 3], [1, 4]]), [5, { type: "heal" }]),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
  });

  test.each(seeds)("one way, from the leader to a follower (seed %i)", (seed) => {
    const outcome = simulateProtocol(multipaxos, {
      seed, ...rough, replicas: 3, duration: 10 * second,
      scenario: scenario([1, { type: "cut", from: "leader", to: "follower" }], [5, { type: "heal" }]),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1); // the follower hears no leader
  });
});

const eventful = (seed: number): TestRun => ({
  ...rough, seed, duration: 4 * second,
  scenario: scenario([1, { type: "crash", replica: "leader" }], [2.5, { type: "restart", replica: "all" }]),
});

const countsOf = (seed: number) => {
  const { recorder, executedCommands, events } = simulateProtocol(multipaxos, eventful(seed));
  return { counts: recorder.counts, executedCommands, events };
};

describe("a run with crashes, jitter and slow disks", () => {
  test("is the same with the same seed: every message, every count; and another with another", () => {
    const trace = traceOf(multipaxos, eventful(1));
    expect(trace.length).toBeGreaterThan(500);
    expect(traceOf(multipaxos, eventful(1))).toEqual(trace);
    expect(traceOf(multipaxos, eventful(2))).not.toEqual(trace);
    expect(countsOf(1)).toEqual(countsOf(1));
    expect(countsOf(2)).not.toEqual(countsOf(1));
  });
});
