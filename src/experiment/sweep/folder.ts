/**
 * A sweep's result folder: that of a run, with `sweep.json` (all points and their plans, written before the start) and a
 * file in `runs/` for each run that is over. From these two it goes on after an interruption, on whatever day.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { UsageError } from "../../core/errors.ts";
import { environmentNow } from "../environment.ts";
import type { Outcome } from "../outcome.ts";
import { ResultFolder, type KeptRun } from "../result-folder.ts";
import type { RunResult } from "../result.ts";
import { sweepJobs, sweepOf, type SweepJob, type SweepPlan } from "./plan.ts";

export const sweepFile = "sweep.json";
const fileOf = (index: number): string => join("runs", `${index}.json`);

export class SweepFolder {
  readonly results: ResultFolder;
  readonly jobs: readonly SweepJob[];
  /** What is still to be run. */
  readonly waiting: readonly SweepJob[];

  private constructor(results: ResultFolder, plan: SweepPlan) {
    this.results = results;
    this.jobs = sweepJobs(plan);
    this.waiting = this.jobs.filter(({ index }) => {
      const file = join(results.path, fileOf(index));
      if (!existsSync(file)) return true;
      results.take(index, unsealed(file) as KeptRun);
      return false;
    });
  }

  /** `out`: absent, empty, or the folder of the same sweep, which is then continued. `words`: after `paxbench`. Throws a `UsageError`. */
  static create(out: string | undefined, plan: SweepPlan, words: readonly string[], cwd: string): SweepFolder {
    if (out !== undefined && existsSync(join(resolve(cwd, out), sweepFile))) {
      const folder = resolve(cwd, out);
      if (digestOf(JSON.stringify(planIn(folder))) === digestOf(JSON.stringify(plan))) return SweepFolder.resume(folder);
      throw new UsageError(`--out ${out}: the folder has another sweep; allowed is the same one, or an absent or empty folder`);
    }
    const startedAt = new Date();
    const results = ResultFolder.create(out, plan.name.replaceAll(/[^\w.+-]/g, "_"), startedAt, cwd, sweepOf(plan));
    mkdirSync(join(results.path, "runs"));
    results.write(sweepFile, sealed(plan));
    results.writeManifest({
      schema: "paxbench.manifest/1",
      startedAt: startedAt.toISOString(),
      command: words,
      plan: sweepFile,
      environment: environmentNow(plan.points[0]!.plan.durability),
    });
    return new SweepFolder(results, plan);
  }

  /** Throws a `UsageError`. */
  static resume(folder: string): SweepFolder {
    const plan = planIn(folder);
    return new SweepFolder(ResultFolder.reopen(resolve(folder), sweepOf(plan)), plan);
  }

  keep({ index, varied }: SweepJob, result: RunResult, outcome: Outcome): void {
    const kept = this.results.keep(index, { ...result, varied }, outcome);
    this.results.write(fileOf(index), sealed(kept));
  }
}

const planIn = (folder: string): SweepPlan => {
  const file = join(folder, sweepFile);
  if (!existsSync(file)) throw new UsageError(`no sweep in ${folder}: there is no ${sweepFile}; allowed is the result folder of a sweep`);
  return unsealed(file) as SweepPlan;
};

/** What is read back is what was written, or is refused: nothing else checks its shape. */
const sealed = (content: unknown): string => {
  const text = JSON.stringify(content);
  return `{"sha256":"${digestOf(text)}","content":${text}}\n`;
};

const unsealed = (file: string): unknown => {
  try {
    const { sha256, content } = JSON.parse(readFileSync(file, "utf8")) as { readonly sha256: string; readonly content: unknown };
    if (sha256 === digestOf(JSON.stringify(content))) return content;
  } catch {
    // As below.
  }
  throw new UsageError(`${file}: damaged, or changed by hand; allowed is what the sweep has written (a run's file may be removed: it is then run again)`);
};

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");
