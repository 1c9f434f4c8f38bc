import type { TopLevelSpec } from "vega-lite";
import type { LatencySummary } from "../measure/latency.ts";
import { percentileAxis, trusted } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { frame, muted, seriesColour, unit, wrapped } from "./theme.ts";
import { valueAxis } from "./value-axis.ts";

const clocks = ["from the intended send", "as a closed loop shows it"] as const;

const percentiles = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 } as const;

/** What coordinated omission hides: every request timed from its intended send, beside what a closed-loop client would have shown. */
export function latencyOpenLoop(setting: Setting): TopLevelSpec | null {
  const points = setting.series.flatMap(({ label, runs }) =>
    runs.flatMap(({ result: { openLoop, latencyMs } }, run) =>
      openLoop
        ? [latencyMs.response, openLoop.coordinatedMs].flatMap((summary, clock) =>
            pointsOf(summary).map((point) => ({ series: label, run, clock: clocks[clock]!, ...point })),
          )
        : [],
    ),
  );
  if (points.length === 0) return null;

  const domain = setting.series.map((one) => one.label);
  return {
    ...frame("Open loop: response latency, and what coordinated omission hides of it", setting),
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
        y: valueAxis("ms", unit("response latency, ms", setting), points.map((point) => point.ms)),
        color: { ...seriesColour(setting.series), legend: null },
        strokeDash: {
          field: "clock",
          type: "nominal",
          scale: { domain: [...clocks], range: [[], [3, 3]] },
          legend: { symbolType: "stroke", symbolSize: 700, symbolStrokeColor: muted, orient: "top" },
        },
        detail: { field: "run", type: "nominal" },
      },
    },
  };
}

const pointsOf = (summary: LatencySummary) =>
  trusted({ count: summary.count, points: Object.entries(percentiles).map(([name, percentile]) => ({ percentile, ms: summary[name as keyof typeof percentiles] })) });
