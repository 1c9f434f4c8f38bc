/** Carries out a plan: run after run in real time, or simulated runs side by side in a pool. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel } from "node:worker_threads";
import { Piscina } from "piscina";
import type { Micros } from "../core/ids.ts";
import { recorderOf } from "../measure/recording.ts";
import { environmentNow } from "./environment.ts";
import { runLive } from "./live.ts";
import { resultOf, type Outcome } from "./outcome.ts";
import { runsOf, type Plan, type PlannedRun } from "./plan.ts";
import { replayOf } from "./replay.ts";
import type { Environment, RunResult } from "./result.ts";
import type { SimulatedRun, SimulateTask } from "./simulate-task.ts";

export interface ExperimentHooks {
  /** `done`: share of the whole experiment that is over, 0 … 1. */
  progress?(doing: string, done: number): void;
  /** In the order of the plan. */
  finished(result: RunResult, outcome: Outcome): Promise<void> | void;
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
 * Answers whether every run of the plan was carried out; false: `signal` cut it short. `scratch`: a folder for what runs
 * need while they last, theirs to make and remove. Throws a `RunFailure`.
 */
export const runExperiment = async (plan: Plan, scratch: string, hooks: ExperimentHooks, signal: AbortSignal): Promise<boolean> => {
  const environment = environmentNow(plan.durability);
  return plan.transport === "sim"
    ? simulateAll(plan, environment, hooks, signal)
    : runAllLive(plan, scratch, environment, hooks, signal);
};

const runAllLive = async (
  plan: Plan,
  scratch: string,
  environment: Environment,
  hooks: ExperimentHooks,
  signal: AbortSignal,
): Promise<boolean> => {
  const runs = runsOf(plan);
  for (const [i, run] of runs.entries()) {
    if (signal.aborted) return false;
    const progress = (phase: string, done: number): void =>
      hooks.progress?.(`${run.protocol.name}: ${phase}${of(i, runs.length)}`, (i + done) / runs.length);
    const outcome = await runLive(plan, run, scratch, progress, signal).catch((error: unknown) => {
      throw new RunFailure(plan, run, error);
    });
    await hooks.finished(resultOf(plan, run, outcome, environment), outcome);
    if (outcome.interrupted) return false;
  }
  return true;
};

/** " (2 of 4)", where there is more than one. */
const of = (i: number, count: number): string => (count === 1 ? "" : ` (${i + 1} of ${count})`);

const simulateAll = async (plan: Plan, environment: Environment, hooks: ExperimentHooks, signal: AbortSignal): Promise<boolean> => {
  const runs = runsOf(plan);
  const pool = new Piscina({
    filename: fileURLToPath(new URL("./simulate-task.ts", import.meta.url)),
    maxThreads: Math.min(availableParallelism(), runs.length),
  });
  try {
    const done = runs.map(() => 0);
    const progress = (i: number, share: number): void => {
      done[i] = share;
      hooks.progress?.("simulating", done.reduce((sum, other) => sum + other, 0) / runs.length);
    };
    const outcomes = runs.map((run, i) => simulateOne(pool, plan, run, (share) => progress(i, share), signal));
    // Awaited in order below; a later one that fails first must not count as unhandled.
    for (const outcome of outcomes) outcome.catch(() => {});
    for (const [i, run] of runs.entries()) {
      const outcome = await outcomes[i]!;
      await hooks.finished(resultOf(plan, run, outcome, environment), outcome);
    }
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  } finally {
    await pool.destroy();
  }
};

const simulateOne = async (
  pool: Piscina,
  plan: Plan,
  run: PlannedRun,
  progress: (done: number) => void,
  signal: AbortSignal,
): Promise<Outcome> => {
  const { port1, port2 } = new MessageChannel();
  port1.on("message", (now: Micros) => progress(Math.min(1, now / (plan.warmup + plan.duration))));
  const task: SimulateTask = { plan, run, progress: port2 };
  try {
    const { recording, ...rest } = (await pool.run(task, { transferList: [port2], signal })) as SimulatedRun;
    return { recorder: recorderOf(recording, plan.replicas), lateness: null, measured: plan.duration, ...rest, interrupted: false };
  } catch (error) {
    throw new RunFailure(plan, run, error);
  } finally {
    port1.close();
  }
};
