import type { TopLevelSpec } from "vega-lite";
import { percentileAxis, type PercentilePoint } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { frame, muted, seriesColour, unit, wrapped } from "./theme.ts";
import { valueAxis } from "./value-axis.ts";

/** A point of a run of a series; `CurvePair.field` tells which curve it is on. */
export interface CurveDatum extends PercentilePoint {
  readonly series: string;
  readonly run: number;
}

export interface CurvePair {
  readonly title: string;
  /** Of the axis, without its unit. */
  readonly latency: string;
  /** Of the points: the name of their curve. */
  readonly field: string;
  /** By name, as dashes. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/**
 * Two latencies of each series by percentile, one panel for each: the two curves are compared with each other, and all
 * series in one panel would be twice as many lines as one can follow. Null without points.
 */
export const twoCurves = (setting: Setting, points: readonly CurveDatum[], { title, latency, field, curves }: CurvePair): TopLevelSpec | null => {
  if (points.length === 0) return null;
  const domain = setting.series.map((one) => one.label);
  return {
    ...frame(title, setting),
    data: { values: [...points] },
    facet: { field: "series", type: "nominal", sort: domain, header: { ...wrapped(domain), labelAnchor: "start" } },
    columns: 2,
    spacing: { column: 44, row: 24 },
    spec: {
      width: 330,
      height: 200,
      mark: { type: "line", clip: true, strokeWidth: 2 },
      encoding: {
        x: percentileAxis(points),
        y: valueAxis("ms", unit(latency, setting), points.map((point) => point.ms)),
        color: { ...seriesColour(setting.series), legend: null },
        strokeDash: {
          field,
          type: "nominal",
          scale: { domain: Object.keys(curves), range: Object.values(curves).map((dash) => [...dash]) },
          legend: { symbolType: "stroke", symbolSize: 700, symbolStrokeColor: muted, orient: "top" },
        },
        detail: { field: "run", type: "nominal" },
      },
    },
  };
};
