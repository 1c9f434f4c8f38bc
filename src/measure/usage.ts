import type { Micros } from "../core/ids.ts";

/** What a node of a live run used of its machine in the measured window: its thread, or of a process the one that takes turns. */
export interface Usage {
  readonly window: Micros;
  /** Time in which it ran on a core. */
  readonly cpu: Micros;
  /** Time in which it had something to do, running or waiting for a core. */
  readonly busy: Micros;
  /** CPU time of its whole process, where it has one of its own; else 0. */
  readonly process: Micros;
  /** Garbage collection: how often, and for how long all else in the thread stood still. */
  readonly pauses: { readonly count: number; readonly total: Micros; readonly longest: Micros };
}

/** CPU time over all cores of the machine of whoever led a run, in the measured window. */
export interface MachineUsage {
  readonly window: Micros;
  /** Of all programs. */
  readonly all: Micros;
  /** Of the run's leader, and of threads in its process. */
  readonly leader: Micros;
}
