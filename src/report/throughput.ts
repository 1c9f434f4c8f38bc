import type { TopLevelSpec } from "vega-lite";
import { median } from "./list.ts";
import type { Setting } from "./setting.ts";
import { number } from "./text.ts";
import { alarm, frame, ink, seriesColour, unit } from "./theme.ts";

/** Completed commands a second: a bar for each series, and a point for each run where there are several. */
export function throughput(setting: Setting): TopLevelSpec | null {
  const { series } = setting;
  const bars = series.map(({ label, runs }) => {
    const values = runs.map((run) => run.result.throughputOpsPerSec);
    const middle = median(values);
    return { series: label, median: middle, min: Math.min(...values), max: Math.max(...values), text: number(middle) };
  });
  if (bars.every((bar) => bar.max === 0)) return null;

  const points = series
    .filter((one) => one.runs.length > 1)
    .flatMap(({ label, runs: own }) => own.map((run) => ({ series: label, value: run.result.throughputOpsPerSec })));
  const repeated = points.length > 0;
  const domain = series.map((one) => one.label);
  return {
    ...frame(repeated ? "Throughput: median, and every run" : "Throughput", setting),
    width: 560,
    height: { step: 36 },
    data: { values: bars },
    encoding: {
      y: {
        field: "series",
        type: "nominal",
        sort: domain,
        axis: {
          title: null,
          domain: false,
          ticks: false,
          labelPadding: 10,
          labelFontSize: 13,
          labelColor: { condition: { test: "indexof(datum.value, '✗') >= 0", value: alarm }, value: ink },
        },
      },
    },
    layer: [
      {
        mark: { type: "bar", height: { band: 0.68 } },
        encoding: {
          x: {
            field: "median",
            type: "quantitative",
            axis: { title: unit("commands per second", setting), format: ",~r", tickCount: 6 },
          },
          color: { ...seriesColour(series), legend: null },
        },
      },
      {
        mark: { type: "rule", strokeWidth: 1.5, color: ink },
        encoding: { x: { field: "min", type: "quantitative" }, x2: { field: "max" } },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 40, color: "white", stroke: ink, strokeWidth: 1.2, opacity: 1 },
        encoding: { x: { field: "value", type: "quantitative" } },
      },
      {
        mark: { type: "text", align: "left", dx: 9, fontSize: 13, fontWeight: 600, color: ink },
        encoding: { x: { field: "max", type: "quantitative" }, text: { field: "text" } },
      },
    ],
  };
}
