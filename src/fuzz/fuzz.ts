/** Seed after seed over a pool of threads, until they are all done or enough has been found. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { FaultCounts } from "../faults/scenario.ts";
import type { CaseLimits } from "./case.ts";
import { addCounts, type Failure, type FuzzTask, type SubjectSpec, type Traced, type TraceTask } from "./task.ts";
import { watched, type Watched } from "./watched.ts";

export interface FuzzSettings {
  readonly subject: SubjectSpec;
  readonly firstSeed: number;
  readonly seeds: number;
  readonly limits: CaseLimits;
  /** ms of real time for one run. */
  readonly patience: number;
  /** Trace the first seed's run if none fails. A failure is traced in any case. */
  readonly trace: boolean;
}

export interface FuzzOutcome {
  /** Seeds run. */
  readonly seeds: number;
  readonly commands: number;
  readonly undecided: number;
  readonly faults: FaultCounts;
  /** Drawn, and left out because the protocol's model has no such fault. */
  readonly excluded: FaultCounts;
  /** By rising seed; the first one made as small as it gets. */
  readonly failures: readonly Failure[];
  /** Of the first failure, made small; without one of the first seed, if that was asked for. */
  readonly traced: Traced | null;
  /** Null: not interrupted. Else the seeds that were under way. */
  readonly interrupted: readonly number[] | null;
}

/** Seeds in a task: some tenths of a second of work. */
const chunk = 16;
/** Seeds that fail before the rest is left alone: more would only tell the same. */
const enough = 10;

export const fuzz = async (
  { subject, firstSeed, seeds, limits, patience, trace }: FuzzSettings,
  progress: (done: number, failures: number) => void,
  signal: AbortSignal,
): Promise<FuzzOutcome> => {
  const pool = new Piscina({
    filename: fileURLToPath(new URL("./task.ts", import.meta.url)),
    maxThreads: Math.min(availableParallelism(), Math.ceil(seeds / chunk)),
  });
  const run = (task: FuzzTask): Promise<Watched> => watched(pool, task, patience, signal);
  const faults: FaultCounts = {};
  const excluded: FaultCounts = {};
  const failures: Failure[] = [];
  const totals = { seeds: 0, commands: 0, undecided: 0 };
  let next = 0;

  const underWay: number[] = [];

  const runSome = async (some: readonly number[]): Promise<void> => {
    const ended = await run({ subject, seeds: some, limits, shrink: false });
    if ("result" in ended) {
      const { result } = ended;
      totals.seeds += some.length;
      totals.commands += result.commands;
      totals.undecided += result.undecided;
      addCounts(faults, result.faults);
      addCounts(excluded, result.excluded);
      failures.push(...result.failures);
      return;
    }
    const { place, kind, why } = ended;
    next = seeds; // others may take as long
    if (kind === "interrupted") {
      underWay.push(some[place]!);
      return;
    }
    totals.seeds++;
    failures.push({ seed: some[place]!, finding: { kind, detail: why }, limits });
    if (place > 0) await runSome(some.slice(0, place)); // what they found was lost with the thread
  };

  const worker = async (): Promise<void> => {
    while (next < seeds && failures.length < enough) {
      const first = next;
      next += chunk;
      await runSome(Array.from({ length: Math.min(chunk, seeds - first) }, (_, i) => firstSeed + first + i));
      progress(totals.seeds, failures.length);
    }
  };

  let traced: Traced | null = null;
  try {
    await Promise.all(Array.from({ length: pool.maxThreads }, worker));
    failures.sort((a, b) => a.seed - b.seed);
    const [first] = failures;
    if (first !== undefined && first.finding.kind !== "hang" && !signal.aborted) {
      const smallest = await run({ subject, seeds: [first.seed], limits, shrink: true });
      if ("result" in smallest) failures.splice(0, 1, ...smallest.result.failures);
    }
    // A run without an end has none to draw.
    const drawn = failures[0] ?? (trace ? { seed: firstSeed, limits } : undefined);
    if (drawn !== undefined && !endless(failures[0]) && !signal.aborted) {
      const task: TraceTask = { subject, seed: drawn.seed, limits: drawn.limits };
      traced = (await pool.run(task, { name: "trace" })) as Traced;
    }
  } finally {
    await pool.destroy();
  }
  return { ...totals, faults, excluded, failures, traced, interrupted: signal.aborted ? underWay : null };
};

/** It did not return, multiplied without end, or took the thread with it. */
const endless = (failure: Failure | undefined): boolean => failure?.finding.kind === "hang" || failure?.finding.kind === "exception";
