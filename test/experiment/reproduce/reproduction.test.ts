import { beforeAll, describe, expect, it } from "vitest";
import { planReproduction, type PlannedPoint, type PlannedReproduction, type Work } from "../../../src/experiment/reproduce/plan.ts";
import { loadPublished } from "../../../src/experiment/reproduce/published.ts";
import { reproductionOf, type ReproducedPoint } from "../../../src/experiment/reproduce/reproduction.ts";
import type { Found } from "../../../src/experiment/reproduce/carry-out.ts";
import { run } from "../../report/fixture.ts";

let elections: PlannedReproduction;
let throughput: PlannedReproduction;
let table: PlannedReproduction;
const plan = (id: string): Promise<PlannedReproduction> => planReproduction([loadPublished(id)], 1, ".");
beforeAll(async () => {
  [elections, throughput, table] = await Promise.all([plan("raft-elections"), plan("epaxos-fig5-3"), plan("omnipaxos-table1")]);
});

/** Of the one figure, with what is found of each work; undefined: nothing. */
const points = ({ figures, works }: PlannedReproduction, find: (point: PlannedPoint, end: number) => Found | undefined): readonly ReproducedPoint[] => {
  const found = new Map<Work, Found>();
  for (const point of figures[0]!.points) {
    for (const [end, work] of point.works.entries()) {
      const one = find(point, end);
      if (one !== undefined) found.set(work, one);
    }
  }
  return reproductionOf({ figures, works }, found, 1, false).figures[0]!.points;
};

/** Of the first cell: all runs are served at once by one leader, but for one, and another one whose leaders changed. */
const verdict = (servedAfterMs: number, leaderChanges: number): ReproducedPoint =>
  points(table, (_, end) => ({ result: run(0, { leaderChanges: end === 7 ? leaderChanges : 0 }), servedAfterMs: end === 3 ? servedAfterMs : 0 }))[0]!;

describe("a value of ours beside the paper's", () => {
  // 287 ms, printed; tolerance 10 %; a range, since an input is not known.
  it.each<[string, readonly [number, number], boolean]>([
    ["around it", [100, 1000], true],
    ["below it, within tolerance", [100, 259], true],
    ["below it", [100, 258], false],
    ["above it, within tolerance", [315, 400], true],
    ["above it", [316, 400], false],
  ])("a range %s", (_, [low, high], agrees) => {
    const [median] = points(elections, (_point, end) => ({ electedAfterMs: [end === 0 ? high : low] }));
    expect([median!.range, median!.ours, median!.agrees]).toEqual([[low, high], null, agrees]);
  });

  it("at least: what was given up counts for as long as it was waited for", () => {
    const last = points(elections, () => ({ electedAfterMs: [Infinity, Infinity] })).at(-1)!;
    expect([last.atLeast, last.range, last.agrees]).toEqual([true, [10_000, 10_000], true]);
    expect(points(elections, () => ({ electedAfterMs: [Infinity, 400] })).at(-1)!.agrees).toBe(false);
  });

  it("as multiples: of the paper's and of ours, errors of reading added up", () => {
    const ops: Readonly<Record<string, number>> = { "EPaxos 0 %": 1000, "Multi-Paxos": 600 };
    const all = points(throughput, ({ series }) => ({ result: run(0, { throughputOpsPerSec: ops[series.name] ?? 850 }) }));
    const leader = all.at(-1)!;
    expect([leader.printed, leader.measured, leader.ours]).toEqual([40_200, 600, 0.6]);
    expect(leader.paper).toBeCloseTo(40_200 / 53_100, 9);
    expect(leader.error).toBeCloseTo((40_200 / 53_100) * (300 / 40_200 + 300 / 53_100), 9);
    expect(all.map(({ agrees }) => agrees)).toEqual([true, true, true, true, false]);
  });

  it("nothing, where a work is missing", () => {
    const all = points(throughput, ({ series }) => (series.name === "EPaxos 0 %" ? undefined : { result: run(0) }));
    expect(all.map(({ ours, agrees }) => [ours, agrees])).toEqual(all.map(() => [null, null]));
  });

  it("stable service: prompt in every run, and the leader changes once at most", () => {
    expect([verdict(5000, 1), verdict(5001, 1), verdict(5000, 2), verdict(Infinity, 0)].map(({ ours, agrees }) => [ours, agrees])).toEqual([
      ["progress", true], ["unavailable", false], ["unavailable", false], ["unavailable", false],
    ]);
    expect(verdict(Infinity, 0).remark).toBe("served after 0.0 T, at worst never; at most 0 changes of leader");
  });
});
