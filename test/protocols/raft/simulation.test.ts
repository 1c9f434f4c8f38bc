/** Whole runs in virtual time, faults included: no judge objects, nothing is left open, all replicas end alike. */
import { createRandom, millisecond, second } from "paxbench";
import { describe, expect, test } from "vitest";
import raft from "../../../protocols/raft/index.ts";
import { summarize } from "../../../src/measure/latency.ts";
import type { Scenario, Step, Target } from "../../../src/faults/scenario.ts";
import type { SimulationOutcome } from "../../../src/sim/simulation.ts";
import { nearestFirst, roundTrip, type Topology } from "../../../src/network/topology.ts";
import { settingsFor, simulateProtocol, type TestRun } from "paxbench/testing";

const scenario = (...steps: readonly Step[]): Scenario => ({ name: "test", steps });
const cut = (at: number, pairs: readonly (readonly [number, number])[]): Step[] =>
  pairs.flatMap(([a, b]) => [
    { at, fault: { type: "cut", from: a, to: b } },
    { at, fault: { type: "cut", from: b, to: a } },
  ]);
const isolate = (at: number, replica: Target): Step => ({ at, fault: { type: "isolate", replica } });
const heal = (at: number): Step => ({ at, fault: { type: "heal" } });

const expectSound = ({ violations, unknown, executedCommands, recorder }: SimulationOutcome): void => {
  expect(violations).toEqual([]);
  expect(unknown).toBe(0);
  expect(recorder.counts.completed).toBeGreaterThan(0);
  expect(new Set(executedCommands).size, `commands executed: ${executedCommands.join(", ")}`).toBe(1);
  expect(executedCommands[0]).toBeGreaterThan(0);
};

const both = { preVote: "true", checkQuorum: "true" };

describe("without faults", () => {
  test.each([
    { replicas: 1, sync: 500 },
    { replicas: 2 },
    { replicas: 3 },
    { replicas: 5 },
    { replicas: 7 },
    { replicas: 5, jitter: 30 * millisecond },
    { replicas: 3, sync: 500 },
    { replicas: 5, jitter: 5 * millisecond, sync: 500, clientsPerSite: 20, conflict: 1 },
    { replicas: 5, options: both },
  ] satisfies TestRun[])("%o", (run) => {
    const outcome = simulateProtocol(raft, run);
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBe(0);
  });
});

describe("latency", () => {
  /** Round trips in ms between five sites far apart, asymmetric as measured links are. */
  const world: Topology = {
    name: "world",
    sites: ["CA", "VA", "EU", "OR", "JP"],
    rttMs: [
      [0, 60, 141, 21, 112],
      [60, 0, 79, 68, 167],
      [141, 79, 0, 125, 224],
      [21, 68, 125, 0, 96],
      [112, 167, 224, 96, 0],
    ],
  };

  test.each([0, 2, 4])("a client waits the round trip to the leader at site %i and the leader's to its majority", (leader) => {
    const { recorder, violations } = simulateProtocol(raft, { topology: world, replicas: 5, initialLeader: leader, duration: 10 * second });
    const majorityRtt = roundTrip(world, leader, nearestFirst(world, 5, leader)[2]!);
    for (const site of world.sites.keys()) {
      const expected = (roundTrip(world, site, leader) + majorityRtt) / millisecond;
      for (const kind of ["commit", "execute", "response"] as const) {
        const { p50 } = summarize(recorder.histogram(kind, site));
        expect(Math.abs(p50 - expected) / expected, `${kind} at ${world.sites[site]}: ${p50}, not ${expected}`).toBeLessThan(0.01);
      }
    }
    expect(violations).toEqual([]);
  });
});

