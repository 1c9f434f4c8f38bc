/** Published figures with ours beside them. */
import type { TopLevelSpec } from "vega-lite";
import type { ReproducedFigure, ReproducedPoint } from "../experiment/reproduce/reproduction.ts";
import type { Figure } from "./figures.ts";
import { lines, percent } from "./text.ts";
import { ink, muted, titled } from "./theme.ts";
import { valueAxis } from "./value-axis.ts";

const paper = { label: "paper", colour: ink, shape: "diamond" };
const theory = { label: "closed form", colour: muted, shape: "M-.14,-1.6H.14V1.6H-.14Z" };
const ours = { label: "ours", colour: "#0072B2", shape: "circle" };
const apart = { label: "ours, beyond tolerance", colour: "#D55E00", shape: "square" };

/** Characters of a line, and of the title, that fit above a figure. */
const lineWidth = 105;
const titleWidth = 72;

/** Null while nothing of it was measured. */
export function reproductionFigure(figure: ReproducedFigure): Figure | null {
  const measured = figure.points.filter(({ agrees }) => agrees !== null);
  if (measured.length === 0) return null;
  const words = figure.points.some(({ paper: value }) => typeof value === "string");
  return { name: figure.id, spec: words ? outcomes(figure) : values(figure) };
}

const frameOf = ({ title, paper: source, inferred, tolerance, costs }: ReproducedFigure, more: readonly string[] = []) =>
  titled(lines([...title.split(" "), "— simulated (virtual time)"], " ", titleWidth), [
    ...lines(source.split(" "), " ", lineWidth),
    ...lines(
      [
        `${inferred.length === 0 ? "no input" : inferred.length === 1 ? "one input" : `${inferred.length} inputs`} inferred`,
        ...(tolerance.share === 0 ? [] : [`tolerance ${percent(tolerance.share)} and the error of reading a plot`]),
        ...(costs === null ? [] : [`CPU costs ${costs.split(":")[0]}`]),
        ...more,
      ],
      " · ",
      lineWidth,
    ),
  ]);

/** A row a series, in panels by place: the paper's value with its error, the closed form, and ours. */
function values(figure: ReproducedFigure): TopLevelSpec {
  const { points, x, y, unit, relativeTo } = figure;
  const numbers = points.flatMap(marks);
  const shown = [paper, theory, ours, apart].filter(({ label }) => numbers.some((row) => row.who === label));
  const domain = shown.map(({ label }) => label);
  const who = { field: "who", type: "nominal", legend: { orient: "top", symbolSize: 110 } } as const;
  const colour = { ...who, scale: { domain, range: shown.map((one) => one.colour) } };
  const shape = { ...who, scale: { domain, range: shown.map((one) => one.shape) } };
  const measured = `${y}, ${relativeTo === null ? `${unit}; ours of virtual time` : `multiples of ${relativeTo}; ours in virtual time`}`;
  const axis = valueAxis("value", measured, numbers.flatMap(({ value, low, high }) => [value, low, high]));
  const places = [...Map.groupBy(numbers, ({ at }) => at)];
  const title = { titleAngle: 0, titleAlign: "right", titleBaseline: "middle", titleFontWeight: 600 } as const;
  return {
    ...frameOf(figure, places.length === 1 ? [] : [`bold, at the left: ${x}`]),
    spacing: 8,
    vconcat: places.map(([place, rows], i) => ({
      width: 560,
      height: { step: 24 },
      data: { values: rows },
      encoding: {
        y: { field: "series", type: "nominal", sort: null, axis: { ...title, title: place, domain: false, ticks: false, labelPadding: 10, labelFontSize: 13, grid: true } },
      },
      layer: [
        {
          mark: { type: "rule", strokeWidth: 3, opacity: 0.55 },
          encoding: { x: { field: "low", type: "quantitative" }, x2: { field: "high" }, color: colour },
        },
        {
          mark: { type: "point", filled: true, size: 95, opacity: 1 },
          // Named where the last panel ends: one axis for all.
          encoding: { x: i === places.length - 1 ? axis : { ...axis, axis: { ...axis.axis, title: null, labels: false, ticks: false, domain: false } }, color: colour, shape },
        },
      ],
    })),
    resolve: { scale: { x: "shared", color: "shared", shape: "shared" } },
  };
}

interface Mark {
  readonly at: string;
  readonly series: string;
  readonly who: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Of a point that has numbers; a range has a mark at each end. */
function marks({ at, series, paper: value, error, theory: form, ours: own, range, agrees }: ReproducedPoint): Mark[] {
  const mark = (who: { readonly label: string }, place: number, low = place, high = place): Mark => ({ at: String(at), series, who: who.label, value: place, low, high });
  const name = agrees === true ? ours : apart;
  return [
    ...(form === null ? [] : [mark(theory, form)]),
    ...(range === null ? [] : range.map((end) => mark(name, end, range[0], range[1]))),
    ...(typeof own === "number" ? [mark(name, own)] : []),
    ...(typeof value === "number" ? [mark(paper, value, value - error, value + error)] : []),
  ];
}

/** A cell for each outcome: the paper's word, ours below it. */
function outcomes(figure: ReproducedFigure): TopLevelSpec {
  const cells = figure.points.map(({ at, series, paper: value, ours: own, agrees }) => ({
    at: String(at), series, text: [`paper: ${value}`, `ours: ${own ?? "not measured"}`], verdict: agrees === true ? "the same" : agrees === null ? "not measured" : "different",
  }));
  const verdicts = [["the same", "#cfe4f3"], ["different", "#f6d3bd"], ["not measured", "#eeeeee"]].filter(([label]) => cells.some(({ verdict }) => verdict === label));
  const axis = { title: null, domain: false, ticks: false, labelAngle: 0, labelFontSize: 13, labelPadding: 8 } as const;
  return {
    ...frameOf(figure),
    width: { step: 190 },
    height: { step: 52 },
    data: { values: cells },
    encoding: {
      x: { field: "at", type: "nominal", sort: null, axis: { ...axis, orient: "top" } },
      y: { field: "series", type: "nominal", sort: null, axis },
    },
    layer: [
      {
        mark: { type: "rect", stroke: "white", strokeWidth: 3 },
        encoding: { color: { field: "verdict", type: "nominal", scale: { domain: verdicts.map(([label]) => label!), range: verdicts.map(([, colour]) => colour!) }, legend: { orient: "bottom" } } },
      },
      { mark: { type: "text", fontSize: 12, lineHeight: 16, color: ink, baseline: "middle", dy: -8 }, encoding: { text: { field: "text" } } },
    ],
  };
}
