/**
 * What consensus costs: every protocol beside the yardstick that replicates and orders nothing, round after round, once
 * saturated and once with one client a site. `npm run bench -- throughput --transport tcp`; for the other flags see `flags`.
 * Ratios are of runs of the same round, so a drift of the machine hits both sides; each row is also appended to
 * results/tracked.ndjson.
 */
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { environmentNow } from "../../src/experiment/environment.ts";
import { jobsOf, runExperiment } from "../../src/experiment/experiment.ts";
import { planOf } from "../../src/experiment/plan.ts";
import type { RunResult } from "../../src/experiment/result.ts";
import { spread, spreadName, type Spread } from "../../src/report/spread.ts";
import { listPlugins } from "../../src/runtime/modules.ts";

const yardstick = "floor";
const tracked = fileURLToPath(new URL("../../results/tracked.ndjson", import.meta.url));

const { values: flags } = parseArgs({
  options: {
    protocol: { type: "string", short: "p", default: listPlugins("protocol").join(",") },
    transport: { type: "string", default: "tcp" },
    durability: { type: "string", default: "none" },
    /** At each of the three sites: 1,020 requests outstanding in all. */
    clients: { type: "string", default: "340" },
    conflict: { type: "string", default: "0.02" },
    rounds: { type: "string", default: "5" },
    duration: { type: "string", default: "3s" },
    warmup: { type: "string", default: "2s" },
    set: { type: "string", multiple: true, default: [] },
  },
});

/** What is compared: more is better of the first, less of the others. */
const measures = {
  opsPerSec: (run: RunResult) => run.throughputOpsPerSec,
  p50Ms: (run: RunResult) => run.latencyMs.response.p50,
  p99Ms: (run: RunResult) => run.latencyMs.response.p99,
  /** CPU time of replicas, clients and judge, µs a command. */
  cpuMicros: (run: RunResult) => (cpuMs(run.work!) * 1000) / run.completed,
} as const;
type Measure = keyof typeof measures;

const cpuMs = ({ replicas, loads, judge }: NonNullable<RunResult["work"]>): number =>
  [...replicas, ...loads, ...(judge === null ? [] : [judge])].reduce((sum, each) => sum + each.cpuMs, 0);

const measured = async (clients: string, set: readonly string[]): Promise<Map<string, RunResult[]>> => {
  const { protocol, transport, durability, conflict, rounds, duration, warmup } = flags;
  const plan = await planOf(
    { protocol: [yardstick, protocol], workload: "conflict", conflict, clients, transport, leader: "0", duration, warmup, seed: "1", repeat: rounds, durability, set },
    process.cwd(),
  );
  const scratch = mkdtempSync(join(tmpdir(), "paxbench-bench-"));
  const results = new Map<string, RunResult[]>();
  const finished = (_: unknown, result: RunResult): void => {
    if (result.violations.length > 0) throw new Error(`${result.protocol}: ${result.violations[0]!.detail}`);
    results.set(result.protocol, [...(results.get(result.protocol) ?? []), result]);
  };
  try {
    await runExperiment(jobsOf(plan), join(scratch, "cluster"), { finished }, new AbortController().signal);
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return results;
};

const significant = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en", { maximumSignificantDigits: 3 });
const bounds = ({ median, low, high }: Spread): string => `${significant(median)} [${significant(low)}, ${significant(high)}]`;

const table = (rows: readonly (readonly string[])[]): string => {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join("  ")).join("\n");
};

const compare = async (title: string, clients: string, set: readonly string[], shown: readonly Measure[]): Promise<void> => {
  const results = await measured(clients, set);
  const floor = results.get(yardstick)!;
  const rows = [...results].map(([protocol, runs]) => {
    const values = Object.entries(measures).map(([measure, of]) => [measure, spread(runs.map(of))] as const);
    const ratios = Object.entries(measures).map(([measure, of]) => [measure, spread(runs.map((run, round) => of(run) / of(floor[round]!)))] as const);
    return { protocol, values: Object.fromEntries(values) as Record<Measure, Spread>, ratios: Object.fromEntries(ratios) as Record<Measure, Spread> };
  });
  const { git, node, cpu, cores, load } = environmentNow("none");
  const { protocol: _, rounds, ...setting } = flags;
  for (const row of rows) {
    const line = { bench: "throughput", at: new Date().toISOString(), git, node, cpu, cores, load, ...setting, clients, set, rounds: Number(rounds), ...row };
    appendFileSync(tracked, `${JSON.stringify(line)}\n`);
  }
  console.log(`\n${title}: ${flags.transport}, ${flags.durability}, 3 replicas, ${clients} clients a site; over ${yardstick}: ${spreadName(Number(rounds))}`);
  console.log(table([
    ["", ...shown.flatMap((measure) => [measure, `over ${yardstick}`])],
    ...rows.map(({ protocol, values, ratios }) => [protocol, ...shown.flatMap((measure) => [significant(values[measure].median), bounds(ratios[measure])])]),
  ]));
};

await compare("saturated", flags.clients, flags.set, ["opsPerSec", "p50Ms", "p99Ms", "cpuMicros"]);
// Who asks another replica than the leader pays for the way to it, in any protocol that has one: 1.5 times the floor.
await compare("unloaded, the leader asked", "1", [...flags.set, "ask=leader"], ["p50Ms", "p99Ms"]);
