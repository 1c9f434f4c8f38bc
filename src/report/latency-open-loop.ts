import type { TopLevelSpec } from "vega-lite";
import type { LatencySummary } from "../measure/latency.ts";
import { trusted } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { twoCurves } from "./two-curves.ts";

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
  return twoCurves(setting, points, {
    title: "Open loop: response latency, and what coordinated omission hides of it",
    latency: "response latency, ms",
    field: "clock",
    curves: { [clocks[0]]: [], [clocks[1]]: [3, 3] },
  });
}

const pointsOf = (summary: LatencySummary) =>
  trusted({ count: summary.count, points: Object.entries(percentiles).map(([name, percentile]) => ({ percentile, ms: summary[name as keyof typeof percentiles] })) });
