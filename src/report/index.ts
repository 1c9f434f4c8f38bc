import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { knownProtocols } from "../experiment/known-protocols.ts";
import type { ReproductionFile } from "../experiment/reproduce/reproduction.ts";
import type { Refutation, RunResult } from "../experiment/result.ts";
import { toPng, toSvg } from "./draw.ts";
import type { Figure } from "./figures.ts";
import { markdownFindings } from "./findings/markdown.ts";
import { cast } from "./look.ts";
import { overallTables, page, type Timelines } from "./page.ts";
import { reproductionFigure } from "./reproduction.ts";
import { type Section, sections as sectionsOf } from "./sections.ts";
import { allRuns, type Source } from "./source.ts";
import { csvOfTable, markdownOf, type Table } from "./table.ts";
import { timelinePage } from "./timeline/page.ts";

export interface Rendered {
  /** Those that were written, relative to the report's folder. */
  readonly files: readonly string[];
  readonly sections: readonly Section[];
}

const folders = ["plots", "tables"];

/**
 * Draws what results have to show: `report.html`, `findings.md`, `plots/`, `tables/`, instead of an earlier report; in the folder of
 * one of the results it leaves what else is there. The same sources give the same bytes. `progress`: share that is done, 0 … 1.
 */
export async function renderReport(sources: readonly Source[], folder: string, progress?: (done: number) => void): Promise<Rendered> {
  const runs = allRuns(sources);
  const sections = sectionsOf(sources, cast(runs.map((run) => run.protocol), knownProtocols()));
  for (const name of folders) {
    if (sources.every((source) => source.folder !== folder)) await rm(join(folder, name), { recursive: true, force: true });
    await mkdir(join(folder, name), { recursive: true });
  }
  const files: string[] = [];
  const drawings = new Map<string, string>();
  const figures = sections.flatMap((section) => section.figures);
  for (const [index, figure] of figures.entries()) {
    progress?.(index / figures.length);
    const svg = await toSvg(figure.spec);
    drawings.set(figure.name, svg);
    files.push(...(await writeFigure(figure, svg, folder)));
  }
  for (const table of [...sections.flatMap(({ tables }) => tables), ...overallTables(sources)]) files.push(...(await writeTable(table, folder)));
  await writeFile(join(folder, "findings.md"), markdownFindings(sections, sources));
  const timelines = await timelinesIn(sources, folder);
  await writeFile(join(folder, "report.html"), page({ sources, sections, drawings, timelines }));
  return { files: ["report.html", "findings.md", ...files], sections };
}

/** Draws published figures with ours beside them, into `plots/`, which is there. */
export async function renderReproduction({ figures: published }: ReproductionFile, folder: string): Promise<void> {
  for (const figure of published.map(reproductionFigure)) {
    if (figure !== null) await writeFigure(figure, await toSvg(figure.spec), folder);
  }
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

async function writeTable(table: Table, folder: string): Promise<string[]> {
  const contents = { csv: csvOfTable(table), md: markdownOf(table) };
  const files: string[] = [];
  for (const [ending, content] of Object.entries(contents)) {
    const file = join("tables", `${table.name}.${ending}`);
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
