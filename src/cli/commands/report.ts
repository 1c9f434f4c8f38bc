import { join, relative } from "node:path";
import { Args, Flags } from "@oclif/core";
import type { Section } from "../../report/sections.ts";
import { Command } from "../command.ts";
import { bar, ProgressLine } from "../progress.ts";

type Findings = Pick<Section, "title" | "conditions" | "certainty" | "findings">;

interface ReportJson {
  readonly schema: "paxbench.report/1";
  readonly folder: string;
  /** Relative to `folder`. */
  readonly files: readonly string[];
  readonly findings: readonly Findings[];
  /** Runs are missing in one of the results. */
  readonly incomplete: boolean;
}

export default class Report extends Command {
  static override summary = "One page with figures, tables and findings from result folders, of runs and sweeps together.";
  static override description =
    "Runs that were made under the same conditions share a figure, from whatever folder they come: versions of the code side by side, and runs that differ in nothing as repeats. Measurements of different machines stay apart. " +
    "Of one folder, its own report.html, findings.md, plots/ and tables/ are drawn again; of several, a report goes to results/report/<UTC time>/, or to --out.";
  static override examples = [
    "paxbench report",
    "paxbench report results/conflict-rate/* --out report",
    "paxbench report results/before results/after --out report",
  ];
  static override enableJsonFlag = true;
  static override strict = false;
  static override args = { result: Args.string({ description: "result folders; default: results/latest" }) };
  static override flags = {
    out: Flags.string({ helpValue: "DIR", description: "where the report goes: an absent or empty folder, or one with a report, which is replaced" }),
  };

  async run(): Promise<ReportJson> {
    const { argv, flags } = await this.parse(Report);
    const { UsageError } = await import("../../core/errors.ts");
    const { readFolder } = await import("../../experiment/read-result.ts");
    const cwd = process.cwd();
    const paths = argv.length === 0 ? [join("results", "latest")] : (argv as string[]);
    const sources = paths.map((path) => readFolder(path, cwd));
    for (const [index, { folder }] of sources.entries()) {
      if (sources.findIndex((other) => other.folder === folder) < index) throw new UsageError(`${paths[index]!}: is given twice; allowed are different result folders`);
    }
    if (sources.every(({ result }) => result.runs.length === 0)) throw new UsageError(`${paths.join(", ")}: no runs to report on; allowed is a result with at least one`);

    const { reportFolder } = await import("../../experiment/result-folder.ts");
    const folder = reportFolder(flags.out, sources.map((source) => source.folder), new Date(), cwd);
    for (const [index, { result }] of sources.entries()) {
      if (result.incomplete) this.logToStderr(`paxbench: ${paths[index]!} is incomplete, and marked so: runs that are there: ${result.runs.length}`);
    }
    const { renderReport } = await import("../../report/index.ts");
    const line = new ProgressLine();
    const { files, sections } = await renderReport(sources, folder, (done) => line.show(`${bar(done)}  drawing`));
    line.clear();
    const path = relative(cwd, folder) || ".";
    this.log(`report in ${path}: ${files.length} files, to be read from report.html`);
    return { schema: "paxbench.report/1", folder: path, files, findings: sections.map(findingsOf), incomplete: sources.some(({ result }) => result.incomplete) };
  }
}

const findingsOf = ({ title, conditions, certainty, findings }: Section): Findings => ({ title, conditions, certainty, findings });
