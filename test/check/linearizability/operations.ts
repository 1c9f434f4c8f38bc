/** Operations by hand: what, called when, returned when. Without a return the outcome is unknown. */
import type { Access, KeyOperation, ScanOperation, TxnOperation, Value } from "../../../src/check/history.ts";

const operation = (given: Pick<KeyOperation, "f" | "called"> & Partial<KeyOperation>): KeyOperation => ({
  client: given.called,
  key: "k",
  value: null,
  expected: null,
  result: null,
  returned: Infinity,
  calledAt: null,
  returnedAt: null,
  ...given,
});

export const read = (result: Value, called: number, returned?: number): KeyOperation => operation({ f: "read", result, called, ...answered(returned) });
export const write = (value: Value, called: number, returned?: number): KeyOperation => operation({ f: "write", value, called, ...answered(returned) });
export const remove = (called: number, returned?: number): KeyOperation => operation({ f: "delete", called, ...answered(returned) });
export const append = (value: string, called: number, returned?: number): KeyOperation => operation({ f: "append", value, called, ...answered(returned) });
export const cas = (expected: Value, value: Value, called: number, returned?: number): KeyOperation =>
  operation({ f: "cas", expected, value, called, ...answered(returned) });
export const swap = (value: Value, result: Value, called: number, returned?: number): KeyOperation =>
  operation({ f: "swap", value, result, called, ...answered(returned) });

const call = (called: number, returned = Infinity) => ({ client: called, called, returned, calledAt: null, returnedAt: null });
export const scan = (key: string, limit: number, result: ScanOperation["result"], called: number, returned?: number): ScanOperation => ({
  ...call(called, returned), f: "scan", key, value: limit, expected: null, result,
});
export const txn = (accesses: readonly Access[], called: number, returned?: number): TxnOperation => ({
  ...call(called, returned), f: "txn", key: null, value: accesses, expected: null, result: null,
});

/** Parts of a transaction. */
export const access = {
  read: (key: string, result: Value = null): Access => ({ f: "read", key, value: null, expected: null, result }),
  write: (key: string, value: Value): Access => ({ f: "write", key, value, expected: null, result: null }),
  append: (key: string, value: string): Access => ({ f: "append", key, value, expected: null, result: null }),
  cas: (key: string, expected: Value, value: Value): Access => ({ f: "cas", key, value, expected, result: null }),
  swap: (key: string, value: Value, result: Value = null): Access => ({ f: "swap", key, value, expected: null, result }),
  remove: (key: string): Access => ({ f: "delete", key, value: null, expected: null, result: null }),
};

export const on = (key: string, ...operations: readonly KeyOperation[]): KeyOperation[] => operations.map((operation) => ({ ...operation, key }));

const answered = (returned: number | undefined): Partial<KeyOperation> => (returned === undefined ? {} : { returned });
