import { second } from "../core/ids.ts";
import type { Fault, Scenario } from "../faults/scenario.ts";
import type { TestRun } from "./simulation.ts";

/** A run after which nothing may be wrong and nothing open, and what is special about it. */
export interface SoundRun {
  readonly name: string;
  readonly run: TestRun & { readonly replicas: number };
}

const scenario = (...steps: readonly (readonly [seconds: number, ...faults: readonly Fault[]])[]): Scenario => ({
  name: "conformance",
  steps: steps.flatMap(([seconds, ...faults]) => faults.map((fault) => ({ at: seconds * second, fault }))),
});

const crash = (...replicas: readonly (number | "leader" | "follower")[]): Fault[] => replicas.map((replica) => ({ type: "crash", replica }));
const restart: Fault = { type: "restart", replica: "all" };
const heal: Fault = { type: "heal" };
const leaderDies = scenario([1, ...crash("leader")], [4, restart]);

export const soundRuns: readonly SoundRun[] = [
  { name: "one replica", run: { replicas: 1, sync: 500 } },
  { name: "two replicas", run: { replicas: 2 } },
  { name: "three replicas", run: { replicas: 3 } },
  { name: "four replicas", run: { replicas: 4 } },
  { name: "five replicas, every command on one key", run: { replicas: 5, conflict: 1 } },
  { name: "seven replicas", run: { replicas: 7 } },
  { name: "links of varying delay", run: { replicas: 5, jitter: 15_000, seed: 7 } },
  { name: "disks that take their time", run: { replicas: 3, sync: 700 } },
  { name: "many clients", run: { replicas: 3, clientsPerSite: 60, duration: second } },
  {
    name: "several requests of a client open at once, and a leader that dies",
    run: { replicas: 3, duration: 5 * second, clientsPerSite: 1, openLoop: { rate: 200, arrivals: "poisson", outstanding: 16 }, scenario: leaderDies },
  },
  { name: "scans and transactions", run: { replicas: 5, jitter: 15_000, mixed: { scans: "0.2", txns: "0.4", keys: "5" } } },
  {
    name: "scans and transactions, and a leader that dies",
    run: { replicas: 3, duration: 8 * second, sync: 700, scenario: leaderDies, mixed: { scans: "0.1", txns: "0.3" } },
  },
  { name: "another first leader", run: { replicas: 3, initialLeader: 2 } },
  {
    name: "one replica that dies and comes back from its journal",
    run: { replicas: 1, sync: 500, duration: 4 * second, scenario: scenario([1, ...crash(0)], [2, restart]) },
  },
  {
    name: "a follower that dies and comes back from its journal",
    run: { replicas: 3, duration: 8 * second, scenario: scenario([1, ...crash("follower")], [4, restart]) },
  },
  {
    name: "a leader that dies and comes back from its journal",
    run: { replicas: 3, duration: 8 * second, scenario: leaderDies },
  },
  {
    name: "a leader that dies, with a disk that loses what was not synced",
    run: { replicas: 3, duration: 8 * second, sync: 700, scenario: leaderDies },
  },
  {
    name: "two of five down at once",
    run: { replicas: 5, duration: 8 * second, sync: 700, scenario: scenario([1, ...crash("leader", "follower")], [4, restart]) },
  },
  {
    name: "each replica down in turn",
    run: {
      replicas: 3, duration: 12 * second, sync: 700,
      scenario: scenario([1, ...crash(0)], [3, restart], [4, ...crash(1)], [6, restart], [7, ...crash(2)], [9, restart]),
    },
  },
  {
    name: "the whole cluster down and up again",
    run: { replicas: 3, duration: 8 * second, sync: 700, scenario: scenario([1, ...crash(0, 1, 2)], [3, restart]) },
  },
  {
    name: "a replica that is cut off for a while",
    run: { replicas: 5, duration: 8 * second, scenario: scenario([1, { type: "isolate", replica: "follower" }], [4, heal]) },
  },
  {
    name: "a link that is cut one way for a while",
    run: { replicas: 3, duration: 8 * second, scenario: scenario([1, { type: "cut", from: 0, to: 2 }], [4, heal]) },
  },
  {
    name: "a leader that is paused for a while",
    run: { replicas: 3, duration: 8 * second, scenario: scenario([1, { type: "pause", replica: "leader", for: 3 * second }]) },
  },
];
