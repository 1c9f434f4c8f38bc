import type { TopLevelSpec } from "vega-lite";
import { valueAxis } from "./value-axis.ts";
import { percentileAxis, trusted } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { frame, muted, seriesColour, unit, wrapped } from "./theme.ts";

const kinds = ["commit", "execute"] as const;

/**
 * How much later than its decision a command is executed. One panel for each series: the two curves
 * are compared with each other, and all series in one panel would be twice as many lines as one can follow.
 */
export function latencyCommitExecute(setting: Setting): TopLevelSpec | null {
  const { series } = setting;
  const points = series.flatMap(({ label, runs }) =>
    runs.flatMap((run, index) =>
      kinds.flatMap((kind) => trusted(run.curves[kind]).map((point) => ({ series: label, run: index, kind, ...point }))),
    ),
  );
  if (points.length === 0) return null;

  const domain = series.map((one) => one.label);
  return {
    ...frame("Latency to commit and to execution, by percentile", setting),
    data: { values: points },
    facet: { field: "series", type: "nominal", sort: domain, header: { ...wrapped(domain), labelAnchor: "start" } },
    columns: 2,
    spacing: { column: 44, row: 24 },
    spec: {
      width: 330,
      height: 200,
      mark: { type: "line", clip: true, strokeWidth: 2 },
      encoding: {
        x: percentileAxis(points),
        y: valueAxis("ms", unit("latency, ms", setting), points.map((point) => point.ms)),
        color: { ...seriesColour(series), legend: null },
        strokeDash: {
          field: "kind",
          type: "nominal",
          scale: { domain: [...kinds], range: [[3, 3], []] },
          legend: { symbolType: "stroke", symbolSize: 700, symbolStrokeColor: muted, orient: "top" },
        },
        detail: { field: "run", type: "nominal" },
      },
    },
  };
}
