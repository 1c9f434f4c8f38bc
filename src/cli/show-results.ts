import { join, relative } from "node:path";
import type { ResultFolder } from "../experiment/result-folder.ts";
import type { ResultFile } from "../experiment/result.ts";
import type { Command } from "./command.ts";

export const checkFailed = 1;
export const undecided = 3;
export const interrupted = 130;

/** The end of every experiment: table, figures, page, where they are, and the exit code that the verdicts ask for. */
export const showResults = async (
  command: Command,
  folder: ResultFolder,
  summary: (result: ResultFile) => string,
  historyAsked: boolean,
): Promise<ResultFile> => {
  const { result } = folder;
  if (result.runs.some((run) => run.violations.length > 0 || run.thresholds.some(({ held }) => !held))) process.exitCode ||= checkFailed;
  if (historyAsked && result.runs.some((run) => run.checks.linearizable === "unknown")) process.exitCode ||= undecided;
  const path = relative(process.cwd(), folder.path) || ".";
  if (result.runs.length > 0) {
    command.log(summary(result));
    const { renderReport, renderTimelines } = await import("../report/index.ts");
    const timelines = await renderTimelines(result.runs, folder.refutations, folder.path);
    await renderReport([{ folder: folder.path, result, curves: folder.curves }], folder.path);
    if (timelines.length > 0) command.log(`\nnot linearizable, as a timeline: ${timelines.map((file) => join(path, file)).join(", ")}`);
  }
  if (result.incomplete) command.logToStderr(`paxbench: incomplete: what was measured is kept, runs: ${result.runs.length}`);
  command.log(`\nresults in ${path}: report.html, findings.md, plots/, tables/, result.json, runs.csv, histograms/`);
  return result;
};
