import type { Micros } from "../core/ids.ts";
import { workKinds, type Work, type WorkKind } from "../measure/work.ts";

/**
 * What a replica's work takes of its CPU, µs for each; none below 0. A replica is a serial server: what arrives while it is at
 * work waits, and is then taken in one turn, as in real time. docs/costs.md tells where such numbers come from.
 */
export interface Costs extends Readonly<Record<WorkKind, number>> {
  /** From the first input at an idle replica to the beginning of its turn. The one time in here that is no work. */
  readonly wake: Micros;
  /** Most inputs that a turn takes; 0: all that wait. */
  readonly inputs: number;
}

export const noCosts: Costs = {
  wake: 0, inputs: 0, turn: 0, read: 0, write: 0, receive: 0, send: 0, byteIn: 0, byteOut: 0, request: 0, execute: 0, record: 0, sync: 0,
};

/** µs. */
export const costOf = (costs: Costs, work: Work): number => {
  let sum = 0;
  for (const kind of workKinds) sum += costs[kind] * work[kind];
  return sum;
};
