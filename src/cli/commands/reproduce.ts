import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { Args, Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import type { Found } from "../../experiment/reproduce/carry-out.ts";
import type { PlannedReproduction, Work } from "../../experiment/reproduce/plan.ts";
import type { ReproductionFile } from "../../experiment/reproduce/reproduction.ts";
import type { RunResult } from "../../experiment/result.ts";
import type { ResultFolder } from "../../experiment/result-folder.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";
import { checkFailed, interrupted } from "../show-results.ts";

interface Listed {
  readonly figures: readonly { readonly id: string; readonly title: string; readonly paper: string }[];
}

export default class Reproduce extends Command {
  static override summary = "A published figure: the paper's values, closed forms and ours, point by point, and drawn.";
  static override description = `Without an ID: what there is. Exit code 1 if a value of ours is beyond the figure's stated tolerance, or a check failed. All runs are simulated; docs/reproduce.md has what comes of them, and why.`;
  static override examples = ["paxbench reproduce", "paxbench reproduce swiftpaxos-fig7a", "paxbench reproduce all --out results/published"];
  static override enableJsonFlag = true;
  static override args = { id: Args.string({ description: "a figure by its name, or all" }) };
  static override flags = {
    seed: Flags.string({ default: "1", helpValue: "N", description: "of all chance" }),
    out: Flags.string({ helpValue: "DIR", description: "result folder, absent or empty; default: results/reproduce/<UTC time>" }),
  };

  async run(): Promise<ReproductionFile | Listed> {
    const { args, flags } = await this.parse(Reproduce);
    const { loadPublished, publishedIds } = await import("../../experiment/reproduce/published.ts");
    if (args.id === undefined) return this.#list(publishedIds().map(loadPublished));
    const figures = (args.id === "all" ? publishedIds() : [args.id]).map(loadPublished);
    if (!/^\d+$/.test(flags.seed) || !Number.isSafeInteger(Number(flags.seed))) throw new UsageError(`--seed ${flags.seed}: allowed is a whole number`);
    const seed = Number(flags.seed);
    const { planReproduction } = await import("../../experiment/reproduce/plan.ts");
    const planned = await planReproduction(figures, seed, process.cwd());
    const { ResultFolder: Folder } = await import("../../experiment/result-folder.ts");
    const { environmentNow } = await import("../../experiment/environment.ts");
    const startedAt = new Date();
    const folder = Folder.create(flags.out, "reproduce", startedAt, process.cwd());
    folder.writeManifest({
      schema: "paxbench.manifest/1",
      startedAt: startedAt.toISOString(),
      command: ["reproduce", ...this.argv],
      plan: "reproduction.json",
      environment: environmentNow("none"),
    });
    const found = new Map<Work, Found>();
    const file = await this.#carryOut(planned, found, folder, seed);
    return this.#show(file, [...found.values()].flatMap(({ result }) => result ?? []), folder);
  }

  #list(figures: Listed["figures"]): Listed {
    const width = Math.max(...figures.map(({ id }) => id.length));
    this.log(figures.map(({ id, title }) => `${id.padEnd(width)}  ${title}`).join("\n"));
    return { figures: figures.map(({ id, title, paper }) => ({ id, title, paper })) };
  }

  /** What is found is kept as it comes. */
  async #carryOut(planned: PlannedReproduction, found: Map<Work, Found>, folder: ResultFolder, seed: number): Promise<ReproductionFile> {
    const { carryOut } = await import("../../experiment/reproduce/carry-out.ts");
    const { reproductionOf } = await import("../../experiment/reproduce/reproduction.ts");
    const { writeReproduction } = await import("../../experiment/reproduce/folder.ts");
    const { RunFailure } = await import("../../experiment/experiment.ts");
    const line = new ProgressLine();
    let completed = false;
    try {
      completed = await carryOut(
        planned.works,
        join(folder.path, "cluster"),
        {
          progress: (doing, done) => line.show(`${bar(done)}  ${doing}`),
          found: (work, one, outcome) => {
            found.set(work, one);
            // Of service under faults there are twenty runs a value: their replays are kept, not their histograms and histories.
            if (work.kind === "run" && !work.service) folder.keep(work.job.index, one.result!, outcome!);
            writeReproduction(folder, reproductionOf(planned, found, seed, true));
          },
        },
        onInterrupt(),
      );
      if (!completed) process.exitCode = interrupted;
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      process.exitCode = checkFailed;
      line.clear();
      this.logToStderr(`paxbench: ${error.message}\n${error.origin}\nreplay: ${error.replay}`);
    }
    line.clear();
    const file = reproductionOf(planned, found, seed, !completed);
    writeReproduction(folder, file);
    if (completed) folder.complete();
    else folder.writeResults();
    return file;
  }

  async #show(file: ReproductionFile, runs: readonly RunResult[], folder: ResultFolder): Promise<ReproductionFile> {
    const { reproductionSummary } = await import("../reproduction-summary.ts");
    const { violations } = await import("../summary.ts");
    const { renderReproduction } = await import("../../report/index.ts");
    this.log([reproductionSummary(file), ...violations(runs)].join("\n\n"));
    await mkdir(join(folder.path, "plots"));
    await renderReproduction(file, folder.path);
    if (file.incomplete) this.logToStderr("paxbench: incomplete: what was measured is kept");
    this.log(`\nresults in ${relative(process.cwd(), folder.path) || "."}: reproduction.json, points.csv, plots/, result.json`);
    const broken = runs.some((run) => run.violations.length > 0);
    if (broken || file.figures.some(({ points }) => points.some(({ agrees }) => agrees === false))) process.exitCode ||= checkFailed;
    return file;
  }
}
