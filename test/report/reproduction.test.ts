import { describe, expect, test } from "vitest";
import type { ReproducedFigure, ReproducedPoint } from "../../src/experiment/reproduce/reproduction.ts";
import { toSvg } from "../../src/report/draw.ts";
import { reproductionFigure } from "../../src/report/reproduction.ts";

const point = (changes: Partial<ReproducedPoint>): ReproducedPoint => ({
  series: "A", at: 3, printed: 100, readOffPlot: true, note: null, paper: 100, error: 5, atLeast: false, theory: null, ours: null, range: null,
  measured: null, offPaper: null, offTheory: null, agrees: null, remark: null, replay: [], ...changes,
});

const figureOf = (...points: readonly ReproducedPoint[]): ReproducedFigure => ({
  id: "x", title: "A figure", paper: "Nobody, 2026", figure: "Figure 1", setup: "", inferred: ["all"], differs: [], tolerance: { share: 0.1, why: "" },
  unit: "ms", x: "sites", y: "latency", relativeTo: null, costs: null, points,
});

const marksOf = (figure: ReproducedFigure) =>
  (reproductionFigure(figure)!.spec as unknown as { vconcat: { data: { values: { who: string; value: number; low: number; high: number }[] } }[] }).vconcat.flatMap(({ data }) => data.values);

describe("a published figure with ours beside it", () => {
  test("the paper's value with its error, the closed form, and ours: apart where it is beyond tolerance", async () => {
    const figure = figureOf(point({ ours: 101, theory: 99, agrees: true }), point({ series: "B", ours: 150, agrees: false }), point({ series: "C", range: [7, 70], agrees: false }));
    expect(marksOf(figure).map(({ who, value, low, high }) => [who, value, low, high])).toEqual([
      ["closed form", 99, 99, 99], ["ours", 101, 101, 101], ["paper", 100, 95, 105],
      ["ours, beyond tolerance", 150, 150, 150], ["paper", 100, 95, 105],
      ["ours, beyond tolerance", 7, 7, 70], ["ours, beyond tolerance", 70, 7, 70], ["paper", 100, 95, 105],
    ]);
    const svg = await toSvg(reproductionFigure(figure)!.spec);
    for (const text of ["A figure — simulated (virtual time)", "one input inferred", "ours, beyond tolerance", "latency, ms"]) expect(svg).toContain(text);
  });

  test("words are cells", async () => {
    const svg = await toSvg(reproductionFigure(figureOf(point({ paper: "progress", ours: "unavailable", agrees: false })))!.spec);
    for (const text of ["paper: progress", "ours: unavailable", "different"]) expect(svg).toContain(text);
  });

  test("is none while nothing was measured", () => expect(reproductionFigure(figureOf(point({})))).toBeNull());
});
