import type { Config } from "vega-lite";
import type { Series, Setting } from "./setting.ts";
import { subtitle } from "./subtitle.ts";
import { lines } from "./text.ts";

export const ink = "#1a1a1a";
export const muted = "#595959";
const faint = "#e3e3e3";
export const alarm = "#b00020";

/** Legends above a figure one below the other. Vega-Lite hands it on, though its types do not know it. */
const legendRows = { layout: { top: { anchor: "start", direction: "vertical", margin: 4 } } } as object;

/** Sizes are for a page at half of a PNG's pixels: no text below 12 px. */
const config: Config = {
  background: "white",
  padding: 16,
  // Inter is what texts are measured with; the others are no wider, where a browser has no Inter.
  font: "Inter, Helvetica, Arial, sans-serif",
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "bounds",
    color: ink,
    fontSize: 17,
    fontWeight: 600,
    offset: 14,
    subtitleColor: muted,
    subtitleFontSize: 12,
    subtitleLineHeight: 17,
    subtitlePadding: 6,
  },
  axis: {
    labelColor: ink,
    labelFontSize: 12,
    labelLimit: 0,
    labelFlush: false,
    titleColor: ink,
    titleFontSize: 13,
    titleFontWeight: 400,
    titlePadding: 10,
    domainColor: muted,
    tickColor: muted,
    gridColor: faint,
  },
  legend: { labelColor: ink, labelFontSize: 13, labelLimit: 0, title: null, rowPadding: 5, symbolOpacity: 1, ...legendRows },
  header: { labelColor: ink, labelFontSize: 13, labelFontWeight: 600, labelLimit: 0, title: null },
};

/** What all figures have in common: a title that says what one sees, and under what conditions it was measured. */
export function frame(title: string, setting: Setting) {
  return titled(isSimulated(setting) ? `${title} — simulated (virtual time)` : title, subtitle(setting));
}

/** The same, in words of one's own. */
export function titled(text: string | string[], conditions: string[]) {
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    config,
    title: { text, subtitle: conditions },
  } as const;
}

/** A title that ends in a unit of time, as an axis has it: figures get cropped, so here too virtual time is called so. */
export function unit(title: string, setting: Setting): string {
  return isSimulated(setting) ? `${title} of virtual time` : title;
}

/** The colour of a row, by the label that it has as its `series`. */
export function seriesColour(series: readonly Series[]) {
  return {
    field: "series",
    type: "nominal" as const,
    scale: { domain: series.map((one) => one.label), range: series.map((one) => one.look.colour) },
  };
}

/** Its mark, likewise. */
export function seriesShape(series: readonly Series[]) {
  return {
    field: "series",
    type: "nominal" as const,
    scale: { domain: series.map((one) => one.label), range: series.map((one) => one.look.shape) },
  };
}

/** Its dashes, likewise. */
export function seriesDash(series: readonly Series[]) {
  return {
    field: "series",
    type: "nominal" as const,
    scale: { domain: series.map((one) => one.label), range: series.map((one) => [...one.look.dash]) },
  };
}

/** Breaks long labels into lines. Vega leaves them whole, so that one long name would widen the whole figure. */
export function wrapped(labels: readonly string[]): { labelExpr: string } {
  const broken = labels.map((label) => [label, lines(label.split(" "), " ", 36)]);
  return { labelExpr: `${JSON.stringify(Object.fromEntries(broken))}[datum.label]` };
}

function isSimulated({ runs }: Setting): boolean {
  return runs.some((run) => run.simulated);
}
