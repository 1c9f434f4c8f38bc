/** Carries out what a reproduction planned: runs as any experiment, then elections in a pool of their own. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import { runExperiment } from "../experiment.ts";
import type { Outcome } from "../outcome.ts";
import type { RunResult } from "../result.ts";
import type { ElectionTask } from "./election-task.ts";
import type { ElectionWork, RunWork, Work } from "./plan.ts";
import { servedAfter } from "./service.ts";

/** What came of a work. */
export interface Found {
  /** Of a run. */
  readonly result?: RunResult;
  /** ms; Infinity: nobody was served. Of a run whose service counts. */
  readonly servedAfterMs?: number;
  /** ms, by trial; Infinity: given up. Of elections. */
  readonly electedAfterMs?: readonly number[];
}

export interface CarryOutHooks {
  /** `done`: 0 … 1. */
  progress(doing: string, done: number): void;
  /** `outcome`: of a run. */
  found(work: Work, found: Found, outcome?: Outcome): void;
}

/** Of a pool's task: short enough for progress and Ctrl-C. */
const trialsAtOnce = 25;

/** Answers whether all was done; false: `signal` cut it short. Throws a `RunFailure`. */
export const carryOut = async (works: readonly Work[], scratch: string, hooks: CarryOutHooks, signal: AbortSignal): Promise<boolean> => {
  const runs = works.filter((work) => work.kind === "run");
  const elections = works.filter((work) => work.kind === "election");
  const byIndex = new Map(runs.map((work) => [work.job.index, work]));
  // Of runs and elections alike: there is no other measure of how long they take.
  const share = runs.length / (runs.length + elections.length);
  const completed = await runExperiment(
    runs.map(({ job }) => job),
    scratch,
    {
      progress: (doing, done) => hooks.progress(doing, done * share),
      finished: ({ index }, result, outcome) => {
        const work: RunWork = byIndex.get(index)!;
        hooks.found(work, work.service ? { result, servedAfterMs: servedAfter(result, outcome.history!) } : { result }, outcome);
      },
    },
    signal,
  );
  return completed && holdElections(elections, (done) => hooks.progress("elections", share + done * (1 - share)), hooks, signal);
};

const holdElections = async (
  works: readonly ElectionWork[],
  progress: (done: number) => void,
  hooks: CarryOutHooks,
  signal: AbortSignal,
): Promise<boolean> => {
  if (works.length === 0) return true;
  const pool = new Piscina({ filename: fileURLToPath(new URL("./election-task.ts", import.meta.url)), maxThreads: availableParallelism() });
  const total = works.reduce((sum, { task }) => sum + task.seeds.length, 0);
  let trials = 0;
  const part = async (task: ElectionTask): Promise<number[]> => {
    const times = (await pool.run(task, { signal })) as number[];
    trials += times.length;
    progress(trials / total);
    return times;
  };
  const held = async (work: ElectionWork): Promise<void> => {
    const { seeds } = work.task;
    const starts = Array.from({ length: Math.ceil(seeds.length / trialsAtOnce) }, (_, i) => i * trialsAtOnce);
    const times = await Promise.all(starts.map((start) => part({ ...work.task, seeds: seeds.slice(start, start + trialsAtOnce) })));
    hooks.found(work, { electedAfterMs: times.flat() });
  };
  try {
    const ends = await Promise.allSettled(works.map(held));
    if (signal.aborted) return false;
    const failed = ends.find((end) => end.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return true;
  } finally {
    await pool.destroy();
  }
};
