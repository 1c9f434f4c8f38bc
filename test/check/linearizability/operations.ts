/** Operations by hand: what, called when, returned when. Without a return the outcome is unknown. */
import type { HistoryOperation, Value } from "../../../src/check/history.ts";

const operation = (given: Pick<HistoryOperation, "f" | "called"> & Partial<HistoryOperation>): HistoryOperation => ({
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

export const read = (result: Value, called: number, returned?: number): HistoryOperation => operation({ f: "read", result, called, ...answered(returned) });
export const write = (value: Value, called: number, returned?: number): HistoryOperation => operation({ f: "write", value, called, ...answered(returned) });
export const remove = (called: number, returned?: number): HistoryOperation => operation({ f: "delete", called, ...answered(returned) });
export const append = (value: string, called: number, returned?: number): HistoryOperation => operation({ f: "append", value, called, ...answered(returned) });
export const cas = (expected: Value, value: Value, called: number, returned?: number): HistoryOperation =>
  operation({ f: "cas", expected, value, called, ...answered(returned) });
export const swap = (value: Value, result: Value, called: number, returned?: number): HistoryOperation =>
  operation({ f: "swap", value, result, called, ...answered(returned) });

export const on = (key: string, ...operations: readonly HistoryOperation[]): HistoryOperation[] => operations.map((operation) => ({ ...operation, key }));

const answered = (returned: number | undefined): Partial<HistoryOperation> => (returned === undefined ? {} : { returned });
