/** Seed after seed over a pool of threads, until they are all done or enough has been found. */
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Piscina } from "piscina";
import type { FaultCounts } from "../sim/scenario.ts";
import type { CaseLimits } from "./case.ts";
import { addCounts, type Failure, type FuzzTask, type FuzzTaskResult, type SubjectSpec } from "./task.ts";

export interface FuzzSettings {
  readonly subject: SubjectSpec;
  readonly firstSeed: number;
  readonly seeds: number;
  readonly limits: CaseLimits;
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
  readonly interrupted: boolean;
}

/** Seeds in a task: some tenths of a second of work. */
const chunk = 16;
/** Seeds that fail before the rest is left alone: more would only tell the same. */
const enough = 10;

export const fuzz = async (
  { subject, firstSeed, seeds, limits }: FuzzSettings,
  progress: (done: number, failures: number) => void,
  signal: AbortSignal,
): Promise<FuzzOutcome> => {
  const pool = new Piscina({
    filename: fileURLToPath(new URL("./task.ts", import.meta.url)),
    maxThreads: Math.min(availableParallelism(), Math.ceil(seeds / chunk)),
  });
  const run = async (task: FuzzTask): Promise<FuzzTaskResult> => (await pool.run(task, { signal })) as FuzzTaskResult;
  const faults: FaultCounts = {};
  const excluded: FaultCounts = {};
  const failures: Failure[] = [];
  const totals = { seeds: 0, commands: 0, undecided: 0 };
  let next = 0;

  const worker = async (): Promise<void> => {
    while (next < seeds && failures.length < enough) {
      const first = next;
      next += chunk;
      const some = Array.from({ length: Math.min(chunk, seeds - first) }, (_, i) => firstSeed + first + i);
      const result = await run({ subject, seeds: some, limits, shrink: false });
      totals.seeds += some.length;
      totals.commands += result.commands;
      totals.undecided += result.undecided;
      addCounts(faults, result.faults);
      addCounts(excluded, result.excluded);
      failures.push(...result.failures);
      progress(totals.seeds, failures.length);
    }
  };

  let interrupted = false;
  try {
    await Promise.all(Array.from({ length: pool.maxThreads }, worker));
    failures.sort((a, b) => a.seed - b.seed);
    const [first] = failures;
    if (first !== undefined) {
      const smallest = await run({ subject, seeds: [first.seed], limits, shrink: true });
      failures.splice(0, 1, ...smallest.failures);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    interrupted = true;
  } finally {
    await pool.destroy();
  }
  return { ...totals, faults, excluded, failures, interrupted };
};
