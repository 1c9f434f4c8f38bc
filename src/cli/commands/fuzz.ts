import { Flags } from "@oclif/core";
import { UsageError } from "../../core/errors.ts";
import { millisecond, second } from "../../core/ids.ts";
import { parseDuration } from "../../core/option.ts";
import type { CaseLimits } from "../../fuzz/case.ts";
import type { FuzzOutcome } from "../../fuzz/fuzz.ts";
import { replayOf } from "../../fuzz/replay.ts";
import type { Failure } from "../../fuzz/task.ts";
import { Command } from "../command.ts";
import { onInterrupt } from "../interrupt.ts";
import { bar, ProgressLine } from "../progress.ts";

const violationFound = 1;
const undecided = 3;
const interrupted = 130;

interface FuzzResult {
  readonly schema: "paxbench.fuzz/1";
  readonly protocol: string;
  readonly seeds: number;
  readonly commands: number;
  readonly undecided: number;
  readonly faults: FuzzOutcome["faults"];
  /** Drawn, but not injected: what the protocol's model excludes. */
  readonly excluded: FuzzOutcome["excluded"];
  readonly violations: readonly { readonly seed: number; readonly kind: string; readonly detail: string; readonly replay: string }[];
}

export default class Fuzz extends Command {
  static override summary = "Simulated runs under random faults, all judges on: looks for a seed under which a protocol fails.";
  static override examples = ["paxbench fuzz -p ./my-protocol --seeds 10000", "paxbench fuzz -p NAME --seed 28 --seeds 1 --replicas 3"];
  static override enableJsonFlag = true;
  static override flags = {
    protocol: Flags.string({ char: "p", required: true, helpValue: "NAME", description: "built-in name, path or package" }),
    seeds: Flags.string({ default: "1000", helpValue: "N", description: "how many seeds" }),
    seed: Flags.string({ default: "1", helpValue: "N", description: "the first one" }),
    replicas: Flags.string({ helpValue: "N", description: "default: drawn from the seed, 3, 5 or 7" }),
    clients: Flags.string({ helpValue: "N", description: "at each site; default: drawn" }),
    duration: Flags.string({ helpValue: "TIME", description: "of the load, virtual; default: drawn" }),
    faults: Flags.string({ helpValue: "PLACES", description: "only these of the drawn faults, by place from 0: 1,4 or none" }),
    workload: Flags.string({ default: "mixed", helpValue: "NAME", description: "built-in name, path or package" }),
    timeout: Flags.string({ default: "60s", helpValue: "TIME", description: "for one seed, in real time: what has no end by then hangs" }),
    set: Flags.string({ multiple: true, default: [], helpValue: "KEY=VALUE", description: "an option of protocol or workload" }),
  };

  async run(): Promise<FuzzResult> {
    const { flags } = await this.parse(Fuzz);
    const { planOf } = await import("../../experiment/plan.ts");
    const plan = await planOf(
      {
        protocol: [flags.protocol], workload: flags.workload, replicas: flags.replicas, clients: flags.clients ?? "1",
        transport: "sim", leader: "0", duration: flags.duration ?? "10s", warmup: "0s", seed: flags.seed, repeat: "1",
        durability: "none", set: flags.set,
      },
      process.cwd(),
    );
    const [protocol, ...others] = plan.protocols;
    if (protocol === undefined || others.length > 0) throw new UsageError(`--protocol ${flags.protocol}: fuzz takes one protocol`);
    if (flags.duration !== undefined && plan.duration < 2_000_000) throw new UsageError(`--duration ${flags.duration}: allowed is a time from 2s on`);
    const limits: CaseLimits = {
      replicas: flags.replicas === undefined ? undefined : plan.replicas,
      clients: flags.clients === undefined ? undefined : plan.clientsPerSite,
      duration: flags.duration === undefined ? undefined : plan.duration,
      faults: placesOf(flags.faults),
    };
    const seeds = seedsOf(flags.seeds);
    const { fuzz } = await import("../../fuzz/fuzz.ts");
    const line = new ProgressLine();
    const started = performance.now();
    const outcome = await fuzz(
      {
        subject: { protocol: protocol.url, options: protocol.options, workload: plan.workload.url, workloadOptions: plan.workload.options },
        firstSeed: plan.seed,
        seeds,
        limits,
        patience: patienceOf(flags.timeout),
      },
      (done, failures) => line.show(`${bar(done / seeds)}  ${Math.round((done * 1000) / (performance.now() - started))} seeds/s  ${failures} failures`),
      onInterrupt(),
    );
    line.clear();
    const replay = (failure: Failure): string => replayOf(flags, failure);
    this.#report(protocol.name, outcome, replay);
    return {
      schema: "paxbench.fuzz/1",
      protocol: protocol.name,
      seeds: outcome.seeds,
      commands: outcome.commands,
      undecided: outcome.undecided,
      faults: outcome.faults,
      excluded: outcome.excluded,
      violations: outcome.failures.map((failure) => ({ seed: failure.seed, ...failure.finding, replay: replay(failure) })),
    };
  }

  #report(name: string, outcome: FuzzOutcome, replay: (failure: Failure) => string): void {
    const { seeds, commands, faults, excluded, failures } = outcome;
    this.log(`${name}: ${seeds} seeds, ${commands} commands; faults: ${listed(faults)}; outside the protocol's model, left out: ${listed(excluded)}`);
    for (const failure of failures) {
      this.log(`\n✗ seed ${failure.seed}, ${failure.finding.kind}\n${indented(failure.finding.detail)}\n  replay: ${replay(failure)}`);
    }
    if (outcome.interrupted !== null) this.log(`- interrupted; under way: seed ${outcome.interrupted.join(", ") || "none"}`);
    else if (failures.length === 0 && outcome.undecided === 0) this.log("✓ nothing found");
    if (outcome.undecided > 0) this.log(`? linearizability of ${outcome.undecided} histories was not decided`);
    process.exitCode = failures.length > 0 ? violationFound : outcome.interrupted !== null ? interrupted : outcome.undecided > 0 ? undecided : 0;
  }
}

const listed = (counts: FuzzOutcome["faults"]): string =>
  Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).sort().join(", ") || "none";

const indented = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n");

const seedsOf = (text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--seeds ${text}: allowed is a whole number in 1..999999999`);
};

/** ms. */
const patienceOf = (text: string): number => {
  const micros = parseDuration(text);
  if (micros !== undefined && micros >= second && micros <= 86_400 * second) return micros / millisecond;
  throw new UsageError(`--timeout ${text}: allowed is a time such as 60s or 5m, at least 1s, at most a day`);
};

const placesOf = (text: string | undefined): number[] | undefined => {
  if (text === undefined) return undefined;
  if (text === "none") return [];
  if (/^\d+(,\d+)*$/.test(text)) return text.split(",").map(Number);
  throw new UsageError(`--faults ${text}: allowed: places such as 0,3, or none`);
};
