import type { Piscina } from "piscina";
import type { FuzzTask, FuzzTaskResult } from "./task.ts";

/** `place`: of the run, from 0, in which a task came to an early end. */
export type Watched =
  | { readonly result: FuzzTaskResult }
  | { readonly place: number; readonly kind: "hang" | "exception" | "interrupted"; readonly why: string };

/**
 * Runs a task of the pool. A protocol may not return from a step, use up all memory or end its thread: that ends the
 * task, and is told. `patience`: ms of real time for one run; at most twice as much passes before it is called stuck.
 */
export const watched = async (pool: Piscina, task: FuzzTask, patience: number, signal: AbortSignal): Promise<Watched> => {
  const begun = new Int32Array(new SharedArrayBuffer(4));
  const stuck = new AbortController();
  let before = -1;
  const watch = setInterval(() => {
    const now = Atomics.load(begun, 0);
    if (now === before) stuck.abort();
    before = now;
  }, patience);
  try {
    const result = (await pool.run({ ...task, begun }, { signal: AbortSignal.any([signal, stuck.signal]) })) as FuzzTaskResult;
    return { result };
  } catch (error) {
    const runs = Atomics.load(begun, 0);
    const place = Math.max(0, runs - 1);
    if (signal.aborted) return { place, kind: "interrupted", why: "" };
    if (stuck.signal.aborted) return { place, kind: "hang", why: `no end after ${patience / 1000} s of real time: a step that does not return, or far too many steps` };
    if (runs === 0) throw error;
    return { place, kind: "exception", why: `the thread of the run ended: ${String(error)}` };
  } finally {
    clearInterval(watch);
  }
};
