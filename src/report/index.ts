import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { LatencyCurve, Refutation, ResultFile } from "../experiment/result.ts";
import { toPng, toSvg } from "./draw.ts";
import { figures } from "./figures.ts";
import { page } from "./page.ts";
import { timelinePage } from "./timeline/page.ts";

/**
 * Draws what a result has to show, each figure as a picture in two formats and as the Vega-Lite
 * specification it was drawn from, with its data. Answers the files written, relative to `folder`.
 */
export async function renderFigures(
  result: ResultFile,
  curves: readonly LatencyCurve[],
  folder: string,
): Promise<string[]> {
  const files: string[] = [];
  await mkdir(join(folder, "plots"), { recursive: true });
  for (const { name, spec } of figures(result, curves)) {
    const svg = await toSvg(spec);
    const contents = { svg, png: toPng(svg), "vl.json": `${JSON.stringify(spec, null, 2)}\n` };
    for (const [ending, content] of Object.entries(contents)) {
      const file = join("plots", `${name}.${ending}`);
      await writeFile(join(folder, file), content);
      files.push(file);
    }
  }
  return files;
}

/** Draws why histories are not linearizable, each on a page of its own. Answers the files written, by run. */
export async function renderTimelines(refutations: readonly Refutation[], folder: string): Promise<Map<number, string>> {
  const files = new Map<number, string>();
  for (const { run, file, operations, keys, witness } of refutations) {
    const name = file.replace(/history\.jsonl$/, "linearizability.html");
    await writeFile(join(folder, name), timelinePage(witness, { source: file, operations, keys }));
    files.set(run, name);
  }
  return files;
}

/** Writes `report.html` around what `renderFigures` and `renderTimelines` have left in the same folder. */
export async function renderPage(
  result: ResultFile,
  figures: readonly string[],
  folder: string,
  timelines?: ReadonlyMap<number, string>,
): Promise<string> {
  const drawings = await Promise.all(
    figures
      .filter((file) => file.endsWith(".svg"))
      .map(async (file) => ({ name: basename(file, ".svg"), svg: await readFile(join(folder, file), "utf8") })),
  );
  const file = "report.html";
  await writeFile(join(folder, file), page(result, drawings, timelines));
  return file;
}
