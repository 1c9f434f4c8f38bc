import { join } from "node:path";
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
  readonly violations: readonly FuzzViolation[];
}

interface FuzzViolation {
  readonly seed: number;
  readonly kind: string;
  readonly detail: string;
  readonly replay: string;
  /** A file; of the first one alone. */
  readonly diagram?: string;
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
    commands: Flags.string({ helpValue: "N", description: "of each client; default: as many as the load's duration allows" }),
    workload: Flags.string({ default: "mixed", helpValue: "NAME", description: "built-in name, path or package" }),
    timeout: Flags.string({ default: "60s", helpValue: "TIME", description: "for one seed, in real time: what has no end by then hangs" }),
    diagram: Flags.string({
      helpValue: "FILE",
      description: "where the first failure's space-time diagram goes, or the first seed's if none fails; default: results/fuzz/NAME-SEED.html, of failures only",
    }),
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
    if (!protocol.orders) throw new UsageError(`--protocol ${flags.protocol}: a yardstick, which orders nothing; allowed is a protocol`);
    if (flags.duration !== undefined && plan.duration < 2_000_000) throw new UsageError(`--duration ${flags.duration}: allowed is a time from 2s on`);
    const limits: CaseLimits = {
      replicas: flags.replicas === undefined ? undefined : plan.replicas,
      clients: flags.clients === undefined ? undefined : plan.clientsPerSite,
      duration: flags.duration === undefined ? undefined : plan.duration,
      commands: flags.commands === undefined ? undefined : countOf("--commands", flags.commands),
      faults: placesOf(flags.faults),
    };
    const seeds = countOf("--seeds", flags.seeds);
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
        trace: flags.diagram !== undefined,
      },
      (done, failures) => line.show(`${bar(done / seeds)}  ${Math.round((done * 1000) / (performance.now() - started))} seeds/s  ${failures} failures`),
      onInterrupt(),
    );
    line.clear();
    const replay = (failure: Pick<Failure, "seed" | "limits">): string => replayOf(flags, failure);
    const diagram = await diagramOf(protocol.name, outcome, replay, flags.diagram);
    this.#report(protocol.name, outcome, replay, diagram, seeds);
    return {
      schema: "paxbench.fuzz/1",
      protocol: protocol.name,
      seeds: outcome.seeds,
      commands: outcome.commands,
      undecided: outcome.undecided,
      faults: outcome.faults,
      excluded: outcome.excluded,
      violations: outcome.failures.map((failure, place) => ({
        seed: failure.seed,
        ...failure.finding,
        replay: replay(failure),
        ...(place === 0 && diagram !== null ? { diagram } : {}),
      })),
    };
  }

  #report(name: string, outcome: FuzzOutcome, replay: (failure: Failure) => string, diagram: string | null, asked: number): void {
    const { seeds, commands, faults, excluded, failures } = outcome;
    this.log(`${name}: ${seeds} seeds, ${commands} commands; faults: ${listed(faults)}; outside the protocol's model, left out: ${listed(excluded)}`);
    for (const failure of failures) {
      this.log(`\n✗ seed ${failure.seed}, ${failure.finding.kind}\n${indented(failure.finding.detail)}\n  replay: ${replay(failure)}`);
    }
    if (diagram !== null) this.log(`\ndiagram of seed ${outcome.traced!.fuzzCase.seed}: ${diagram}`);
    if (outcome.interrupted !== null) this.log(`- interrupted; under way: seed ${outcome.interrupted.join(", ") || "none"}`);
    else if (seeds < asked) this.log(`- stopped: ${asked - seeds} of ${asked} seeds were not run`);
    else if (failures.length === 0 && outcome.undecided === 0) this.log("✓ nothing found");
    if (outcome.undecided > 0) this.log(`? linearizability of ${outcome.undecided} histories was not decided`);
    process.exitCode = failures.length > 0 ? violationFound : outcome.interrupted !== null ? interrupted : outcome.undecided > 0 ? undecided : 0;
  }
}

/** Draws what was traced, and tells where it is; null: nothing was traced. */
const diagramOf = async (
  protocol: string,
  { traced, failures }: FuzzOutcome,
  replay: (run: Pick<Failure, "seed" | "limits">) => string,
  given: string | undefined,
): Promise<string | null> => {
  if (traced === null) return null;
  const { fuzzCase, limits, run } = traced;
  const { seed, replicas, clients, rttMs, jitter, sync } = fuzzCase;
  const { spacetimePage } = await import("../../report/spacetime/page.ts");
  const { writeWhole } = await import("../../experiment/result-folder.ts");
  const page = spacetimePage(run, {
    title: protocol,
    seed,
    conditions: `${replicas} replicas, ${clients * replicas} clients, round trips of ${spanOf(rttMs)} ms, jitter up to ${jitter / 1000} ms, disk sync ${sync / 1000} ms`,
    finding: failures[0]?.finding ?? null,
    replay: replay({ seed, limits }),
  });
  const file = given ?? join("results", "fuzz", `${protocol}-${seed}.html`.replaceAll(/[^\w.-]/g, "_"));
  writeWhole("--diagram", file, page);
  return file;
};

/** `53` or `40–120`: what lies between two sites. */
const spanOf = (rttMs: readonly (readonly number[])[]): string => {
  const links = rttMs.flatMap((row, a) => row.filter((_, b) => a !== b));
  const [least, most] = [Math.min(...links), Math.max(...links)];
  return least === most ? String(least) : `${least}–${most}`;
};

const listed = (counts: FuzzOutcome["faults"]): string =>
  Object.entries(counts).map(([kind, count]) => `${count} ${kind}`).sort().join(", ") || "none";

const indented = (text: string): string => text.split("\n").map((line) => `  ${line}`).join("\n");

const countOf = (flag: string, text: string): number => {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`${flag} ${text}: allowed is a whole number in 1..999999999`);
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
