import type { TopLevelSpec } from "vega-lite";
import type { Measure } from "./measures.ts";
import type { Setting } from "./setting.ts";
import { spreadName } from "./spread.ts";
import { panelsOf, seriesOf, sweepPoints, titleOf, valuesOf } from "./sweep-points.ts";
import { frame, ink, seriesColour, seriesShape, unit, wrapped } from "./theme.ts";
import { axisOver, rangeOf } from "./value-axis.ts";

const barWidth = 13;

/** A measure over words or few numbers: a group of bars for each value, a panel for each combination of what else varies. */
export function sweepBars(measure: Measure, key: string, setting: Setting): TopLevelSpec | null {
  const points = sweepPoints(measure, key, setting);
  const values = valuesOf(points);
  if (values.length < 2) return null;

  const series = seriesOf(points, setting);
  const labels = series.map((one) => one.label);
  const range = rangeOf([...points.flatMap(({ median, low, high }) => [median, low, high]), ...(measure.share ? [1] : [])]);
  const most = Math.max(...points.map((point) => point.runs));
  const axis = measure.timed ? unit(measure.axis, setting) : measure.axis;
  const y = axisOver("median", most > 1 ? [axis, `lines: ${spreadName(most)}`] : axis, range, measure.share ? "~%" : ",~r");
  const legend = { ...wrapped(labels), orient: "top" as const };
  const color = { ...seriesColour(series), legend };
  const panels = panelsOf(points);
  return {
    ...frame(`${measure.title} by ${titleOf(key)}${most > 1 ? `: median of ${most} runs` : ""}`, setting),
    data: { values: points },
    facet: { field: "panel", type: "nominal", sort: panels, header: { labelAnchor: "start", ...(panels.length === 1 ? { labels: false } : {}) } },
    columns: Math.min(3, panels.length),
    spacing: { column: 30, row: 24 },
    spec: {
      width: Math.max(values.length * (series.length + 1) * barWidth, panels.length === 1 ? 480 : 240),
      height: 200,
      encoding: {
        x: { field: "x", type: "ordinal", sort: values as string[], axis: { title: titleOf(key), labelAngle: 0, ticks: false, labelPadding: 6 }, scale: { paddingInner: 0.25, paddingOuter: 0.15 } },
        xOffset: { field: "series", type: "nominal", sort: labels, scale: { domain: labels } },
      },
      layer: [
        // A bar's length says nothing where the axis does not begin at zero.
        range.logarithmic
          ? { mark: { type: "point", filled: true, size: 55, opacity: 1 }, encoding: { y, color, shape: { ...seriesShape(series), legend } } }
          : { mark: { type: "bar" }, encoding: { y, color } },
        {
          transform: [{ filter: "datum.runs > 1" }],
          mark: { type: "rule", strokeWidth: 1.2, color: ink },
          encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
        },
      ],
    },
  };
}
