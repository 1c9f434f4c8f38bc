import type { Series } from "./setting.ts";
import { ink, muted } from "./theme.ts";

/** Px between the lines of text beside each other's ends. */
const lineHeight = 19;

/** Where a line ends, px from the top of its figure. */
export interface End {
  readonly series: Series;
  readonly y: number;
}

/** Names at the ends of lines, in place of a legend: a mark as on the line, the name, and a hair to where the line ends. */
export function endLabels(ends: readonly End[], width: number, height: number) {
  const rows = apart(ends, height).map(({ series, y, at }) => ({ label: series.label, end: y, at }));
  const y = { field: "at", type: "quantitative" as const, scale: null };
  const looks = ends.map(({ series }) => series);
  const of = <T>(value: (series: Series) => T) => ({ domain: looks.map((series) => series.label), range: looks.map(value) });
  return [
    {
      data: { values: rows },
      mark: { type: "rule" as const, strokeWidth: 0.7, color: muted },
      encoding: { x: { value: width + 3 }, x2: { value: width + 13 }, y: { field: "end", type: "quantitative" as const, scale: null }, y2: { field: "at" } },
    },
    {
      data: { values: rows },
      mark: { type: "point" as const, filled: true, size: 60, opacity: 1 },
      encoding: {
        x: { value: width + 20 },
        y,
        color: { field: "label", type: "nominal" as const, scale: of((series) => series.look.colour), legend: null },
        shape: { field: "label", type: "nominal" as const, scale: of((series) => series.look.shape), legend: null },
      },
    },
    {
      data: { values: rows },
      mark: { type: "text" as const, align: "left" as const, baseline: "middle" as const, fontSize: 13, color: ink },
      encoding: { x: { value: width + 29 }, y, text: { field: "label" } },
    },
  ];
}

/** As near to their ends as they can be without covering each other. */
function apart(ends: readonly End[], height: number): (End & { readonly at: number })[] {
  const sorted = ends.toSorted((a, b) => a.y - b.y);
  const at: number[] = [];
  for (const { y } of sorted) at.push(Math.max(y, (at.at(-1) ?? -Infinity) + lineHeight));
  // What this has pushed beyond the bottom goes up again, and takes along what is in its way.
  let limit = Math.max(height, (sorted.length - 1) * lineHeight);
  for (let i = at.length - 1; i >= 0; i--) {
    at[i] = Math.min(at[i]!, limit);
    limit = at[i]! - lineHeight;
  }
  return sorted.map((end, i) => ({ ...end, at: at[i]! }));
}
