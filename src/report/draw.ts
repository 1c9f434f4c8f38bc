import { Resvg } from "@resvg/resvg-js";
import { parse, resetSVGDefIds, textMetrics, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { advance, boldAdvance, fontFiles } from "./font.ts";

/** What vega's own types leave out. */
declare module "vega" {
  export const textMetrics: { width: (item: TextItem, text: string) => number };
  export interface TextItem {
    readonly fontSize?: number;
    readonly fontWeight?: number | string;
  }
}

// Without a canvas vega guesses how wide a text is, and legends and margins come out wrong.
textMetrics.width = ({ fontSize = 11, fontWeight = 400 }, text) =>
  (fontWeight === "bold" || Number(fontWeight) >= 600 ? boldAdvance : advance)(text, fontSize);

/** One at a time: vega numbers the parts of all drawings with one counter, which starts anew for each. */
export async function toSvg(spec: TopLevelSpec): Promise<string> {
  resetSVGDefIds();
  const view = new View(parse(compile(spec).spec), { renderer: "none" });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** At twice the drawing's size, for sharp print; with our fonts only, so that every machine makes the same picture. */
export function toPng(svg: string): Uint8Array {
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: "Inter" };
  return new Resvg(svg, { font, fitTo: { mode: "zoom", value: 2 } }).render().asPng();
}
