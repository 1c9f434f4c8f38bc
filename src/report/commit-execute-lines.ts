import type { TopLevelSpec } from "vega-lite";
import type { LatencyKind } from "../measure/latency.ts";
import type { Measure } from "./measures.ts";
import type { Series, Setting } from "./setting.ts";
import { panelsOf, seriesOf, type SweepPoint, sweepPoints, titleOf, valuesOf } from "./sweep-points.ts";
import { frame, muted, seriesColour, seriesShape, unit, wrapped } from "./theme.ts";
import { numericAxis, valueAxis } from "./value-axis.ts";

const kinds = ["commit", "execute"] as const;
const quantiles = [{ name: "median", at: "p50" }, { name: "99th percentile", at: "p99" }] as const;

/** Executions less than this later than commits draw the same line twice. */
const later = 1.02;

/** How much later than their decision commands are executed, over numbers: of those protocols where it is later. */
export function commitExecuteLines(key: string, setting: Setting): TopLevelSpec | null {
  const all = quantiles.flatMap(({ name, at }) =>
    kinds.flatMap((kind) => sweepPoints(measureOf(kind, at), key, setting).map((point) => ({ ...point, kind, quantile: name }))),
  );
  // Two kinds of panels would be too many.
  if (panelsOf(all).length !== 1) return null;
  const series = seriesOf(all, setting).filter((one) => isLater(one, all));
  const points = all.filter((point) => series.some(({ label }) => label === point.series));
  const xs = valuesOf(points) as number[];
  if (xs.length < 2) return null;
  const legend = { ...wrapped(series.map((one) => one.label)), symbolSize: 80, symbolStrokeWidth: 0, orient: "top" as const };
  const y = valueAxis("median", unit("latency, ms", setting), points.map((point) => point.median));
  const color = { ...seriesColour(series), legend };
  return {
    ...frame(`Latency to commit and to execution by ${titleOf(key)}`, setting),
    data: { values: points },
    facet: { field: "quantile", type: "nominal", sort: quantiles.map(({ name }) => name), header: { labelAnchor: "start" } },
    columns: 2,
    spacing: { column: 44 },
    spec: {
      width: 380,
      height: 260,
      encoding: { x: numericAxis(titleOf(key), xs), y, color },
      layer: [
        {
          mark: { type: "line", strokeWidth: 2 },
          encoding: {
            strokeDash: {
              field: "kind",
              type: "nominal",
              scale: { domain: [...kinds], range: [[3, 3], []] },
              legend: { symbolType: "stroke", symbolSize: 700, symbolStrokeColor: muted, orient: "top" },
            },
          },
        },
        { mark: { type: "point", filled: true, size: 50, opacity: 1 }, encoding: { shape: { ...seriesShape(series), legend } } },
      ],
    },
  };
}

function measureOf(kind: LatencyKind, at: "p50" | "p99"): Measure {
  return {
    name: `${kind}-${at}`, title: "", axis: "", best: "", unit: "ms", timed: true, better: "less",
    of: ({ latencyMs }) => (latencyMs[kind].count === 0 ? null : latencyMs[kind][at]),
  };
}

function isLater({ label }: Series, points: readonly (SweepPoint & { readonly kind: string; readonly quantile: string })[]): boolean {
  const own = points.filter((point) => point.series === label);
  return own.some((execute) => {
    const commit = own.find(({ kind, quantile, x }) => kind === "commit" && quantile === execute.quantile && x === execute.x);
    return execute.kind === "execute" && commit !== undefined && execute.median >= commit.median * later;
  });
}
