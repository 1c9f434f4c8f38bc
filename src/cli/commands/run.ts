import { join } from "node:path";
import { Flags } from "@oclif/core";
import type { ResultFile } from "../../experiment/result.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";
import { runFlags } from "../run-flags.ts";
import { showResults } from "../show-results.ts";

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
    ...runFlags,
    "cpu-prof": Flags.string({ helpValue: "DIR", description: "CPU profile of each node, or of the simulation, over the measured window: docs/profiling.md" }),
  };

  async run(): Promise<ResultFile> {
    const { flags: { "cpu-prof": cpuProf, ...flags } } = await this.parse(Run);
    const { planOf } = await import("../../experiment/plan.ts");
    const plan = await planOf({ ...flags, cpuProf }, process.cwd());
    const { jobsOf, runExperiment } = await import("../../experiment/experiment.ts");
    const { intoFolder } = await import("../into-folder.ts");
    const { ResultFolder, writableFolder } = await import("../../experiment/result-folder.ts");
    const { environmentNow } = await import("../../experiment/environment.ts");

    if (plan.profiles !== null) writableFolder("--cpu-prof", plan.profiles);
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
    await intoFolder(this, folder, line, () => runExperiment(
      jobsOf(plan),
      join(folder.path, "cluster"),
      {
        progress: (doing, done) => line.show(`${bar(done)}  ${doing}`),
        finished: ({ index }, result, outcome) => {
          folder.keep(index, result, outcome);
          folder.writeResults();
        },
      },
      onInterrupt(),
    ));
    const { summary } = await import("../summary.ts");
    return showResults(this, folder, ({ runs }) => summary(runs), plan.history);
  }
}
