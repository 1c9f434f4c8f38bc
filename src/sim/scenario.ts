import type { Micros, ReplicaId } from "../core/ids.ts";

/** A replica as a scenario names it: by number, or by what it is when the step comes. */
export type Target = ReplicaId | "leader";

/** One fault, or its end. `restart` without a replica: all that are down. `heal`: all links. */
export type Fault =
  | { readonly type: "crash"; readonly replica: Target }
  | { readonly type: "restart"; readonly replica: ReplicaId | "all" }
  | { readonly type: "cut"; readonly from: Target; readonly to: Target }
  | { readonly type: "heal" };

export interface Step {
  /** µs after the start of the measured window. */
  readonly at: Micros;
  readonly fault: Fault;
}

/** A schedule of faults. */
export interface Scenario {
  readonly name: string;
  readonly steps: readonly Step[];
}
