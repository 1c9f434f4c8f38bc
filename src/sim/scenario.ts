import type { Micros, ReplicaId } from "../core/ids.ts";

/**
 * A replica as a scenario names it: by number, or by what it is when the step comes. Without a leader, as in a
 * leaderless protocol, the replica that was asked to lead stands for it. `follower`: the lowest other one that is up.
 */
export type Target = ReplicaId | "leader" | "follower";

/** One fault, or its end. `cut` is one-way, `isolate` cuts all links of a replica both ways, `heal` mends all links. */
export type Fault =
  | { readonly type: "crash"; readonly replica: Target }
  | { readonly type: "restart"; readonly replica: ReplicaId | "all" }
  | { readonly type: "cut"; readonly from: Target; readonly to: Target }
  | { readonly type: "isolate"; readonly replica: Target }
  | { readonly type: "heal" };

export interface Step {
  /** µs after the start of the measured window. */
  readonly at: Micros;
  readonly fault: Fault;
}

/** A schedule of faults. */
export interface Scenario {
  readonly name: string;
  /** One line: what happens. */
  readonly summary?: string;
  readonly steps: readonly Step[];
}
