/**
 * Partial connectivity, over 20 seeds: what theory and the Omni-Paxos paper expect of each protocol. C is the leader at
 * first, A the replica that comes to have the only majority (here: 0 and 1). docs/scenarios.md has the whole table.
 */
import { describe, expect, test } from "vitest";
import { Reader } from "../../src/core/bytes.ts";
import { readFrame } from "../../src/engine/frames.ts";
import raft from "../../protocols/raft/index.ts";
import { measure, median, seeds, subjects, T, type Frame, type Measured, type SubjectName } from "./measure.ts";

/** Every seed of a scenario, judged: no judge complains, and after the heal all ends alike within 5 T. */
const measured = (
  subject: SubjectName,
  scenario: string,
  observe?: (seed: number) => (frame: Frame) => void,
): Measured[] => {
  const runs = seeds.map((seed) => measure(subjects[subject], scenario, scenario === "chained" ? 3 : 5, seed, observe?.(seed)));
  expect(runs.flatMap(({ complaints }, i) => complaints.map((complaint) => `seed ${seeds[i]}: ${complaint}`))).toEqual([]);
  expect(Math.max(...runs.map(({ settled }) => settled)), "T until all is settled").toBeLessThanOrEqual(5);
  return runs;
};

const of = <K extends keyof Measured>(runs: readonly Measured[], what: K): Measured[K][] => runs.map((run) => run[what]);
const worst = (values: readonly number[]): number => Math.max(...values);

describe("Omni-Paxos is back within 5 T", () => {
  test.each(["quorum-loss", "constrained", "chained"])("%s", (scenario) => {
    const runs = measured("omnipaxos", scenario);
    expect(worst(of(runs, "everyClient"))).toBeLessThanOrEqual(5);
    expect(worst(of(runs, "stall"))).toBeLessThanOrEqual(5);
    expect(new Set(of(runs, "leaderChanges"))).toEqual(new Set([1]));
  });
});

describe.each(["raft", "raftBoth"] as const)("%s", (subject) => {
  test("constrained: never, since only A reaches a majority, and at least two of that lack nothing that A lacks", () => {
    const lengths: number[][] = [];
    const runs = measured(subject, "constrained", (seed) => {
      const length = (lengths[seed] = [0, 0, 0, 0, 0]);
      return ({ at, from, bytes }) => {
        if (at > T / 2) return;
        const message = readFrame(raft, new Reader(bytes));
        if (message.type === "appended") length[from] = Math.max(length[from]!, (message as unknown as { matchIndex: number }).matchIndex);
      };
    });
    // What each log held at the second cut.
    for (const seed of seeds) {
      const [, a, ...others] = lengths[seed]!;
      expect(others.filter((length) => length > a!).length, `seed ${seed}`).toBeGreaterThanOrEqual(2);
    }
    expect(of(runs, "anyClient")).toEqual(seeds.map(() => Infinity));
  });
});

describe("Raft with PreVote and CheckQuorum", () => {
  test("quorum-loss: back within 4.5 T", () => {
    expect(worst(of(measured("raftBoth", "quorum-loss"), "everyClient"))).toBeLessThanOrEqual(4.5);
  });

  test("chained: the leader stays", () => {
    const runs = measured("raftBoth", "chained");
    expect(worst(of(runs, "leaderChanges"))).toBe(0);
    expect(worst(of(runs, "stall"))).toBeLessThan(1);
  });
});

describe("plain Raft, as chance has it", () => {
  test("quorum-loss: replicas without a quorum raise terms until A takes part", () => {
    const stalls = of(measured("raft", "quorum-loss"), "everyClient");
    expect(median(stalls)).toBeLessThanOrEqual(4.5);
    expect(worst(stalls)).toBeLessThan(15);
  });

  test("chained: the end that does not hear the leader deposes it, sometimes more than once", () => {
    const runs = measured("raft", "chained");
    expect(median(of(runs, "stall"))).toBeLessThan(4);
    expect(median(of(runs, "leaderChanges"))).toBeGreaterThanOrEqual(1);
  });
});

describe("MultiPaxos", () => {
  test("quorum-loss: a candidate's Prepare deposes the leader at A, and A's turn comes by chance", () => {
    const back = of(measured("multipaxos", "quorum-loss"), "anyClient").filter((turns) => turns < Infinity);
    expect(back.length).toBeGreaterThan(seeds.length / 2);
  });

  test("constrained: a majority of promises is enough, however short the log", () => {
    const turns = of(measured("multipaxos", "constrained"), "everyClient");
    expect(median(turns)).toBeLessThanOrEqual(5);
    expect(worst(turns)).toBeLessThan(Infinity);
  });

  test("chained: both ends go on deposing each other through the middle", () => {
    const runs = measured("multipaxos", "chained");
    expect(median(of(runs, "leaderChanges"))).toBeGreaterThan(10);
    expect(worst(of(runs, "everyClient"))).toBeLessThanOrEqual(5);
  });
});

describe("EPaxos", () => {
  test.each(["quorum-loss", "constrained"])("%s: A alone commits, and first finishes what the others left open", (scenario) => {
    expect(worst(of(measured("epaxos", scenario), "everyClient"))).toBeLessThan(15);
  });

  test("chained: each replica has a majority, with whoever answers", () => {
    const runs = measured("epaxos", "chained");
    expect(worst(of(runs, "everyClient"))).toBeLessThanOrEqual(5);
    expect(worst(of(runs, "stall"))).toBeLessThan(2.5);
  });
});
