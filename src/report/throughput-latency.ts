import type { TopLevelSpec } from "vega-lite";
import { distinct } from "./list.ts";
import { p50Measure, p99Measure, throughputMeasure } from "./measures.ts";
import type { Setting } from "./setting.ts";
import { panelsOf, seriesOf, sweepPoints, titleOf } from "./sweep-points.ts";
import { number } from "./text.ts";
import { frame, seriesColour, seriesDash, seriesShape, unit, wrapped } from "./theme.ts";
import { axisOver, rangeOf } from "./value-axis.ts";

/** Keys that are load. */
const loads = ["clients", "rate"];

const quantiles = [
  { name: "median", measure: p50Measure },
  { name: "99th percentile", measure: p99Measure },
];

/** Latency over the throughput that was reached, along rising load: a panel for the median, one for the tail. */
export function throughputLatency(key: string, setting: Setting): TopLevelSpec | null {
  if (!loads.includes(key)) return null;
  const throughputs = sweepPoints(throughputMeasure, key, setting);
  // One curve a series: with panels of their own there would be two kinds of them.
  if (panelsOf(throughputs).length !== 1) return null;
  const points = quantiles.flatMap(({ name, measure }) =>
    sweepPoints(measure, key, setting).map(({ series, x, median, low, high, runs }) => {
      const reached = throughputs.find((point) => point.series === series && point.x === x)!;
      return { quantile: name, series, load: x as number, throughput: reached.median, from: reached.low, to: reached.high, latency: median, low, high, runs };
    }),
  );
  const steps = distinct(points.map((point) => point.load));
  if (steps.length < 2) return null;
  const series = seriesOf(throughputs, setting);
  const labels = series.map((one) => one.label);
  const legend = { ...wrapped(labels), symbolSize: 80, symbolStrokeWidth: 0, orient: "top" as const };
  const color = { ...seriesColour(series), legend };
  const x = axisOver("throughput", unit("commands per second", setting), rangeOf(points.flatMap(({ throughput, to }) => [throughput, to])));
  const y = axisOver("latency", unit("response latency, ms", setting), rangeOf(points.flatMap(({ latency, low, high }) => [latency, low, high])));
  const repeated = [{ filter: "datum.runs > 1" }];
  const bar = { type: "rule" as const, strokeWidth: 1.2, opacity: 0.6 };
  return {
    ...frame(`Response latency over throughput: ${number(Math.min(...steps))} to ${number(Math.max(...steps))} ${titleOf(key)}`, setting),
    data: { values: points },
    facet: { field: "quantile", type: "nominal", sort: quantiles.map(({ name }) => name), header: { labelAnchor: "start" } },
    columns: 2,
    spacing: { column: 44 },
    spec: {
      width: 380,
      height: 300,
      encoding: { x, color },
      layer: [
        { transform: repeated, mark: bar, encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } } },
        { transform: repeated, mark: bar, encoding: { x: { field: "from", type: "quantitative" }, x2: { field: "to" }, y } },
        {
          mark: { type: "line", strokeWidth: 2, clip: true },
          encoding: { y, order: { field: "load", type: "quantitative" }, strokeDash: { ...seriesDash(series), legend } },
        },
        { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { y, shape: { ...seriesShape(series), legend } } },
      ],
    },
  };
}
