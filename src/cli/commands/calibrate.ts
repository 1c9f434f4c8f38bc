import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, resolve } from "node:path";
import { Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import { quoted } from "../../core/shell.ts";
import type { Calibrated, CalibrationRun } from "../../experiment/calibrate/calibration.ts";
import type { CostFile } from "../../experiment/cost-file.ts";
import type { Environment, RunResult } from "../../experiment/result.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";
import { runFlags } from "../run-flags.ts";
import { checkFailed, interrupted } from "../show-results.ts";
import { figure, percent, table } from "../table.ts";

interface CalibrateResult {
  readonly schema: "paxbench.calibration/1";
  readonly file: string;
  readonly costs: CostFile;
  readonly errors: Calibrated["errors"];
  readonly points: readonly PointComparison[];
}

/** A point measured live and, with the costs that came of all of them, simulated. */
interface PointComparison {
  readonly protocol: string;
  readonly clientsPerSite: number;
  readonly other: string;
  readonly throughputOpsPerSec: { readonly live: number; readonly simulated: number };
  readonly responseP50Ms: { readonly live: number; readonly simulated: number };
  /**
   * CPU time of the live run that is not its nodes' own, as a share of theirs: collectors of garbage and compilers, which work
   * beside them and, where cores are shared, in their way. Null where the system does not tell.
   */
  readonly helpers: number | null;
}

export default class Calibrate extends Command {
  static override summary = "What a replica's work costs on this machine: live runs under several loads, and a file for run --transport sim --costs FILE.";
  static override description = `Runs each protocol with few and many clients, one request a command, larger values and more conflicts, and fits costs to the CPU time that each replica's thread took. Then the same loads in virtual time with these costs, beside what was measured. docs/costs.md says what the numbers mean and where they part.

CPU time is counted by the system, not by the clock: other work on the machine disturbs it less, but does disturb it.`;
  static override examples = [
    "paxbench calibrate",
    "paxbench calibrate -p ./my-protocol --transport tcp --durability fsync --out lab.yaml",
    "paxbench sweep -p all --transport sim --topology lan --costs costs-tcp.yaml --vary clients=1,2,4,8,16,32,64",
  ];
  static override enableJsonFlag = true;
  static override flags = {
    protocol: Flags.string({ char: "p", multiple: true, default: ["all"], helpValue: "NAME", description: "built-in name, path or package; repeatable, comma list, or all" }),
    transport: Flags.string({ default: "tcp", helpValue: "inproc|tcp", description: "what is measured: worker threads, or processes and sockets" }),
    clients: Flags.string({ default: "1,4,16,64", helpValue: "LIST", description: "loads: closed-loop clients at each site, between commas" }),
    replicas: runFlags.replicas,
    workload: runFlags.workload,
    conflict: runFlags.conflict,
    leader: runFlags.leader,
    duration: Flags.string({ default: "1500ms", helpValue: "TIME", description: "length of each measured window" }),
    warmup: Flags.string({ default: "1s", helpValue: "TIME", description: "load before it that is not measured: code must be hot" }),
    seed: runFlags.seed,
    repeat: runFlags.repeat,
    durability: runFlags.durability,
    set: runFlags.set,
    out: Flags.string({ helpValue: "FILE", description: "a new file; default: costs-<transport>.yaml" }),
  };

  async run(): Promise<CalibrateResult | null> {
    const { flags } = await this.parse(Calibrate);
    const { planCalibration, runPoints, twinsOf, calibrate } = await import("../../experiment/calibrate/calibration.ts");
    const { costKinds } = await import("../../experiment/cost-file.ts");
    const { writeCosts } = await import("../../experiment/calibrate/write-costs.ts");
    const { environmentNow } = await import("../../experiment/environment.ts");
    const { RunFailure } = await import("../../experiment/experiment.ts");
    const { writableFolder } = await import("../../experiment/result-folder.ts");
    const { out = `costs-${flags.transport}.yaml`, clients, ...given } = flags;
    if (existsSync(out)) throw new UsageError(`--out ${out}: is there already; allowed is a new file`);
    const points = await planCalibration({ ...given, clients: "1" }, loadsOf(clients), process.cwd());
    writableFolder("--out", dirname(resolve(out))); // rather than after minutes of measuring
    const { protocols, transport, replicas, durability } = points[0]!.plan;
    const environment = environmentNow(durability);
    const scratch = mkdtempSync(join(tmpdir(), "paxbench-calibrate-"));
    const line = new ProgressLine();
    const show = (doing: string, done: number): void => line.show(`${bar(done)}  ${doing}`);
    try {
      const signal = onInterrupt();
      const runs = await runPoints(points, join(scratch, "cluster"), show, signal);
      line.clear();
      if (runs === null) {
        process.exitCode = interrupted;
        this.logToStderr("paxbench: interrupted: nothing is written, for costs that rest on some of the loads would be wrong for the others");
        return null;
      }
      const source = `measured by paxbench calibrate on ${new Date().toISOString().slice(0, 10)}: ${transport}, ${replicas} replicas, durability ${durability}, ${environment.cpu} with ${environment.cores} cores, Node ${environment.node}`;
      const calibrated = calibrate(runs, basename(out, extname(out)), source);
      writeCosts(out, calibrated, { command: ["paxbench", "calibrate", ...this.argv].map(quoted).join(" "), environment });
      const twins = await runPoints(twinsOf(points, calibrated.file, environment.cores), scratch, show, signal);
      line.clear();
      const compared = twins === null ? [] : comparisonOf(runs, twins);
      this.#tell(costTable(calibrated.file, costKinds, protocols.map(({ name }) => name)), calibrated.errors, compared, environment);
      this.log(`\nwritten: ${out}; paxbench run --transport sim --costs ${quoted(out)} …`);
      return { schema: "paxbench.calibration/1", file: out, costs: calibrated.file, errors: calibrated.errors, points: compared };
    } catch (error) {
      if (!(error instanceof RunFailure)) throw error;
      process.exitCode = checkFailed;
      line.clear();
      this.logToStderr(`paxbench: ${error.message}: nothing is written\nreplay: ${error.replay}`);
      return null;
    } finally {
      line.clear();
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  #tell(costs: string, errors: Calibrated["errors"], points: readonly PointComparison[], { load, cores }: Environment): void {
    this.log(costs);
    this.log(`\nfitted to ${errors.samples} CPU times, off by ${percent(errors.median)} in the median, ${percent(errors.most)} at most\n`);
    if (errors.samples < fewest * errors.unknowns) {
      this.log(`few loads for ${errors.unknowns} costs: what they add up to is measured, how it is divided is not; more with --clients or --repeat\n`);
    }
    if (points.length === 0) return;
    this.log(`beside what was measured: the same loads in virtual time, ${cores} cores for all nodes${load > cores / 2 ? `; this machine had other work (load average ${load}), which a live run waits for` : ""}`);
    const header = ["", "clients", "", "live ops/s", "simulated", "ratio", "helpers", "without", "live p50, ms", "simulated", "ratio"];
    this.log(table(header, points.map(({ protocol, clientsPerSite, other, throughputOpsPerSec, responseP50Ms, helpers }) => [
      protocol, String(clientsPerSite), other,
      ...sideBySide(throughputOpsPerSec),
      ...(helpers === null ? ["–", "–"] : [`+${percent(helpers)}`, ratio(throughputOpsPerSec, 1 + helpers)]),
      ...sideBySide(responseP50Ms),
    ])));
    this.log("helpers: CPU time of garbage collection and compilers beside the nodes' own, which is not simulated; without: the ratio, had they slowed the simulation as well");
  }
}

/** A column for any protocol, and one for each; empty where a protocol has what all have. */
const costTable = (file: CostFile, kinds: readonly (keyof CostFile["costs"])[], protocols: readonly string[]): string => {
  const columns = [file.costs, ...protocols.map((protocol) => file.protocols[protocol] ?? {})];
  return table(["µs for each", "any", ...protocols], kinds.map((kind) => [kind, ...columns.map((costs) => String(costs[kind] ?? ""))]));
};

/** CPU times for each cost that is fitted. */
const fewest = 3;

interface Pair {
  readonly live: number;
  readonly simulated: number;
}

const sideBySide = (pair: Pair): string[] => [figure(pair.live), figure(pair.simulated), ratio(pair)];

const ratio = ({ live, simulated }: Pair, slower = 1): string => (simulated / slower / live).toFixed(2);

const helpersOf = ({ machine, work }: RunResult): number | null => {
  const counted = [...(work?.replicas ?? []), ...(work?.loads ?? []), ...(work?.judge ? [work.judge] : [])].reduce((sum, { cpu }) => sum + cpu, 0);
  return machine === null || counted === 0 ? null : Math.max(0, machine.ownCores / counted - 1);
};

const comparisonOf = (live: readonly CalibrationRun[], simulated: readonly CalibrationRun[]): PointComparison[] =>
  live.map(({ point, result }, index) => {
    const twin = simulated[index]!.result;
    return {
      protocol: result.protocol,
      clientsPerSite: point.clients,
      other: point.other,
      throughputOpsPerSec: { live: result.throughputOpsPerSec, simulated: twin.throughputOpsPerSec },
      helpers: helpersOf(result),
      responseP50Ms: { live: result.latencyMs.response.p50, simulated: twin.latencyMs.response.p50 },
    };
  });

/** Throws a `UsageError`. */
const loadsOf = (list: string): number[] => {
  const loads = list.split(",").map(Number);
  if (loads.every((clients, i) => Number.isInteger(clients) && clients > (loads[i - 1] ?? 0))) return loads;
  throw new UsageError(`--clients ${list}: allowed are whole numbers from 1 on between commas, rising, such as 1,4,16,64`);
};
