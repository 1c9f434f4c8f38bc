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

/** The first compared key whose values are numbers: what lines run over. */
export function lineKey(result: ResultFile): string | undefined {
  return comparedKeys(result).find((key) => result.sweep!.vary.find((axis) => axis.key === key)!.values.every((value) => typeof value === "number"));
}
