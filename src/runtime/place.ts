import type { Micros } from "../core/ids.ts";
import type { FrameQueue } from "../transport/frames.ts";
import type { Phase } from "./phase.ts";
import type { Report } from "./reports.ts";
import type { Due } from "./timers.ts";

/**
 * Where a resident lives: a thread, or a process. Nodes of a run are numbered, replicas first, then who holds clients.
 * Within a turn `now` moves only when something arrives, or before precise timers fire; what goes out leaves at its end.
 */
export interface Place {
  /** Of this place alone: whole µs since it began, to be compared with no other's. */
  readonly now: Micros;
  /** A link to the node stands. */
  reaches(node: number): boolean;
  /** What is on its way to a node; `site`: of the client who sends or is answered. */
  frames(to: number, site?: number): FrameQueue;
  report(report: Report, transfer?: readonly ArrayBuffer[]): void;
  /** Requests answered so far, for progress lines. */
  progressed(completed: number): void;
}

/** What lives in a place: a replica, or clients. */
export interface Resident {
  readonly timers: Due;
  /** Its timers are kept more precisely than to the platform's ms, and fire at a time of their own: it measures from when they were due. */
  readonly precise?: boolean;
  /** Called for every phase, in order. */
  enter(phase: Phase): void;
  receive(from: number, bytes: Uint8Array, start: number, end: number): void;
  timer(timer: number): void;
  /** Where links can break: the one to `node` broke, or stands again. */
  linked?(node: number, up: boolean): void;
  /** From now on something in the cluster is broken, or nothing is any more. */
  toldSound?(sound: boolean): void;
  /** All that had arrived is in, all timers that were due have fired. */
  endTurn(): void;
}
