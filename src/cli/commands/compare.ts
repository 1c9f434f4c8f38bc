import { Args } from "@oclif/core";
import type { Comparison, MetricComparison } from "../../experiment/comparison.ts";
import { Command } from "../command.ts";
import { figure, table } from "../table.ts";

const verdicts: Readonly<Record<MetricComparison["verdict"], string>> = { better: "B is better", worse: "B is worse", same: "the same", unclear: "~" };

export default class Compare extends Command {
  static override summary = "Two results side by side: ratio, 95 % interval, verdict.";
  static override description =
    "Runs that agree in protocol, transport, topology, replicas, clients and workload are one point; their repeats give the interval. " +
    "~: the interval contains 1, or there are too few repeats for one (at least two on each side, run --repeat).";
  static override examples = ["paxbench compare results/before results/latest"];
  static override enableJsonFlag = true;
  static override args = {
    a: Args.string({ required: true, description: "result folder, or result.json: what to compare with" }),
    b: Args.string({ required: true, description: "the other one" }),
  };

  async run(): Promise<{ readonly schema: string } & Comparison> {
    const { args } = await this.parse(Compare);
    const { readResult } = await import("../../experiment/read-result.ts");
    const { compareResults } = await import("../../experiment/comparison.ts");
    const { UsageError } = await import("../../core/errors.ts");
    const [a, b] = [readResult(args.a, process.cwd()), readResult(args.b, process.cwd())];
    const comparison = compareResults(a.runs, b.runs);
    if (comparison.points.length === 0) {
      throw new UsageError(`${args.a} and ${args.b} have no point in common: ${comparison.unmatched.map(({ side, point }) => `${side}: ${point}`).join("; ") || "there are no runs"}`);
    }
    for (const { point, repeats, metrics } of comparison.points) {
      this.log(`${point} · repeats ${repeats[0]} and ${repeats[1]}`);
      this.log(`${table(["", "A", "B", "B / A", "95 %", "verdict"], metrics.map(rowOf))}\n`);
    }
    for (const { side, point } of comparison.unmatched) this.log(`only in ${side}: ${point}`);
    return { schema: "paxbench.comparison/1", ...comparison };
  }
}

const rowOf = ({ metric, unit, a, b, ratio, interval, verdict }: MetricComparison): string[] => [
  `${metric}, ${unit}`,
  figure(a),
  figure(b),
  ratio.toFixed(3),
  interval === null ? "–" : `${interval[0].toFixed(3)} … ${interval[1].toFixed(3)}`,
  verdicts[verdict],
];
