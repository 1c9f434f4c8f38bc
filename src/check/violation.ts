/** The judges of a run. */
export type CheckName =
  "linearizable" | "ledger" | "converged" | "exactlyOnce" | "durable" | "agreement" | "leaders" | "invariants";

/** One broken check: which, and what was seen (key, position, replicas). */
export interface Violation {
  readonly check: CheckName;
  readonly detail: string;
}
