import type { TopLevelSpec } from "vega-lite";
import { median } from "./list.ts";
import { bytesMeasure, type Measure, messagesMeasure } from "./measures.ts";
import type { Setting } from "./setting.ts";
import { number } from "./text.ts";
import { frame, ink, seriesColour } from "./theme.ts";
import { axisOver, rangeOf } from "./value-axis.ts";

/** What a command costs on the network between replicas: messages, and bytes without the transport's framing. */
export function messages(setting: Setting): TopLevelSpec | null {
  const panels = [messagesMeasure, bytesMeasure].map((measure, index) => panel(measure, setting, index === 0));
  if (panels.includes(null)) return null;
  return { ...frame("Messages and bytes between replicas", setting), spacing: 50, hconcat: panels.filter((one) => one !== null) };
}

function panel(measure: Measure, { series }: Setting, named: boolean) {
  const rows = series.flatMap(({ label, runs }) => {
    const values = runs.flatMap(({ result }) => measure.of(result) ?? []);
    return values.length === 0 ? [] : [{ series: label, value: median(values), text: number(median(values)) }];
  });
  if (rows.every(({ value }) => value === 0)) return null;
  const domain = series.map((one) => one.label).filter((label) => rows.some((row) => row.series === label));
  const range = rangeOf(rows.map((row) => row.value));
  const x = axisOver("value", measure.axis, { logarithmic: false, ticks: range.logarithmic ? [0, Math.max(...rows.map((row) => row.value))] : range.ticks });
  return {
    width: 250,
    height: { step: 34 },
    data: { values: rows },
    encoding: {
      y: { field: "series", type: "nominal" as const, sort: domain, axis: named ? { title: null, domain: false, ticks: false, labelPadding: 10, labelFontSize: 13 } : null },
      x,
    },
    layer: [
      { mark: { type: "bar" as const, height: { band: 0.66 } }, encoding: { color: { ...seriesColour(series), legend: null } } },
      {
        mark: { type: "text" as const, align: "left" as const, dx: 6, fontSize: 13, fontWeight: 600 as const, color: ink },
        encoding: { text: { field: "text" } },
      },
    ],
  };
}
