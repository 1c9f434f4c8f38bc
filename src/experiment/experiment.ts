/** Carries out a plan: run after run in real time, or simulated runs side by side in a pool. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import { recorderOf } from "../measure/recording.ts";
import { environmentNow } from "./environment.ts";
import { runLive } from "./live.ts";
import { judgedFor, resultOf, type Outcome } from "./outcome.ts";
import { runsOf, type Plan, type PlannedRun } from "./plan.ts";
import { replayOf } from "./replay.ts";
import type { RunResult } from "./result.ts";
import type { SimulatedRun, SimulateTask, SimulationProgress } from "./simulate-task.ts";

/** One run to carry out. */
export interface Job {
  /** Its place in the result. */
  readonly index: number;
  readonly plan: Plan;
  readonly run: PlannedRun;
}

export const jobsOf = (plan: Plan): Job[] => runsOf(plan).map((run, index) => ({ index, plan, run }));

export interface ExperimentHooks {
  /** `done`: share of the whole experiment that is over, 0 … 1. */
  progress?(doing: string, done: number): void;
  /** As each ends: of simulated runs, which run side by side, in any order. */
  finished(job: Job, result: RunResult, outcome: Outcome): Promise<void> | void;
}

/** A run that ended in an exception of protocol, workload or harness. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";
  /** The command that runs into it again. */
  readonly replay: string;

  constructor(plan: Plan, run: PlannedRun, cause: unknown) {
    super(`${run.protocol.name}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.replay = replayOf(plan, run);
  }

  /** Where it was thrown first: in the plug-in, rather than in the thread that passed it on. */
  get origin(): string {
    let origin = this.cause;
    while (origin instanceof Error && origin.cause !== undefined) origin = origin.cause;
    return origin instanceof Error ? (origin.stack ?? origin.message) : String(origin);
  }
}

/**
 * Carries out simulated jobs in a pool, then the others one after the other as they are given. Answers whether all were;
 * false: `signal` cut it short. `scratch`: a folder for what runs need while they last, theirs to make and remove. Throws
 * a `RunFailure`, of several the first in order.
 */
export const runExperiment = async (jobs: readonly Job[], scratch: string, hooks: ExperimentHooks, signal: AbortSignal): Promise<boolean> => {
  const done = new Map<Job, number>();
  const progress: Progress = (job, doing, share) => {
    done.set(job, share);
    hooks.progress?.(doing, [...done.values()].reduce((sum, other) => sum + other, 0) / jobs.length);
  };
  const { simulated = [], live = [] } = Object.groupBy(jobs, ({ plan }) => (plan.transport === "sim" ? "simulated" : "live"));
  return (await simulateAll(simulated, hooks, progress, signal)) && runAllLive(live, scratch, hooks, progress, signal);
};

/** `share`: of this job, 0 … 1. */
type Progress = (job: Job, doing: string, share: number) => void;

const runAllLive = async (
  jobs: readonly Job[],
  scratch: string,
  hooks: ExperimentHooks,
  progress: Progress,
  signal: AbortSignal,
): Promise<boolean> => {
  for (const [i, job] of jobs.entries()) {
    if (signal.aborted) return false;
    const { plan, run } = job;
    const environment = environmentNow(plan.durability);
    const onProgress = (phase: string, share: number): void =>
      progress(job, `${run.protocol.name}: ${phase}${of(i, jobs.length)}`, share);
    const outcome = judgedFor(run, await runLive(plan, run, scratch, onProgress, signal).catch((error: unknown) => {
      throw new RunFailure(plan, run, error);
    }));
    await hooks.finished(job, resultOf(plan, run, outcome, environment), outcome);
    if (outcome.interrupted) return false;
  }
  return true;
};

/** " (2 of 4)", where there is more than one. */
const of = (i: number, count: number): string => (count === 1 ? "" : ` (${i + 1} of ${count})`);

const simulateAll = async (jobs: readonly Job[], hooks: ExperimentHooks, progress: Progress, signal: AbortSignal): Promise<boolean> => {
  if (jobs.length === 0) return true;
  const threads = Math.min(availableParallelism(), jobs.length);
  const pool = new Piscina({ filename: fileURLToPath(new URL("./simulate-task.ts", import.meta.url)), maxThreads: threads });
  const environment = environmentNow("none");
  const waiting = jobs.values();
  const failures: { readonly job: Job; readonly error: unknown }[] = [];
  // They share the iterator. After a failure no further job begins; those before it have begun, and tell theirs.
  const worker = async (): Promise<void> => {
    for (const job of waiting) {
      const { plan, run } = job;
      try {
        const outcome = judgedFor(run, await simulateOne(pool, plan, run, (told) => progress(job, saidOf(told), told.doing === "loading" ? 0 : told.share), signal));
        await hooks.finished(job, resultOf(plan, run, outcome, { ...environment, durability: plan.durability }), outcome);
        progress(job, "simulating", 1);
      } catch (error) {
        failures.push({ job, error });
      }
      if (failures.length > 0) return;
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, worker));
  } finally {
    await pool.destroy();
  }
  const first = failures.toSorted((a, b) => a.job.index - b.job.index)[0];
  if (first === undefined) return true;
  if (signal.aborted) return false;
  throw first.error;
};

const saidOf = ({ doing, share }: SimulationProgress): string => (doing === "loading" ? `loading, ${Math.floor(share * 100)} %` : doing);

const simulateOne = async (
  pool: Piscina,
  plan: Plan,
  run: PlannedRun,
  progress: (told: SimulationProgress) => void,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", progress);
  const task: SimulateTask = { plan, run, progress: port2 };
  try {
    const { recording, ...rest } = (await pool.run(task, { transferList: [port2], signal })) as SimulatedRun;
    return { recorder: recorderOf(recording, plan.sites.length), lateness: null, usage: null, machine: null, measured: plan.duration, ...rest, lost: [], interrupted: false };
  } catch (error) {
    throw new RunFailure(plan, run, error);
  } finally {
    port1.close();
  }
};