describe("crashes", () => {
  const seeds = [1, 2, 3, 4, 5];

  test.each(seeds.flatMap((seed) => [{ seed, options: {} }, { seed, options: both }]))(
    "the leader crashes, another is elected; it returns and catches up (%o)",
    (run) => {
      const crash: Step = { at: second, fault: { type: "crash", replica: "leader" } };
      const restart: Step = { at: 6 * second, fault: { type: "restart", replica: "all" } };
      const outcome = simulateProtocol(raft, {
        ...run, replicas: 5, sync: 500, jitter: 5 * millisecond, duration: 10 * second, scenario: scenario(crash, restart),
      });
      expectSound(outcome);
      expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
    },
  );

  test.each(seeds)("all crash at once, in the middle of writing to their disks; what clients were told stands (seed %i)", (seed) => {
    const steps = [1, 4].flatMap((at): Step[] => [
      ...[0, 1, 2].map((replica): Step => ({ at: at * second, fault: { type: "crash", replica } })),
      { at: (at + 0.1) * second, fault: { type: "restart", replica: "all" } },
    ]);
    const outcome = simulateProtocol(raft, {
      seed, sync: 8 * millisecond, jitter: 3 * millisecond, clientsPerSite: 10, conflict: 1, duration: 8 * second, scenario: scenario(...steps),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(2);
  });

  test.each(seeds)("one replica after the other crashes and returns (seed %i)", (seed) => {
    const steps = [0, 1, 2, 3, 4].flatMap((replica): Step[] => [
      { at: (1 + 3 * replica) * second, fault: { type: "crash", replica } },
      { at: (3 + 3 * replica) * second, fault: { type: "restart", replica } },
    ]);
    const outcome = simulateProtocol(raft, {
      seed, replicas: 5, sync: 500, jitter: 10 * millisecond, duration: 18 * second, scenario: scenario(...steps),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
  });
});

test.each(Array.from({ length: 16 }, (_, i) => i + 1))("links, leaders and whole clusters fail at random (seed %i)", (seed) => {
  const random = createRandom(seed, "faults");
  const replicas = 3 + 2 * random.below(2);
  const at = (): number => random.below(10 * second);
  const steps = Array.from({ length: 20 }, (): Step[] => {
    const from = random.below(replicas);
    const start = at();
    switch (random.below(5)) {
      case 0:
        return [{ at: start, fault: { type: "crash", replica: "leader" } }];
      case 1:
        return [{ at: start, fault: { type: "crash", replica: from } }, { at: start, fault: { type: "crash", replica: (from + 1) % replicas } }];
      case 2:
        return [{ at: start, fault: { type: "restart", replica: "all" } }, heal(start)];
      case 3:
        return cut(start, [[from, (from + 1) % replicas], [from, (from + 2) % replicas]]);
      default:
        return [{ at: start, fault: { type: "cut", from, to: (from + 1 + random.below(replicas - 1)) % replicas } }];
    }
  });
  const end: Step[] = [{ at: 11 * second, fault: { type: "restart", replica: "all" } }, heal(11 * second)];
  const { violations, unknown, recorder } = simulateProtocol(raft, {
    seed, replicas, options: seed % 2 === 0 ? both : {}, clientsPerSite: 4, conflict: 0.7, requestTimeout: second / 2,
    sync: 5 * millisecond, jitter: 10 * millisecond, duration: 16 * second, scenario: scenario(...steps.flat(), ...end),
  });
  expect(violations).toEqual([]);
  expect(unknown).toBe(0);
  expect(recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
});

describe("cut links", () => {
  test.each([{}, both])("the leader is cut off and returns (%o)", (options) => {
    const outcome = simulateProtocol(raft, {
      options, replicas: 5, duration: 10 * second, clientsPerSite: 5,
      scenario: scenario(isolate(second, "leader"), heal(6 * second)),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBeGreaterThanOrEqual(1);
  });

  test.each([
    { options: {}, disturbed: true },
    { options: both, disturbed: false },
  ])("a follower is cut off for ten election timeouts: its return costs an election only without PreVote ($options)", ({ options, disturbed }) => {
    const outcome = simulateProtocol(raft, {
      options, replicas: 5, duration: 15 * second, scenario: scenario(isolate(second, 4), heal(11 * second)),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges > 0).toBe(disturbed);
  });

  test.each([
    { options: {}, stall: [17 * second, 20 * second] },
    { options: { checkQuorum: "true" }, stall: [second, 6 * second] },
  ] as const)("a leader that sends but does not hear is replaced only with CheckQuorum ($options)", ({ options, stall }) => {
    const deaf = [1, 2, 3, 4].map((from): Step => ({ at: second, fault: { type: "cut", from, to: 0 } }));
    const outcome = simulateProtocol(raft, { options, replicas: 5, duration: 20 * second, scenario: scenario(...deaf, heal(19 * second)) });
    expectSound(outcome);
    const [least, most] = stall;
    expect(outcome.recorder.counts.longestStall).toBeGreaterThan(least);
    expect(outcome.recorder.counts.longestStall).toBeLessThan(most);
  });

  test("quorum loss: when all links but a hub's are cut, the hub comes to lead", () => {
    const hub = 1;
    const pairs = [[0, 2], [0, 3], [0, 4], [2, 3], [2, 4], [3, 4]] as const;
    const run: TestRun = { options: both, replicas: 5, duration: 15 * second, scenario: scenario(...cut(second, pairs), heal(14 * second)) };
    const leaders: number[] = [];
    const outcome = simulateProtocol(raft, run, {
      sent(now, from, _to, frame) {
        if (frame[0] !== appendEntriesTag || now < settingsFor(raft, run).warmup + 6 * second || now > 14 * second) return;
        leaders.push(from);
      },
    });
    expectSound(outcome);
    expect(new Set(leaders)).toEqual(new Set([hub]));
    expect(outcome.recorder.counts.longestStall).toBeLessThan(6 * second);
  });

  test("constrained election: when that hub lacks committed entries, there is no leader until the links are back (§5.4.1)", () => {
    const pairs = [[0, 2], [0, 3], [0, 4], [2, 3], [2, 4], [3, 4]] as const;
    const outcome = simulateProtocol(raft, {
      options: both, replicas: 5, duration: 15 * second,
      scenario: scenario(...cut(second, [[0, 1]]), ...cut(1.5 * second, pairs), heal(14 * second)),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.longestStall).toBeGreaterThan(12 * second);
  });

  test("chained: when only the link from the leader to one of two followers is cut, PreVote and CheckQuorum keep the leader", () => {
    const outcome = simulateProtocol(raft, {
      options: both, duration: 15 * second, scenario: scenario(...cut(second, [[0, 2]]), heal(14 * second)),
    });
    expectSound(outcome);
    expect(outcome.recorder.counts.leaderChanges).toBe(0);
  });
});

/** The row's place in the table of messages. */
const appendEntriesTag = 2;
