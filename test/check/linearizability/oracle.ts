/** Linearizability by its definition: tries all orders of a whole history, all keys together, and knows no reduction. */
import type { Access, HistoryOperation, KeyOperation, Value } from "../../../src/check/history.ts";

/** For a handful of operations. */
export const hasOrder = (history: readonly HistoryOperation[]): boolean => {
  const go = (rest: readonly HistoryOperation[], store: Store): boolean => {
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
export const hasOrderRemembering = (history: readonly KeyOperation[]): boolean => {
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
  let store: Store | undefined = new Map();
  for (const operation of order) store = store && take(store, operation);
  return store && (store.get(order[0]?.key ?? "") ?? null);
};

type Store = ReadonlyMap<string, Value>;

/** The store after `operation`; undefined if its result would have been another. With unknown outcome it may have no effect. */
const take = (store: Store, operation: HistoryOperation): Store | undefined => {
  const known = operation.returned < Infinity;
  switch (operation.f) {
    case "scan": {
      if (!known) return store;
      const there = [...store].filter(([key, value]) => key >= operation.key && value !== null).sort(([a], [b]) => (a < b ? -1 : 1));
      return JSON.stringify(there.slice(0, operation.value)) === JSON.stringify(operation.result) ? store : undefined;
    }
    case "txn": {
      let after: Store | undefined = store;
      for (const access of operation.value) after = after && accessed(after, access, known);
      return after ?? (known ? undefined : store);
    }
    default:
      return accessed(store, operation, known) ?? (known ? undefined : store);
  }
};

const accessed = (store: Store, { f, key, value, expected, result }: Access, known: boolean): Store | undefined => {
  const there = store.get(key) ?? null;
  const put = (next: Value): Store => new Map(store).set(key, next);
  switch (f) {
    case "read":
      return !known || there === result ? store : undefined;
    case "write":
      return put(value);
    case "delete":
      return put(null);
    case "append":
      return put(`${there ?? ""}${value}`);
    case "swap":
      return !known || there === result ? put(value) : undefined;
    case "cas":
      return there === expected ? put(value) : undefined;
  }
};
