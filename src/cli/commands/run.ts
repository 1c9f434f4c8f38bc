import { join, relative } from "node:path";
import { Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import type { ResultFolder } from "../../experiment/result-folder.ts";
import type { ResultFile } from "../../experiment/result.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";

const checkFailed = 1;
const undecided = 3;
const interrupted = 130;

export default class Run extends Command {
  static override summary = "Run one experiment: every named protocol under the same load and seed; table, plots, result folder.";
  static override examples = [
    "paxbench run -p all --conflict 0.3",
    "paxbench run -p all --transport sim --topology epaxos5-aws-2020 --leader CA",
    "paxbench run -p ./my-protocol --set batch=1 --json",
    "paxbench run -p all,etcd --durability fsync",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    protocol: Flags.string({ char: "p", multiple: true, default: [], helpValue: "NAME", description: "built-in name, path or package; repeatable, comma list, or all; or etcd" }),
    endpoints: Flags.string({ helpValue: "URL,…", description: "of a running etcd; by default its members are started here" }),
    conflict: Flags.string({ helpValue: "0..1", description: "share of commands on one key that all clients use" }),
    workload: Flags.string({ default: "conflict", helpValue: "NAME", description: "built-in name, path or package" }),
    replicas: Flags.string({ helpValue: "N", description: "default: 3, or one for each site of the topology" }),
    clients: Flags.string({ default: "10", helpValue: "N", description: "closed-loop clients at each site" }),
    transport: Flags.string({ helpValue: "inproc|tcp|sim", description: "inproc: worker threads, the default; tcp: processes and sockets, the default with etcd; sim: virtual time" }),
    topology: Flags.string({ helpValue: "NAME|FILE", description: "sites and the round trips between them; inproc and tcp hold frames back for as long" }),
    leader: Flags.string({ default: "0", helpValue: "SITE|ID", description: "who should lead first, where the protocol has a leader" }),
    duration: Flags.string({ default: "10s", helpValue: "TIME", description: "length of the measured window" }),
    warmup: Flags.string({ default: "2s", helpValue: "TIME", description: "load before it that is not measured" }),
    seed: Flags.string({ default: "1", helpValue: "N", description: "of all chance; a simulated run with the same seed is the same run" }),
    repeat: Flags.string({ default: "1", helpValue: "N", description: "repeats, each with the next seed" }),
    scenario: Flags.string({ helpValue: "NAME|FILE", description: "faults to inject" }),
    durability: Flags.string({ default: "none", helpValue: "none|wal|fsync", description: "what must be on disk before an answer (tcp, sim)" }),
    history: Flags.boolean({ description: "take down what clients see, and judge whether it is linearizable" }),
    set: Flags.string({ multiple: true, default: [], helpValue: "KEY=VALUE", description: "an option of protocol, workload or harness; see paxbench list" }),
    cluster: Flags.string({ helpValue: "FILE", description: "a cluster that runs already, on any machines: stands for protocol, replicas and transport" }),
    threshold: Flags.string({ multiple: true, default: [], helpValue: "'METRIC<VALUE'", description: "a bound that each run must keep, such as response.p99<50ms; else exit code 1" }),
    out: Flags.string({ helpValue: "DIR", description: "result folder, absent or empty; default: results/<name>/<UTC time>" }),
  };

  async run(): Promise<ResultFile> {
    const { flags } = await this.parse(Run);
    const { planOf } = await import("../../experiment/plan.ts");
    const plan = await planOf(flags, process.cwd());
    const { runExperiment, RunFailure } = await import("../../experiment/experiment.ts");
    const { ResultFolder } = await import("../../experiment/result-folder.ts");
    const { environmentNow } = await import("../../experiment/environment.ts");

    const name = plan.protocols.map((protocol) => protocol.name).join("+");
    const startedAt = new Date();
    const folder = ResultFolder.create(flags.out, name, startedAt, process.cwd());
    folder.writeManifest({
      schema: "paxbench.manifest/1",
      startedAt: startedAt.toISOString(),
      command: ["run", ...this.argv],
      plan,
      environment: environmentNow(plan.durability),
    });

    const line = new ProgressLine();
    try {
      const completed = await runExperiment(
        plan,
        join(folder.path, "cluster"),
        {
          progress: (doing, done) => line.show(`${bar(done)}  ${doing}`),
          finished: (result, outcome) => folder.add(result, outcome),
        },
        onInterrupt(),
      );
      if (completed) folder.complete();
      else process.exitCode = interrupted;
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      if (error.cause instanceof UsageError && folder.result.runs.length === 0) {
        folder.discard();
        line.clear();
        throw error.cause;
      }
      process.exitCode = checkFailed;
      line.clear();
      this.logToStderr(`paxbench: ${error.message}\n${error.origin}\nreplay: ${error.replay}`);
    }
    line.clear();
    await this.#show(folder.result, folder, plan.history);
    return folder.result;
  }

  async #show(result: ResultFile, folder: ResultFolder, historyAsked: boolean): Promise<void> {
    if (result.runs.some((run) => run.violations.length > 0 || run.thresholds.some(({ held }) => !held))) process.exitCode ||= checkFailed;
    if (historyAsked && result.runs.some((run) => run.checks.linearizable === "unknown")) process.exitCode ||= undecided;
    const path = relative(process.cwd(), folder.path) || ".";
    if (result.runs.length > 0) {
      const { summary } = await import("../summary.ts");
      this.log(summary(result.runs));
      const { renderFigures, renderPage, renderTimelines } = await import("../../report/index.ts");
      const figures = await renderFigures(result, folder.curves, folder.path);
      const timelines = await renderTimelines(folder.refutations, folder.path);
      await renderPage(result, figures, folder.path, timelines);
      if (timelines.size > 0) this.log(`\nnot linearizable, as a timeline: ${[...timelines.values()].map((file) => join(path, file)).join(", ")}`);
    }
    if (result.incomplete) this.logToStderr(`paxbench: incomplete: what was measured is kept, runs: ${result.runs.length}`);
    this.log(`\nresults in ${path}: report.html, plots/, result.json, runs.csv, histograms/`);
  }
}
