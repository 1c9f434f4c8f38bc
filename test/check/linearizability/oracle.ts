/** Linearizability by its definition: tries all orders of a whole history, all keys together, and knows no reduction. */
import type { HistoryOperation, Value } from "../../../src/check/history.ts";

/** For a handful of operations. */
export const hasOrder = (history: readonly HistoryOperation[]): boolean => {
  const go = (rest: readonly HistoryOperation[], store: ReadonlyMap<string, Value>): boolean => {
    if (rest.every((operation) => operation.returned === Infinity)) return true;
    const end = Math.min(...rest.map((operation) => operation.returned));
    return rest.some((operation) => {
      if (operation.called > end) return false;
      const after = take(store, operation);
      return after !== undefined && go(rest.filter((other) => other !== operation), after);
    });
  };
  return go(history, new Map());
};

/** The same for some dozens on one key, with a memory of where it was. */
export const hasOrderRemembering = (history: readonly HistoryOperation[]): boolean => {
  const visited = new Set<string>();
  const go = (taken: bigint, value: Value): boolean => {
    const here = `${taken} ${JSON.stringify(value)}`;
    if (visited.has(here)) return false;
    visited.add(here);
    const rest = history.filter((_, i) => ((taken >> BigInt(i)) & 1n) === 0n);
    const end = Math.min(...rest.map((operation) => operation.returned));
    if (end === Infinity) return true;
    return rest.some((operation) => {
      if (operation.called > end) return false;
      const after = take(new Map([[operation.key, value]]), operation);
      return after !== undefined && go(taken | (1n << BigInt(history.indexOf(operation))), after.get(operation.key) ?? null);
    });
  };
  return go(0n, null);
};

/** The value of a key after operations on it, in the order given; undefined where one of them would have seen another result. */
export const valueAfter = (order: readonly HistoryOperation[]): Value | undefined => {
  let store: ReadonlyMap<string, Value> | undefined = new Map();
  for (const operation of order) store = store && take(store, operation);
  return store && (store.get(order[0]?.key ?? "") ?? null);
};

/** The store after `operation`; undefined if its result would have been another. */
const take = (store: ReadonlyMap<string, Value>, operation: HistoryOperation): ReadonlyMap<string, Value> | undefined => {
  const { f, key, value, expected, result } = operation;
  const there = store.get(key) ?? null;
  const unknown = operation.returned === Infinity;
  const put = (next: Value): ReadonlyMap<string, Value> => new Map(store).set(key, next);
  switch (f) {
    case "read":
      return unknown || there === result ? store : undefined;
    case "write":
      return put(value);
    case "delete":
      return put(null);
    case "append":
      return put(`${there ?? ""}${value}`);
    case "swap":
      return unknown || there === result ? put(value) : undefined;
    case "cas":
      if (there === expected) return put(value);
      return unknown ? store : undefined;
  }
};
