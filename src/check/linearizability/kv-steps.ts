import type { HistoryOperation, KeyOperation, ScanOperation } from "../history.ts";

export const isOnOneKey = (operation: HistoryOperation): operation is KeyOperation => operation.f !== "scan" && operation.f !== "txn";

/**
 * What operations do to single keys, as operations on them: to be taken at once, in the order given. Of one with unknown
 * outcome there is only what has an effect. A scan saw all keys of the history in its range: those that are not in its
 * result were absent; what lies behind its last key it did not see if that key made its limit full.
 */
export const stepsIn = (operations: readonly HistoryOperation[]): ((operation: HistoryOperation) => readonly KeyOperation[]) => {
  const keys = operations.some(({ f }) => f === "scan") ? keysIn(operations) : [];
  return (operation) => {
    if (isOnOneKey(operation)) return [operation];
    const { client, called, returned, calledAt, returnedAt } = operation;
    const call = { client, called, returned, calledAt, returnedAt };
    if (operation.f === "txn") {
      const accesses = returned < Infinity ? operation.value : operation.value.filter(({ f }) => f !== "read");
      return accesses.map((access) => ({ ...call, ...access }));
    }
    if (returned === Infinity || operation.result === null) return [];
    const seen = new Map(operation.result);
    const inRange = rangeOf(operation, keys).filter((key) => !seen.has(key));
    const read = { ...call, f: "read", value: null, expected: null } as const;
    return [...inRange.map((key) => ({ ...read, key, result: null })), ...operation.result.map(([key, result]) => ({ ...read, key, result }))];
  };
};

/** Whether a scan has a result that a store can give: keys in its range, each once, in order, no more than asked for. */
export const isScanResult = ({ key: start, value: limit, result }: ScanOperation): boolean =>
  result === null || (result.length <= limit && result.every(([key], i) => (i === 0 ? start <= key : result[i - 1]![0] < key)));

/** Of `keys`, which are sorted, those that the scan saw or saw to be absent. */
const rangeOf = ({ key: start, value: limit, result }: ScanOperation, keys: readonly string[]): readonly string[] => {
  if (limit === 0) return [];
  const inRange = keys.slice(firstFrom(keys, start));
  const last = result!.length < limit ? undefined : result!.at(-1)![0];
  return last === undefined ? inRange : inRange.filter((key) => key <= last);
};

/** All keys, sorted. */
const keysIn = (operations: readonly HistoryOperation[]): string[] => {
  const keys = new Set<string>();
  for (const operation of operations) {
    if (operation.f === "txn") for (const { key } of operation.value) keys.add(key);
    else if (operation.f !== "scan") keys.add(operation.key);
    else if (operation.result !== null) for (const [key] of operation.result) keys.add(key);
  }
  // By UTF-16 code units, as `<` compares.
  return [...keys].sort();
};

/** Where in `sorted` the first that is no less than `key` stands. */
const firstFrom = (sorted: readonly string[], key: string): number => {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (sorted[middle]! < key) from = middle + 1;
    else to = middle;
  }
  return from;
};
