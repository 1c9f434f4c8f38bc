/** One simulated run as a task of the pool. Plain data in and out: it crosses threads. */
import type { MessagePort } from "node:worker_threads";
import { millisecond, type Micros } from "../core/ids.ts";
import type { Violation } from "../check/violation.ts";
import { recordingOf, type Recording } from "../measure/recording.ts";
import { loadProtocol, loadWorkload } from "../runtime/modules.ts";
import { simulate } from "../sim/simulation.ts";
import type { Plan, PlannedRun } from "./plan.ts";

export interface SimulateTask {
  readonly plan: Plan;
  readonly run: PlannedRun;
  /** Gets the virtual time now and then. */
  readonly progress: MessagePort;
}

export interface SimulatedRun {
  readonly recording: Recording;
  readonly violations: readonly Violation[];
  readonly unknown: number;
}

export default async ({ plan, run, progress }: SimulateTask): Promise<SimulatedRun> => {
  const { harness, durability } = plan;
  const { recorder, violations, unknown } = simulate(
    {
      protocol: await loadProtocol(run.protocol.url),
      protocolOptions: run.protocol.options,
      workload: await loadWorkload(plan.workload.url),
      workloadOptions: plan.workload.options,
      topology: plan.topology!,
      replicas: plan.replicas,
      initialLeader: plan.initialLeader,
      clientsPerSite: plan.clientsPerSite,
      seed: run.seed,
      warmup: plan.warmup,
      duration: plan.duration,
      requestTimeout: harness.requestTimeout * millisecond,
      jitter: harness.jitter,
      sync: durability === "fsync" ? harness.diskSync : 0,
      batch: harness.batch,
      scenario: plan.scenario,
    },
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker threads, not a window
    { progress: (now: Micros) => progress.postMessage(now) },
  );
  return { recording: recordingOf(recorder, plan.replicas), violations, unknown };
};
