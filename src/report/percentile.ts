import type { Curve } from "../measure/distribution.ts";

/** Samples that must lie beyond a percentile before it says anything. */
const leastBeyond = 10;

export interface PercentilePoint {
  /** -log10(1 - q): 1 at the 90th percentile, 2 at the 99th, 3 at the 99.9th. */
  readonly nines: number;
  readonly ms: number;
}

/** A curve as it is drawn: on the percentile axis, and only as far as it has samples to stand on. */
export function trusted(curve: Curve | undefined): PercentilePoint[] {
  if (curve === undefined) return [];
  const points = curve.points
    .filter(({ percentile }) => Math.round(curve.count * (1 - percentile / 100)) >= leastBeyond)
    .map(({ percentile, ms }) => ({ nines: -Math.log10(1 - percentile / 100), ms }));
  // One point alone draws no line.
  return points.length > 1 ? points : [];
}

/** The horizontal axis of a latency distribution, wide enough for the longest curve. */
export function percentileAxis(points: readonly PercentilePoint[]) {
  const most = points.reduce((high, point) => Math.max(high, point.nines), 1);
  // A whole number of nines that is none for its binary fraction would lose its tick.
  const end = Math.abs(most - Math.round(most)) < 1e-9 ? Math.round(most) : most;
  const ticks = [0, -Math.log10(0.5)];
  for (let nines = 1; nines <= end; nines++) ticks.push(nines);
  return {
    field: "nines",
    type: "quantitative" as const,
    scale: { domain: [0, end], nice: false },
    axis: { title: "percentile of commands", values: ticks, labelExpr: "format(100 * (1 - pow(10, -datum.value)), '.9~r')" },
  };
}
