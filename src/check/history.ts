/** What clients saw of a key-value store: the input of judges that look from outside. */

/** Null is "absent": a key that holds null and a key that is not there are one and the same. */
export type Value = string | number | boolean | null;

export const functions = ["read", "write", "cas", "append", "swap", "delete"] as const;

/**
 * One operation, from its call to its answer. An operation that failed had no effect and is in no history.
 * What order operations had is said by `called` and `returned` alone; times are for people.
 */
export interface HistoryOperation {
  readonly client: number;
  readonly f: (typeof functions)[number];
  readonly key: string;
  /** What `write` and `swap` put there, `cas` puts there if it may, `append` puts at the end. Null for `read`, `delete`. */
  readonly value: Value;
  /** What a `cas` asks to be there. Null for all others. */
  readonly expected: Value;
  /** What a `read` saw, and what a `swap` found, if they returned. Null for all others. */
  readonly result: Value;
  /** Place of the call in the order of events; for a file, its line. */
  readonly called: number;
  /** Place of the answer; `Infinity` when the outcome is unknown: it may take effect at any time after the call, or never. */
  readonly returned: number;
  /** Nanoseconds on the recorder's clock; null where it kept none. */
  readonly calledAt: number | null;
  readonly returnedAt: number | null;
}
