import { stringify } from "csv-stringify/sync";
import { latencyKinds, openLoopKinds, type LatencySummary } from "../measure/latency.ts";
import type { RunResult } from "./result.ts";

const latencyColumns = ["count", "mean", "min", "p50", "p90", "p95", "p99", "p999", "max"] as const;

/** Of `runs.csv`, in order: a row for all of a run (site "all"), then one for each of its sites. Latencies in ms. */
const columns: readonly string[] = [
  "protocol", "external", "transport", "simulated", "costs", "topology", "replicas", "leader", "workload", "conflict", "conflictMeasured",
  "clientsPerSite", "seed", "repeat", "durationMs", "site", "completed", "failed", "unknown", "throughputOpsPerSec",
  ...latencyKinds.flatMap((kind) => latencyColumns.map((column) => `${kind}.${column}`)),
  "fast", "slow", "fastRate", "messages", "bytes", "messagesPerCommand", "leaderChanges", "longestStallMs",
  "rateOpsPerSec", "arrivals", "outstanding", "offeredOpsPerSec", "dropped",
  ...openLoopKinds.flatMap((kind) => latencyColumns.map((column) => `${kind}.${column}`)),
  "linearizable", "ledger", "converged", "exactlyOnce", "durable", "agreement", "leaders", "invariants",
];

/** The text of `runs.csv`. `varied`: keys that a sweep varies, each a column `vary.<key>` at the end. */
export const csvOf = (runs: readonly RunResult[], varied: readonly string[]): string =>
  stringify(runs.flatMap(rowsOf), { header: true, columns: [...columns, ...varied.map(variedColumn)] });

const variedColumn = (key: string): string => `vary.${key}`;

type Row = Readonly<Record<string, string | number | null>>;

const rowsOf = (run: RunResult): Row[] => {
  const common = {
    protocol: run.protocol, external: String(run.external), transport: run.transport, simulated: String(run.simulated), costs: run.costs?.name ?? null, topology: run.topology,
    replicas: run.replicas, leader: run.leader, workload: run.workload.name,
    conflict: run.conflictRate?.nominal ?? null, conflictMeasured: run.conflictRate?.measured ?? null,
    clientsPerSite: run.clientsPerSite, seed: run.seed, repeat: run.repeat, durationMs: run.durationMs,
    ...Object.fromEntries(Object.entries(run.varied ?? {}).map(([key, value]) => [variedColumn(key), value])),
  };
  const all: Row = {
    ...common,
    site: "all",
    completed: run.completed,
    failed: run.failed,
    unknown: run.unknown,
    throughputOpsPerSec: run.throughputOpsPerSec,
    ...latencies(run.latencyMs),
    fast: run.paths?.fast ?? null, slow: run.paths?.slow ?? null, fastRate: run.paths?.fastRate ?? null,
    messages: run.messages?.count ?? null, bytes: run.messages?.bytes ?? null, messagesPerCommand: run.messages?.perCommand ?? null,
    leaderChanges: run.leaderChanges, longestStallMs: run.longestStallMs,
    ...openLoop(run.openLoop),
    ...Object.fromEntries(Object.entries(run.checks).map(([check, verdict]) => [check, String(verdict)])),
  };
  const sites = run.sites.map((site): Row => ({
    ...common,
    site: site.site,
    completed: site.latencyMs.response.count,
    throughputOpsPerSec: site.throughputOpsPerSec,
    ...latencies(site.latencyMs),
  }));
  return [all, ...sites];
};

const openLoop = (values: RunResult["openLoop"]): Row => {
  if (values === null) return {};
  const { lateMs: late, coordinatedMs: coordinated, rateOpsPerSec, arrivals, outstanding, offeredOpsPerSec, dropped } = values;
  return { rateOpsPerSec, arrivals, outstanding, offeredOpsPerSec, dropped, ...latencies({ late, coordinated }) };
};

const latencies = (values: Readonly<Record<string, LatencySummary>>): Row =>
  Object.fromEntries(
    Object.entries(values).flatMap(([kind, summary]) => latencyColumns.map((column) => [`${kind}.${column}`, summary[column]])),
  );
