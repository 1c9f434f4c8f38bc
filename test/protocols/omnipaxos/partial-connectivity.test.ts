/**
 * What Omni-Paxos is for: progress while some links are down and one replica still reaches a majority. The paper's three
 * scenarios (§7.2) and relatives of them. A is to be the hub, C leads at first; links are cut both ways unless said.
 */
import type { Micros, ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import omnipaxos from "../../../protocols/omnipaxos/index.ts";
import { Reader } from "../../../src/core/bytes.ts";
import { readFrame } from "../../../src/engine/frames.ts";
import type { Step } from "../../../src/faults/scenario.ts";
import { evenTopology, simulateProtocol } from "paxbench/testing";

/** An election timeout: T. µs. */
const T = 100_000;
const cutAt = 10 * T;
const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

/** In the order in which their ballots tie: the leader first, so that it wins no election by its number. */
const names = "CABDE";
const replica = (name: string): ReplicaId => names.indexOf(name);

const oneWay = (at: Micros, ...links: readonly string[]): Step[] =>
  links.map((link) => ({ at, fault: { type: "cut", from: replica(link[0]!), to: replica(link[1]!) } }));
const cut = (at: Micros, ...pairs: readonly string[]): Step[] =>
  oneWay(at, ...pairs.flatMap((pair) => [pair, `${pair[1]!}${pair[0]!}`]));

interface Proposed {
  readonly at: Micros;
  readonly by: string;
}

const observe = (replicas: number, steps: readonly Step[], seed: number) => {
  const proposed: Proposed[] = [];
  const warmup = 5 * T;
  const outcome = simulateProtocol(
    omnipaxos,
    {
      replicas, seed, warmup, duration: 60 * T, jitter: 3000, requestTimeout: T / 2, topology: evenTopology(replicas, 20),
      options: { electionTimeout: String(T / 1000) }, scenario: { name: "partial", summary: "partial connectivity", steps },
    },
    {
      sent(now, from, _to, frame) {
        if (readFrame(omnipaxos, new Reader(frame)).type === "accept") proposed.push({ at: now - warmup, by: names[from]! });
      },
    },
  );
  expect(outcome.violations).toEqual([]);
  expect(outcome.unknown).toBe(0);
  return { ...outcome.recorder.counts, proposed };
};

/** Who proposes in the second half of the run, when all has settled. */
const proposersAtEnd = (proposed: readonly Proposed[]): Set<string> =>
  new Set(proposed.filter(({ at }) => at > 30 * T && at < 60 * T).map(({ by }) => by));

describe("§7.2", () => {
  const others = ["BC", "BD", "BE", "CD", "CE", "DE"];

  test.each(seeds)("quorum loss: all are linked to A alone; A takes over within 5 T (seed %i)", (seed) => {
    const { longestStall, leaderChanges, proposed } = observe(5, cut(cutAt, ...others), seed);
    expect(longestStall).toBeGreaterThan(T); // else the cut did not hurt
    expect(longestStall).toBeLessThan(5 * T);
    expect(leaderChanges).toBe(1);
    expect(proposersAtEnd(proposed)).toEqual(new Set("A"));
  });

  test.each(seeds)("constrained election: only A reaches a majority, and its log lags; A takes over within 5 T (seed %i)", (seed) => {
    const steps = [...cut(cutAt, "AC"), ...cut(cutAt + T / 2, ...others)];
    const { longestStall, leaderChanges, proposed } = observe(5, steps, seed);
    // B, D and E got what A did not: without that a log-bound election would do as well.
    const missed = proposed.filter(({ at, by }) => by === "C" && at > cutAt && at < cutAt + T / 2 - 25_000);
    expect(missed.length).toBeGreaterThan(0);
    expect(longestStall).toBeGreaterThan(T);
    expect(longestStall).toBeLessThan(5 * T);
    expect(leaderChanges).toBe(1);
    // C, isolated, is not told that it was deposed, and goes on proposing in vain.
    expect(proposersAtEnd(proposed)).toEqual(new Set("AC"));
  });

  test.each(seeds)("chained: C and A cannot reach each other, B reaches both; one change of leader, no livelock (seed %i)", (seed) => {
    const { longestStall, leaderChanges, proposed } = observe(3, cut(cutAt, "AC"), seed);
    expect(longestStall).toBeLessThan(5 * T);
    expect(leaderChanges).toBe(1);
    // C is not told by B, either: no gossip about leaders, hence no contest.
    expect(proposersAtEnd(proposed)).toEqual(new Set("AC"));
  });
});

describe("relatives", () => {
  const ofLeader = ["CA", "CB", "CD", "CE"];
  const cases: Readonly<Record<string, { steps: readonly Step[]; changes: number }>> = {
    "the leader is isolated": { steps: cut(cutAt, ...ofLeader), changes: 1 },
    "the leader is deaf": { steps: oneWay(cutAt, "AC", "BC", "DC", "EC"), changes: 1 },
    "the leader is mute": { steps: oneWay(cutAt, ...ofLeader), changes: 1 },
    "a ring: each replica reaches its two neighbours": { steps: cut(cutAt, "CA", "CD", "BD", "BE", "AE"), changes: 1 },
    "a follower is isolated for 10 T, and disturbs nobody when it is back": {
      steps: [...cut(cutAt, "EA", "EB", "EC", "ED"), { at: 20 * T, fault: { type: "heal" } }],
      changes: 0,
    },
  };
  for (const [name, { steps, changes }] of Object.entries(cases)) {
    test.each([1, 2, 3, 4, 5])(`${name} (seed %i)`, (seed) => {
      const { longestStall, leaderChanges } = observe(5, steps, seed);
      expect(longestStall).toBeLessThan(changes === 0 ? T : 5 * T);
      expect(leaderChanges).toBe(changes);
    });
  }
});

