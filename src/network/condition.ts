import type { Micros } from "../core/ids.ts";

/** What is wrong with one direction of a link. Shares are each message's chance, 0 … 1. */
export interface Condition {
  readonly cut: boolean;
  readonly loss: number;
  readonly duplicate: number;
  /** Such a message neither waits for those before it nor holds up those after it. */
  readonly reorder: number;
  /** Every message is late by this much more than the distance makes it, µs. */
  readonly delay: Micros;
}

export const sound: Condition = { cut: false, loss: 0, duplicate: 0, reorder: 0, delay: 0 };
