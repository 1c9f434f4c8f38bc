/**
 * Crashes, power cuts, pauses and laggards: every protocol serves its clients again within a bounded number of election
 * timeouts, T, and all replicas end with the same state. docs/scenarios.md says what was measured.
 */
import { createRandom, millisecond, type Random } from "paxbench";
import { evenTopology, simulateProtocol } from "paxbench/testing";
import { describe, expect, test } from "vitest";
import type { Fault, Unsynced } from "../src/faults/scenario.ts";
import { subjects, T } from "./scenarios/measure.ts";

/** T; at least half as much again as the worst that two to six seeds of each pattern have shown. */
const bounds = { omnipaxos: 5, raft: 4, multipaxos: 3, epaxos: 7 } as const;
const seeds = [1, 2];

/** Times in T after the start of the measured window. */
interface Pattern {
  readonly title: string;
  readonly steps: (random: Random, replicas: number) => readonly (readonly [at: number, fault: Fault])[];
  readonly load: number;
  readonly clientsPerSite?: number;
  readonly conflict?: number;
  /** More than so many were answered. */
  readonly commands?: number;
  /** Replicas that go on are too few to serve anybody: how long nobody was answered says nothing. */
  readonly outage?: true;
}

const unsynced = (random: Random): Unsynced => (["lost", "kept", "torn"] as const)[random.below(3)]!;
/** Faults meet heartbeats in any phase. */
const soon = (random: Random): number => random.below(1000) / 1000;

const shuffled = (random: Random, replicas: readonly number[]): number[] =>
  replicas.map((replica) => [random.unit(), replica] as const).toSorted(([a], [b]) => a - b).map(([, replica]) => replica);

const allOf = (replicas: number): number[] => Array.from({ length: replicas }, (_, replica) => replica);

/** Thousands of commands that it has to learn; of them alone, not of what clients wait for on one key. */
const laggard = { load: 10, clientsPerSite: 5, conflict: 0, commands: 3000 } as const;

const patterns: readonly Pattern[] = [
  {
    title: "any minority, one after the other, back in any order, three times",
    steps: (random, replicas) => [0, 7, 14].flatMap((at) => {
      const down = shuffled(random, allOf(replicas)).slice(0, Math.ceil(replicas / 2) - 1);
      return [
        ...down.map((replica, i) => [at + (i + soon(random)) / 2, { type: "crash", replica, unsynced: unsynced(random) }] as const),
        ...shuffled(random, down).map((replica, i) => [at + 4 + i / 2, { type: "restart", replica }] as const),
      ];
    }),
    load: 22,
  },
  {
    title: "the leader",
    steps: (random) => [[soon(random), { type: "crash", replica: "leader", unsynced: unsynced(random) }], [5, { type: "restart", replica: "all" }]],
    load: 10,
  },
  {
    title: "a power cut",
    steps: (random) => [[soon(random), { type: "crash", replica: "all", unsynced: unsynced(random) }], [2, { type: "restart", replica: "all" }]],
    load: 8,
    outage: true,
  },
  {
    title: "a power cut after which one replica after the other comes back",
    steps: (random, replicas) => [
      [soon(random), { type: "crash", replica: "all", unsynced: unsynced(random) }],
      ...shuffled(random, allOf(replicas)).map((replica, i) => [2 + (i + soon(random)) / 2, { type: "restart", replica }] as const),
    ],
    load: 10,
    outage: true,
  },
  { title: "a paused leader", steps: (random) => [[soon(random), { type: "pause", replica: "leader", for: 4 * T }]], load: 8 },
  { title: "a paused follower", steps: (random) => [[soon(random), { type: "pause", replica: "follower", for: 4 * T }]], load: 8 },
  {
    title: "a laggard that was cut off until the load ended",
    steps: (random) => [[soon(random), { type: "isolate", replica: "follower" }]],
    ...laggard,
  },
  {
    title: "a laggard that was down until the load ended",
    steps: (random) => [[soon(random), { type: "crash", replica: "follower" }], [9.999, { type: "restart", replica: "all" }]],
    ...laggard,
  },
];

const cases = (Object.keys(bounds) as (keyof typeof bounds)[]).flatMap((name) =>
  [3, 5].map((replicas) => ({ name, replicas, subject: subjects[name], bound: bounds[name] })));

describe.each(cases)("$name, $replicas replicas, within $bound T", ({ subject, replicas, bound }) => {
  test.each(patterns)("$title", ({ title, steps, load, clientsPerSite = 1, conflict = 0.3, commands = 0, outage = false }) => {
    for (const seed of seeds) {
      const drawn = steps(createRandom(seed, title), replicas).map(([at, fault]) => ({ at: Math.round(at * T), fault }));
      const { violations, unknown, recorder, recoveredAfter, settledAfter } = simulateProtocol(subject.protocol, {
        replicas, seed, clientsPerSite, conflict,
        scenario: { name: title, steps: drawn.toSorted((a, b) => a.at - b.at) },
        topology: evenTopology(replicas, 20), jitter: 3 * millisecond, sync: 700,
        warmup: 2 * T, duration: load * T, requestTimeout: T / 10,
      });
      const { completed, longestStall } = recorder.counts;
      expect({ violations, unknown }, `seed ${seed}`).toEqual({ violations: [], unknown: 0 });
      expect((recoveredAfter ?? Infinity) / T, `seed ${seed}: T from the last mend to the next reply`).toBeLessThanOrEqual(bound);
      expect((settledAfter ?? Infinity) / T, `seed ${seed}: T from the end of the load until all is alike`).toBeLessThanOrEqual(bound);
      expect(outage ? 0 : longestStall / T, `seed ${seed}: T without a reply`).toBeLessThanOrEqual(bound);
      expect(completed, `seed ${seed}: commands`).toBeGreaterThan(commands);
    }
  });
});
