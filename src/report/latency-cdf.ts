import type { TopLevelSpec } from "vega-lite";
import { valueAxis } from "./value-axis.ts";
import { percentileAxis, trusted } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { frame, seriesColour, unit, wrapped } from "./theme.ts";

/** The whole distribution of the response latency, with its tail stretched out; one line for each run. */
export function latencyCdf(setting: Setting): TopLevelSpec | null {
  const { series } = setting;
  const points = series.flatMap(({ label, runs }) =>
    runs.flatMap((run, index) => trusted(run.curves.response).map((point) => ({ series: label, run: index, ...point }))),
  );
  if (points.length === 0) return null;

  const domain = series.map((one) => one.label);
  return {
    ...frame("Response latency by percentile", setting),
    width: 600,
    height: 320,
    data: { values: points },
    mark: { type: "line", clip: true, strokeWidth: 2 },
    encoding: {
      x: percentileAxis(points),
      y: valueAxis("ms", unit("response latency, ms", setting), points.map((point) => point.ms)),
      color: { ...seriesColour(series), legend: wrapped(domain) },
      strokeDash: {
        field: "series",
        type: "nominal",
        scale: { domain, range: series.map((one) => [...one.look.dash]) },
        legend: { ...wrapped(domain), symbolType: "stroke", symbolSize: 700 },
      },
      detail: { field: "run", type: "nominal" },
    },
  };
}
