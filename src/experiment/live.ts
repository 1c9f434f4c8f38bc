/** One run in real time: in threads of this process, or in processes of their own on this machine. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { millisecond } from "../core/ids.ts";
import type { FaultKind } from "../core/protocol.ts";
import type { ExternalUse } from "../external/external.ts";
import { externalNamed } from "../external/index.ts";
import type { RunHooks, RunOutcome } from "../runtime/lead.ts";
import { loadProtocol } from "../runtime/modules.ts";
import { freePorts } from "../runtime/processes/ports.ts";
import { runInProcesses, runInThreads, runOnCluster } from "../runtime/run.ts";
import type { RunSettings, Shared } from "../runtime/settings.ts";
import { readCluster, type ClusterFile } from "./cluster-file.ts";
import type { JudgedHistory } from "./judge-history.ts";
import { faultsOf, type Outcome } from "./outcome.ts";
import { profilePrefix, type Plan, type PlannedRun, type SubjectUse } from "./plan.ts";

/** `done`: share of the run that is over, 0 … 1. */
export type RunProgress = (doing: string, done: number) => void;

export const runLive = async (plan: Plan, run: PlannedRun, scratch: string, progress: RunProgress, signal: AbortSignal): Promise<Outcome> => {
  const { warmup, duration } = plan;
  const total = warmup + duration;
  const over = { start: -Infinity, load: -Infinity, "warm-up": 0, measure: warmup, drain: total };
  const hooks: RunHooks = {
    progress: ({ phase, elapsed, prepared }) => progress(phase === "load" ? `loading, ${Math.floor(prepared * 100)} %` : phase, Math.max(0, Math.min(1, (over[phase] + elapsed) / total))),
  };
  const settings = await settingsOf(plan, run);
  const outcome = await (run.protocol.external !== null
    ? byItself(run.protocol, run.protocol.external, settings, scratch, hooks, signal)
    : plan.cluster !== null
      ? runOnCluster(plan.cluster.config, settings, hooks, signal)
      : plan.transport === "tcp"
        ? inProcesses(plan, run, settings, scratch, hooks, signal)
        : runInThreads(settings, hooks, signal));
  const faults = outcome.faults && faultsOf(outcome.faults);
  if (outcome.history === null) return { ...outcome, faults, history: null };
  const { history, violations } = await judged(outcome.history);
  return { ...outcome, violations: [...outcome.violations, ...violations], faults, history };
};

/** Seconds, by which runs on a cluster are told apart; of clients, each has room for as many as a ledger knows. */
const sharedNow = (loads: number): Shared => {
  const seconds = Math.floor(Date.now() / 1000);
  const first = seconds * 2 ** 21;
  return { firstClient: first - (first % loads), keyPrefix: `${seconds}/` };
};

const judged = async (jsonLines: string): Promise<JudgedHistory> => {
  const pool = new Piscina({ filename: fileURLToPath(new URL("./judge-task.ts", import.meta.url)), maxThreads: 1 });
  try {
    return (await pool.run({ jsonLines })) as JudgedHistory;
  } finally {
    await pool.destroy();
  }
};

const settingsOf = async (plan: Plan, run: PlannedRun): Promise<RunSettings> => ({
  protocol: run.protocol.url,
  orders: run.protocol.orders,
  protocolOptions: run.protocol.options,
  workload: plan.cluster === null ? plan.workload.url : plan.workload.spec,
  workloadOptions: plan.workload.options,
  replicas: plan.replicas,
  loads: plan.cluster?.config.loads.length ?? 1,
  initialLeader: plan.initialLeader,
  clientsPerSite: plan.clientsPerSite,
  ask: plan.harness.ask,
  openLoop: plan.openLoop,
  seed: run.seed,
  warmup: plan.warmup,
  untilSteady: plan.untilSteady,
  duration: plan.duration,
  requestTimeout: plan.harness.requestTimeout * millisecond,
  batch: plan.harness.batch,
  topology: plan.topology,
  history: plan.history,
  profile: profilePrefix(plan, run),
  shared: plan.cluster === null ? null : sharedNow(plan.cluster.config.loads.length),
  faults: plan.scenario && { steps: plan.scenario.steps, excludes: await excludedBy(run.protocol) },
});

const excludedBy = async ({ url, external }: SubjectUse): Promise<readonly FaultKind[] | undefined> =>
  external === null ? (await loadProtocol(url)).excludes : undefined;

const inProcesses = async (
  plan: Plan,
  run: PlannedRun,
  settings: RunSettings,
  scratch: string,
  hooks: RunHooks,
  signal: AbortSignal,
): Promise<RunOutcome> => {
  const ports = (await freePorts(plan.replicas + settings.loads)).map((port) => `127.0.0.1:${port}`);
  const cluster: ClusterFile = {
    // No other cluster has this name: what is left of one that crashed cannot get in.
    name: `run-${process.pid}-${ports[0]}`,
    protocol: run.protocol.url,
    options: run.protocol.options,
    replicas: ports.slice(0, plan.replicas),
    loads: ports.slice(plan.replicas),
    leader: plan.initialLeader,
    seed: run.seed,
    batch: plan.harness.batch,
    durability: plan.durability,
  };
  return inScratch(scratch, async () => {
    const file = join(scratch, "cluster.yaml");
    writeFileSync(file, JSON.stringify(cluster, null, 2)); // YAML contains JSON
    return runInProcesses(file, await readCluster(file), settings, hooks, signal);
  });
};

const byItself = (
  { name }: SubjectUse,
  use: ExternalUse,
  settings: RunSettings,
  scratch: string,
  hooks: RunHooks,
  signal: AbortSignal,
): Promise<RunOutcome> => inScratch(scratch, () => externalNamed(name)!.run(use, settings, scratch, hooks, signal));

const inScratch = async <T>(scratch: string, work: () => Promise<T>): Promise<T> => {
  mkdirSync(scratch, { recursive: true });
  try {
    return await work();
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
};
