/** One simulated run as a task of the pool. Plain data in and out: it crosses threads. */
import type { MessagePort } from "node:worker_threads";
import { millisecond, type ReplicaId } from "../core/ids.ts";
import { RecordedHistory } from "../check/recorded-history.ts";
import type { CheckName, Violation } from "../check/violation.ts";
import type { WarmedUp } from "../measure/steady.ts";
import { recordingOf, type Recording } from "../measure/recording.ts";
import { loadProtocol, loadWorkload } from "../runtime/modules.ts";
import { withFiles } from "../runtime/option-files.ts";
import { profiled } from "../runtime/profile.ts";
import { simulate } from "../sim/simulation.ts";
import { costsOf, machineOf } from "./cost-file.ts";
import { judgeHistory } from "./judge-history.ts";
import { faultsOf, type Outcome, type RunHistory } from "./outcome.ts";
import { profilePrefix, type Plan, type PlannedRun } from "./plan.ts";
import type { Faults } from "./result.ts";

export interface SimulateTask {
  readonly plan: Plan;
  readonly run: PlannedRun;
  /** Gets a `SimulationProgress` now and then. */
  readonly progress: MessagePort;
}

/** `share`: of that, 0 … 1. */
export interface SimulationProgress {
  readonly doing: "loading" | "simulating";
  readonly share: number;
}

export interface SimulatedRun {
  readonly recording: Recording;
  readonly warmedUp: WarmedUp;
  readonly violations: readonly Violation[];
  readonly undecided: readonly CheckName[];
  readonly failed: number;
  readonly unknown: number;
  readonly gone: readonly ReplicaId[];
  readonly work: Outcome["work"];
  readonly faults: Faults;
  /** Null where no history was asked for. */
  readonly history: RunHistory | null;
}

/** µs. Theory knows no such bound: it must not be felt where anything else takes time. */
const shortestTurn = 100;
/** Where work takes time, that is what bounds a client. */
const shortestTurnAtCosts = 1;

export default async ({ plan, run, progress }: SimulateTask): Promise<SimulatedRun> => {
  const { harness, durability } = plan;
  const history = plan.history ? new RecordedHistory() : undefined;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker threads, not a window
  const tell = (told: SimulationProgress): void => progress.postMessage(told);
  const workload = await loadWorkload(plan.workload.url);
  const protocol = await loadProtocol(run.protocol.url);
  const prefix = profilePrefix(plan, run);
  const { recorder, violations, undecided, failed, unknown, executedCommands, work, warmedUp, ...told } = profiled(prefix && `${prefix}-simulation.cpuprofile`, () => simulate(
    {
      protocol,
      protocolOptions: run.protocol.options,
      workload,
      workloadOptions: withFiles(workload, plan.workload.options),
      topology: plan.topology!,
      replicas: plan.replicas,
      initialLeader: plan.initialLeader,
      clientsPerSite: plan.clientsPerSite,
      ask: harness.ask,
      openLoop: plan.openLoop,
      seed: run.seed,
      warmup: plan.warmup,
      untilSteady: plan.untilSteady,
      duration: plan.duration,
      requestTimeout: harness.requestTimeout * millisecond,
      shortestTurn: plan.costs === null ? shortestTurn : shortestTurnAtCosts,
      jitter: harness.jitter,
      sync: durability === "fsync" ? harness.diskSync : 0,
      batch: harness.batch,
      scenario: plan.scenario,
      costs: plan.costs && costsOf(plan.costs, run.protocol.name, durability),
      machine: plan.costs && machineOf(plan.costs, harness.cores),
    },
    {
      prepared: (share) => tell({ doing: "loading", share }),
      progress: (elapsed) => tell({ doing: "simulating", share: Math.min(1, elapsed / (plan.warmup + plan.duration)) }),
      ...(history === undefined ? {} : { history }),
    },
  ));
  const recording = recordingOf(recorder, plan.sites.length);
  const gone = executedCommands.flatMap((executed, replica) => (executed === null ? [replica] : []));
  const faults = faultsOf(told);
  const common = { recording, warmedUp, undecided, failed, unknown, gone, work: work && { replicas: work, loads: [], judge: null }, faults };
  if (history === undefined) return { ...common, violations, history: null };
  const judged = judgeHistory(history.operations, history.invoked, history.toJsonLines());
  return { ...common, violations: [...violations, ...judged.violations], history: judged.history };
};
