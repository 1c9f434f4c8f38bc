/** The contract of a workload: which operations a client asks for. Pure: chance comes from its `ClientEnv`. */
import type { Operation } from "./operation.ts";
import type { Options } from "./option.ts";
import type { Random } from "./random.ts";

/** What a client knows of itself and of the experiment. */
export interface ClientEnv {
  /** 0 … clients-1, over all sites. */
  readonly client: number;
  readonly clients: number;
  readonly site: number;
  readonly sites: number;
  readonly random: Random;
}

export interface Draw {
  readonly operation: Operation;
  /** Whether the key is one that other clients use too: the measured conflict rate counts these. */
  readonly shared: boolean;
}

/** One client's stream of operations. */
export interface OperationSource {
  /**
   * `sequence` rises with each call; with the client's number it names the operation. Every value written in a run
   * should be unique, so that a history of the run can be judged: `uniqueValue` makes one. `slot`: 0, the default, in a
   * closed loop; in an open loop requests of a client that are open at the same time have different ones, small whole numbers.
   */
  next(sequence: number, slot?: number): Draw;
}

/** Operations that are carried out before the load begins, in any order, and are no part of what is measured. */
export interface Preparation {
  readonly count: number;
  /** 0 … count-1. */
  operation(index: number): Operation;
}

/** A workload module's default export, made by `defineWorkload`. */
export interface Workload<O = object> {
  /** As typed after `--workload`. */
  readonly name: string;
  /** One line for `paxbench list`. */
  readonly summary: string;
  /** Where its definition comes from. */
  readonly source: string;
  readonly options: Options<O>;
  /** What must be in the store before. Left out: nothing. */
  prepare?(options: O): Preparation;
  create(env: ClientEnv, options: O): OperationSource;
}

export const defineWorkload = <O>(workload: Workload<O>): Workload<O> => workload;

/** Reads these keys: one operation, or a transaction of several. */
export const readOf = (keys: readonly string[]): Operation =>
  keys.length === 1 ? { type: "get", key: keys[0]! } : { type: "txn", operations: keys.map((key) => ({ type: "get", key })) };

/** Writes a value to each of these keys: one operation, or a transaction of several. */
export const writeOf = (keys: readonly string[], value: Uint8Array): Operation =>
  keys.length === 1 ? { type: "put", key: keys[0]!, value } : { type: "txn", operations: keys.map((key) => ({ type: "put", key, value })) };

/** `client.sequence` in ASCII, filled with dots to `length` bytes; longer only when it does not fit. */
export const uniqueValue = (client: number, sequence: number, length: number): Uint8Array => {
  const clientDigits = digitsOf(client);
  const end = clientDigits + 1 + digitsOf(sequence);
  const value = new Uint8Array(Math.max(length, end)).fill(dot, end);
  writeDigits(value, clientDigits, client);
  value[clientDigits] = dot;
  writeDigits(value, end, sequence);
  return value;
};

const dot = 46;
const zero = 48;

const digitsOf = (number: number): number => {
  let digits = 1;
  for (let power = 10; power <= number; power *= 10) digits++;
  return digits;
};

/** In front of `end`. */
const writeDigits = (value: Uint8Array, end: number, number: number): void => {
  let rest = number;
  do {
    const tenth = Math.floor(rest / 10);
    value[--end] = zero + rest - tenth * 10;
    rest = tenth;
  } while (rest > 0);
};
