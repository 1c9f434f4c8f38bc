import { join } from "node:path";
import { Flags } from "@oclif/core";
import type { ResultFile } from "../../experiment/result.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";
import { runFlags } from "../run-flags.ts";
import { showResults } from "../show-results.ts";

const { rate: _rate, repeat: _repeat, ...flags } = runFlags;

export default class Saturate extends Command {
  static override summary = "Ramp the load up until a cluster cannot follow: the knee of each protocol, and the rule that says so.";
  static override description = `Open loop: the rate doubles from --from on, each step a run of its own, until one breaks the rule, and then closes in to 10 %. A step breaks it when less than 95 % of what is offered is answered in time, more than 0.1 % is dropped, or response p99 is more than --knee times that at the lowest rate; with --threshold, when a threshold is missed instead of that. In real time a step has only broken it when it does so twice.

In virtual time work takes none unless --costs says what it takes.`;
  static override examples = [
    "paxbench saturate -p all --duration 3s",
    "paxbench saturate -p all --transport tcp --threshold 'response.p99<10ms'",
    "paxbench saturate -p all --transport sim --costs ppm --topology epaxos5-aws-2020",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    ...flags,
    duration: Flags.string({ default: "5s", helpValue: "TIME", description: "length of each step's measured window" }),
    threshold: Flags.string({ multiple: true, default: [], helpValue: "'METRIC<VALUE'", description: "a bound that each step must keep, such as response.p99<50ms, in place of --knee" }),
    from: Flags.string({ default: "1000", helpValue: "R", description: "the first rate, operations a second over all clients" }),
    to: Flags.string({ default: "10000000", helpValue: "R", description: "the last" }),
    knee: Flags.string({ default: "10", helpValue: "N", description: "response p99 may be N times that at the lowest rate" }),
  };

  async run(): Promise<ResultFile> {
    const { flags: { from, to, knee, out, threshold: bounds, ...typed } } = await this.parse(Saturate);
    const { rampOf } = await import("../../experiment/saturation/ramp.ts");
    const { saturate, planAt } = await import("../../experiment/saturation/saturate.ts");
    const { runExperiment } = await import("../../experiment/experiment.ts");
    const { intoFolder } = await import("../into-folder.ts");
    const { ResultFolder } = await import("../../experiment/result-folder.ts");
    const { environmentNow } = await import("../../experiment/environment.ts");
    const ramp = rampOf({ ...typed, repeat: "1" }, { from, to, knee, thresholds: bounds });
    const plan = await planAt(ramp.flags, ramp.search.from, process.cwd());

    const startedAt = new Date();
    const folder = ResultFolder.create(out, `saturate-${plan.protocols.map((protocol) => protocol.name).join("+")}`, startedAt, process.cwd());
    folder.write("ramp.json", `${JSON.stringify({ ...ramp, plan }, null, 2)}\n`);
    folder.writeManifest({ schema: "paxbench.manifest/1", startedAt: startedAt.toISOString(), command: ["saturate", ...this.argv], plan: "ramp.json", environment: environmentNow(plan.durability) });

    const line = new ProgressLine();
    const signal = onInterrupt();
    await intoFolder(this, folder, line, () => saturate(
      ramp,
      process.cwd(),
      (jobs, finished) => {
        const byIndex = new Map(jobs.map((job) => [job.index, job]));
        const rates = [...new Set(jobs.map((job) => job.rate.toLocaleString("en-US")))].join(", ");
        return runExperiment(jobs, join(folder.path, "cluster"), {
          progress: (doing, done) => line.show(`${bar(done)}  ${rates} ops/s  ${doing}`),
          finished: ({ index }, result, outcome) => finished(byIndex.get(index)!, result, outcome),
        }, signal);
      },
      (job, result, outcome, knees) => {
        folder.keep(job.index, { ...result, varied: { rate: job.rate } }, outcome);
        const values = [...new Set(folder.result.runs.map((run) => run.varied!["rate"]!))].sort((a, b) => Number(a) - Number(b));
        folder.about = { sweep: { vary: [{ key: "rate", values }] }, knees };
        folder.writeResults();
      },
    ));
    const { saturationSummary } = await import("../saturation-summary.ts");
    return showResults(this, folder, saturationSummary, plan.history);
  }
}
