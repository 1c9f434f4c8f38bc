import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { knownProtocols } from "../experiment/known-protocols.ts";
import type { Refutation, RunResult } from "../experiment/result.ts";
import { toPng, toSvg } from "./draw.ts";
import { type Figure, figures } from "./figures.ts";
import { cast } from "./look.ts";
import { type Drawing, page, type Timelines } from "./page.ts";
import { allRuns, type Source } from "./source.ts";
import { timelinePage } from "./timeline/page.ts";

/**
 * Draws what results have to show: `report.html`, and `plots/` instead of what was there. Answers the files written,
 * relative to `folder`. The same sources give the same bytes.
 */
export async function renderReport(sources: readonly Source[], folder: string): Promise<string[]> {
  const casting = cast(allRuns(sources).map((run) => run.protocol), knownProtocols());
  await rm(join(folder, "plots"), { recursive: true, force: true });
  await mkdir(join(folder, "plots"), { recursive: true });
  const files: string[] = [];
  const drawings: Drawing[] = [];
  for (const figure of figures(sources, casting)) {
    const svg = await toSvg(figure.spec);
    drawings.push({ name: figure.name, svg });
    files.push(...(await writeFigure(figure, svg, folder)));
  }
  await writeFile(join(folder, "report.html"), page(sources, drawings, await timelinesIn(sources, folder)));
  return ["report.html", ...files];
}

/** As a picture in two formats, and as the specification it was drawn from, with its data. */
export async function writeFigure({ name, spec }: Figure, svg: string, folder: string): Promise<string[]> {
  const contents = { svg, png: toPng(svg), "vl.json": `${JSON.stringify(spec, null, 2)}\n` };
  const files: string[] = [];
  for (const [ending, content] of Object.entries(contents)) {
    const file = join("plots", `${name}.${ending}`);
    await writeFile(join(folder, file), content);
    files.push(file);
  }
  return files;
}

/** Draws why histories are not linearizable, each on a page of its own. Answers the files written. */
export async function renderTimelines(runs: readonly RunResult[], refutations: readonly Refutation[], folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const { run, file, operations, keys, witness } of refutations) {
    const name = runs[run]!.files!.timeline!;
    await writeFile(join(folder, name), timelinePage(witness, { source: file, operations, keys }));
    files.push(name);
  }
  return files;
}

/** Those of other folders are copied beside the page. */
async function timelinesIn(sources: readonly Source[], folder: string): Promise<Timelines> {
  const timelines = new Map<RunResult, string>();
  for (const [index, source] of sources.entries()) {
    for (const run of source.result.runs) {
      const name = run.files?.timeline ?? null;
      if (name === null || !existsSync(join(source.folder, name))) continue;
      const own = source.folder === folder ? name : `${index}-${name}`;
      if (own !== name) await copyFile(join(source.folder, name), join(folder, own));
      timelines.set(run, own);
    }
  }
  return timelines;
}
