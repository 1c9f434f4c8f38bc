import type { Micros } from "../core/ids.ts";
import type { ExecutionChunk } from "./executions.ts";
import type { Recording } from "../measure/recording.ts";
import type { Usage } from "../measure/usage.ts";
import type { WorkDone } from "../measure/work.ts";

/** What a node tells who leads the run. */
export type Report =
  /** Its modules are loaded; its replica has started. */
  | { readonly type: "loaded" | "started" }
  /** So many of the operations that prepare the store are this node's, and so many of them are done. */
  | { readonly type: "prepared"; readonly done: number; readonly count: number }
  /** All of its clients have their replies: each, in their order, to so many requests. */
  | { readonly type: "drained"; readonly answered: readonly number[] }
  /** While clients warm up: what is answered here comes at a steady rate. `transient`: how long it had not, µs. */
  | { readonly type: "steady"; readonly transient: Micros }
  | { readonly type: "executed"; readonly chunk: ExecutionChunk }
  /** The replica leads this ballot or term. */
  | { readonly type: "led"; readonly ballot: number }
  /** A part of what the node's clients saw, JSON Lines; the parts in order are the whole. */
  | { readonly type: "history"; readonly jsonLines: string }
  | { readonly type: "violated"; readonly detail: string }
  /** While replicas settle: the state of this one. */
  | { readonly type: "settled"; readonly digest: string }
  /** By how much the frames that distance or conditions held back were later than that, µs. */
  | { readonly type: "lateness"; readonly histogram: string }
  /** What the node used of its machine. */
  | { readonly type: "usage"; readonly usage: Usage }
  /** `work`: in the measured window; null: it did not live through it. */
  | { readonly type: "replica"; readonly recording: Recording; readonly work: WorkDone | null; readonly executedCommands: number }
  | {
      readonly type: "clients";
      readonly recording: Recording;
      /** How long was measured. */
      readonly measured: Micros;
      /** Requests that were given up, since each attempt was rejected: they took no effect. */
      readonly failed: number;
      /** Requests without a reply, still waited for or given up. */
      readonly open: number;
      readonly work: WorkDone | null;
      /** µs from when nothing was broken any more to the next reply here. Null: there was none, or no such moment. */
      readonly recoveredAfter: Micros | null;
    };
