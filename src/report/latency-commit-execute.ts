import type { TopLevelSpec } from "vega-lite";
import { trusted } from "./percentile.ts";
import type { Setting } from "./setting.ts";
import { twoCurves } from "./two-curves.ts";

const kinds = ["commit", "execute"] as const;

/** How much later than its decision a command is executed. */
export function latencyCommitExecute(setting: Setting): TopLevelSpec | null {
  const points = setting.series.flatMap(({ label, runs }) =>
    runs.flatMap((run, index) =>
      kinds.flatMap((kind) => trusted(run.curves[kind]).map((point) => ({ series: label, run: index, kind, ...point }))),
    ),
  );
  return twoCurves(setting, points, {
    title: "Latency to commit and to execution, by percentile",
    latency: "latency, ms",
    field: "kind",
    curves: { commit: [3, 3], execute: [] },
  });
}
