import { join } from "node:path";
import { Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import type { SweepFolder } from "../../experiment/sweep/folder.ts";
import type { ResultFile } from "../../experiment/result.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";
import { runFlags } from "../run-flags.ts";
import { checkFailed, interrupted, showResults } from "../show-results.ts";

export default class Sweep extends Command {
  static override summary = "Many experiments: the cross product of what varies, each point with every named protocol; one result folder, lines over what varies.";
  static override description = `--vary takes any flag or option: protocol, conflict, clients, replicas, topology, workload, leader, seed, durability, transport, duration, warmup, scenario, costs, and what "paxbench list" has as --set. Values between commas; 1..8 is a range of whole numbers.

Simulated points run side by side; live ones one after the other, each repeat going round all of them. An interrupted sweep goes on with --resume DIR, or the same command with the same --out.`;
  static override examples = [
    "paxbench sweep -p all --transport sim --topology epaxos5-aws-2020 --vary conflict=0,0.02,0.1,0.3,1 --repeat 5",
    "paxbench sweep -p all --vary clients=1,2,4,8,16,32 --vary replicas=3,5",
    "paxbench sweep --plan conflict-rate --duration 5s",
    "paxbench sweep --resume results/conflict-rate/2026-11-20T12-00-00Z",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    ...runFlags,
    vary: Flags.string({ multiple: true, default: [], helpValue: "KEY=LIST", description: "what varies: a flag or an option, and its values; repeatable" }),
    plan: Flags.string({ helpValue: "NAME|FILE", description: "a sweep that is written down; flags and --vary stand above it" }),
    resume: Flags.string({ helpValue: "DIR", description: "the result folder of a sweep that was interrupted, which knows all else" }),
  };

  async run(): Promise<ResultFile> {
    const folder = await this.#folder();
    const { runExperiment, RunFailure } = await import("../../experiment/experiment.ts");
    const line = new ProgressLine();
    const before = folder.jobs.length - folder.waiting.length;
    if (before > 0) this.logToStderr(`paxbench: goes on: ${before} of ${folder.jobs.length} runs are there`);
    const jobs = new Map(folder.waiting.map((job) => [job.index, job]));
    const began = performance.now();
    let kept = before;
    try {
      const completed = await runExperiment(
        folder.waiting,
        join(folder.results.path, "cluster"),
        {
          progress: (doing, done) => {
            const total = (before + done * folder.waiting.length) / folder.jobs.length;
            line.show(`${bar(total)}  ${kept} of ${folder.jobs.length} runs${timeLeft(performance.now() - began, done)}  ${doing}`);
          },
          finished: ({ index }, result, outcome) => {
            // Cut short, it will be run again as a whole.
            if (outcome.interrupted) return;
            folder.keep(jobs.get(index)!, result, outcome);
            kept++;
          },
        },
        onInterrupt(),
      );
      if (completed) folder.results.complete();
      else process.exitCode = interrupted;
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      if (error.cause instanceof UsageError && kept === 0) {
        folder.results.discard();
        line.clear();
        throw error.cause;
      }
      process.exitCode = checkFailed;
      line.clear();
      this.logToStderr(`paxbench: ${error.message}\n${error.origin}\nreplay: ${error.replay}`);
    }
    folder.results.writeResults();
    line.clear();
    const { sweepSummary } = await import("../sweep-summary.ts");
    return showResults(this, folder.results, sweepSummary, folder.jobs.some(({ plan }) => plan.history));
  }

  /** All points are planned, and what was run before is read, before anything starts. */
  async #folder(): Promise<SweepFolder> {
    const { flags, metadata } = await this.parse(Sweep);
    const typed = new Set(Object.keys(flags).filter((name) => metadata.flags[name]?.setFromDefault !== true));
    const { SweepFolder: Folder } = await import("../../experiment/sweep/folder.ts");
    if (flags.resume !== undefined) {
      const more = [...typed].find((name) => name !== "resume" && name !== "json");
      if (more !== undefined) throw new UsageError(`--${more} with --resume: the folder has all of the sweep; allowed is --json`);
      return Folder.resume(flags.resume);
    }
    const { planSweep } = await import("../../experiment/sweep/plan.ts");
    const { out, vary, plan, ...run } = flags;
    const sweep = await planSweep({ flags: run, typed, vary, plan }, process.cwd());
    return Folder.create(out, sweep, ["sweep", ...this.argv], process.cwd());
  }
}

/** From what the part that is done has taken; nothing while that says little. */
const timeLeft = (elapsed: number, done: number): string => {
  if (done < 0.01) return "";
  const seconds = Math.round((elapsed * (1 - done)) / done / 1000);
  return seconds < 60 ? `  ${seconds} s left` : `  ${Math.floor(seconds / 60)} min ${seconds % 60} s left`;
};
