/** What clients saw of a key-value store: the input of judges that look from outside. */

/** Null is "absent": a key that holds null and a key that is not there are one and the same. */
export type Value = string | number | boolean | null;

export const keyFunctions = ["read", "write", "cas", "append", "swap", "delete"] as const;
export const functions = [...keyFunctions, "scan", "txn"] as const;

/**
 * Who asked, and when. What order operations had is said by `called` and `returned` alone; times are for people.
 */
interface Call {
  readonly client: number;
  /** Place of the call in the order of events; for a file, its line. */
  readonly called: number;
  /** Place of the answer; `Infinity` when the outcome is unknown: it may take effect at any time after the call, or never. */
  readonly returned: number;
  /** Nanoseconds on the recorder's clock; null where it kept none. */
  readonly calledAt: number | null;
  readonly returnedAt: number | null;
}

/** What is done to one key. */
export interface Access {
  readonly f: (typeof keyFunctions)[number];
  readonly key: string;
  /** What `write` and `swap` put there, `cas` puts there if it may, `append` puts at the end. Null for `read`, `delete`. */
  readonly value: Value;
  /** What a `cas` asks to be there. Null for all others. */
  readonly expected: Value;
  /** What a `read` saw, and what a `swap` found, if they returned. Null for all others. */
  readonly result: Value;
}

export interface KeyOperation extends Call, Access {}

/** The first `value` keys from `key` on that are there, in the order of `<`, and what they hold. */
export interface ScanOperation extends Call {
  readonly f: "scan";
  readonly key: string;
  readonly value: number;
  readonly expected: null;
  /** Null where it did not return. */
  readonly result: readonly (readonly [key: string, value: Value])[] | null;
}

/** Several accesses at once, in order, each of which sees those before it. If one of its `cas` cannot swap, none has an effect. */
export interface TxnOperation extends Call {
  readonly f: "txn";
  readonly key: null;
  readonly value: readonly Access[];
  readonly expected: null;
  readonly result: null;
}

/** One operation, from its call to its answer. An operation that failed had no effect and is in no history. */
export type HistoryOperation = KeyOperation | ScanOperation | TxnOperation;
