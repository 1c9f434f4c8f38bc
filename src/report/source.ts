import type { LatencyCurve, ResultFile, RunResult } from "../experiment/result.ts";
import type { LatencyKind } from "../measure/latency.ts";

/** One of the results that a report is about. */
export interface Source {
  /** Its folder, absolute. */
  readonly folder: string;
  readonly result: ResultFile;
  readonly curves: readonly LatencyCurve[];
}

export interface MeasuredRun {
  readonly result: RunResult;
  readonly curves: Readonly<Partial<Record<LatencyKind, LatencyCurve>>>;
}

export function measuredRuns({ result, curves }: Source): MeasuredRun[] {
  const byRun = Map.groupBy(curves, (curve) => curve.run);
  return result.runs.map((run, index) => ({
    result: run,
    curves: Object.fromEntries((byRun.get(index) ?? []).map((curve) => [curve.kind, curve])),
  }));
}

/** What a page calls it: name and time of the run. */
export function sourceName({ folder }: Source): string {
  return folder.split(/[/\\]/).slice(-2).join("/");
}

export function allRuns(sources: readonly Source[]): RunResult[] {
  return sources.flatMap((source) => source.result.runs);
}
