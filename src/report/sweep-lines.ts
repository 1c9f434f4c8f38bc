import type { TopLevelSpec } from "vega-lite";
import { endLabels } from "./end-labels.ts";
import type { Measure } from "./measures.ts";
import type { Series, Setting } from "./setting.ts";
import { spreadName } from "./spread.ts";
import { panelsOf, seriesOf, type SweepPoint, sweepPoints, titleOf, valuesOf } from "./sweep-points.ts";
import { frame, seriesColour, seriesDash, seriesShape, unit, wrapped } from "./theme.ts";
import { axisOver, numericAxis, placeIn, type Range, rangeOf } from "./value-axis.ts";

const whole = { width: 600, height: 320 };
const panel = { width: 300, height: 200 };

/** A measure over numbers: a line for each series, a panel for each combination of what else varies. */
export function sweepLines(measure: Measure, key: string, setting: Setting): TopLevelSpec | null {
  const points = sweepPoints(measure, key, setting);
  const xs = valuesOf(points) as number[];
  // One point alone draws no line.
  if (xs.length < 2) return null;

  const series = seriesOf(points, setting);
  const range = measure.share ? shares : rangeOf(points.flatMap(({ median, low, high }) => [median, low, high]));
  const most = Math.max(...points.map((point) => point.runs));
  const axis = measure.timed ? unit(measure.axis, setting) : measure.axis;
  // What the bars are stands where they are measured.
  const title = most > 1 ? [axis, `bars: ${spreadName(most)}`] : axis;
  const head = frame(`${measure.title} by ${titleOf(key)}${most > 1 ? `: median of ${most} runs` : ""}`, setting);
  const panels = panelsOf(points);
  const layers = (legend: boolean) => lineLayers(series, axisOver("median", title, range, measure.share ? "~%" : ",~r"), legend);
  if (panels.length === 1) {
    return {
      ...head,
      ...whole,
      data: { values: points },
      encoding: { x: numericAxis(titleOf(key), xs) },
      layer: [...layers(false), ...endLabels(endsOf(points, series, range, whole.height), whole.width, whole.height)],
    };
  }
  return {
    ...head,
    data: { values: points },
    facet: { field: "panel", type: "nominal", sort: panels, header: { labelAnchor: "start" } },
    columns: panels.length === 4 ? 2 : 3,
    spacing: { column: 30, row: 24 },
    spec: { ...panel, encoding: { x: numericAxis(titleOf(key), xs) }, layer: layers(true) },
  };
}

const shares: Range = { logarithmic: false, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };

function lineLayers(series: readonly Series[], y: ReturnType<typeof axisOver>, withLegend: boolean) {
  const legend = withLegend ? { ...wrapped(series.map((one) => one.label)), symbolSize: 80, symbolStrokeWidth: 0, orient: "top" as const } : null;
  const color = { ...seriesColour(series), legend };
  return [
    {
      transform: [{ filter: "datum.runs > 1" }],
      mark: { type: "rule" as const, strokeWidth: 1.5, opacity: 0.7 },
      encoding: { y: { field: "low", type: "quantitative" as const }, y2: { field: "high" }, color },
    },
    {
      mark: { type: "line" as const, strokeWidth: 2 },
      encoding: { y, color, strokeDash: { ...seriesDash(series), legend } },
    },
    {
      mark: { type: "point" as const, filled: true, size: 60, opacity: 1 },
      encoding: { y: { field: "median", type: "quantitative" as const }, color, shape: { ...seriesShape(series), legend } },
    },
  ];
}

function endsOf(points: readonly SweepPoint[], series: readonly Series[], range: Range, height: number) {
  return series.map((one) => ({ series: one, y: height * (1 - placeIn(range, points.findLast((point) => point.series === one.label)!.median)) }));
}
