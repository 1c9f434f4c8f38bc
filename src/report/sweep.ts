import type { ResultFile, RunResult, Varied } from "../experiment/result.ts";

/** Runs of one protocol at one point of a sweep; several when it was repeated. */
export interface SweepCell {
  /** What varies, but for the seed: runs that differ in nothing else are repeats. */
  readonly varied: Varied;
  readonly protocol: string;
  readonly runs: readonly RunResult[];
}

/** Keys of what a sweep compares, in the order it was given. */
export function comparedKeys(result: ResultFile): string[] {
  return (result.sweep?.vary ?? []).filter(({ key, values }) => key !== "seed" && values.length > 1).map(({ key }) => key);
}

/** In the order of the sweep, each point's protocols together. */
export function sweepCells(result: ResultFile): SweepCell[] {
  const keys = comparedKeys(result);
  const variedOf = (run: RunResult): Varied => Object.fromEntries(keys.map((key) => [key, run.varied![key]!]));
  const rank = new Map((result.sweep?.vary ?? []).map(({ key, values }) => [key, values]));
  const cells = [...Map.groupBy(result.runs, (run) => JSON.stringify([variedOf(run), run.protocol])).values()].map((runs) => ({
    varied: variedOf(runs[0]!),
    protocol: runs[0]!.protocol,
    runs,
  }));
  const places = (cell: SweepCell): number[] => keys.map((key) => rank.get(key)!.indexOf(cell.varied[key]!));
  // Runs of an incomplete sweep may lack the first of a point.
  return cells.toSorted((a, b) => {
    const [ours, theirs] = [places(a), places(b)];
    const differs = ours.findIndex((place, i) => place !== theirs[i]);
    return differs < 0 ? 0 : ours[differs]! - theirs[differs]!;
  });
}

/** What a sweep is drawn over: as lines over numbers, as bars over anything. */
export interface SweepAxis {
  readonly key: string;
  readonly kind: "lines" | "bars";
}

/**
 * Lines over the first compared key whose values are numbers. Replicas are few and far between: they are the last choice,
 * and beside a key of words they make bars, as words alone do. Undefined: nothing varies.
 */
export function sweepAxis(result: ResultFile): SweepAxis | undefined {
  const keys = comparedKeys(result);
  const numeric = (key: string): boolean => result.sweep!.vary.find((axis) => axis.key === key)!.values.every((value) => typeof value === "number");
  const line = keys.find((key) => numeric(key) && key !== "replicas");
  if (line !== undefined) return { key: line, kind: "lines" };
  const key = keys.includes("replicas") ? "replicas" : keys[0];
  return key === undefined ? undefined : { key, kind: keys.every(numeric) ? "lines" : "bars" };
}
