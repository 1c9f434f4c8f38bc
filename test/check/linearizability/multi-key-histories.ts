/** Random histories of a store with transactions and scans, each of which it really took at one instant; and wrong ones. */
import type { Random } from "paxbench";
import type { Access, HistoryOperation, ScanOperation, TxnOperation, Value } from "../../../src/check/history.ts";

export interface MultiKeyShape {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** Shares of transactions and scans; the rest is on single keys. */
  readonly txns: number;
  readonly scans: number;
  readonly mix: readonly Access["f"][];
  readonly value: (random: Random, n: number) => Value;
  /** Share of operations whose outcome nobody learns. Half of them take effect. */
  readonly unknown: number;
}

type Store = Map<string, Value>;

export const multiKeyHistory = (random: Random, shape: MultiKeyShape): HistoryOperation[] => {
  const store: Store = new Map();
  const open: ({ operation: HistoryOperation; taken: boolean } | undefined)[] = Array.from({ length: shape.clients });
  const history: HistoryOperation[] = [];
  const abandoned: HistoryOperation[] = [];
  let calls = 0;
  for (let at = 1; calls < shape.operations || open.some((one) => one !== undefined); at++) {
    const slot = random.below(shape.clients);
    const one = open[slot];
    if (one === undefined) {
      if (calls === shape.operations) continue;
      const operation = drawn(random, shape, store, calls++, at);
      if (random.unit() >= shape.unknown) open[slot] = { operation, taken: false };
      else {
        history.push(operation);
        abandoned.push(operation);
      }
    } else if (!one.taken) {
      const outcome = taken(store, one.operation);
      open[slot] = outcome && { operation: outcome, taken: true };
    } else {
      history.push({ ...one.operation, returned: at });
      open[slot] = undefined;
    }
    if (random.unit() < shape.unknown / 3 && abandoned.length > 0) taken(store, abandoned.splice(random.below(abandoned.length), 1)[0]!);
  }
  return history;
};

const drawn = (random: Random, shape: MultiKeyShape, store: Store, n: number, at: number): HistoryOperation => {
  const call = { client: n, called: at, returned: Infinity, calledAt: null, returnedAt: null };
  const access = (): Access => {
    const f = shape.mix[random.below(shape.mix.length)]!;
    const key = `k${random.below(shape.keys)}`;
    const value = f === "read" || f === "delete" ? null : shape.value(random, n);
    const expected = f !== "cas" ? null : random.below(3) > 0 ? (store.get(key) ?? null) : shape.value(random, n);
    return { f, key, value, expected, result: null };
  };
  const kind = random.unit();
  if (kind < shape.txns) return { ...call, f: "txn", key: null, value: Array.from({ length: random.below(4) }, access), expected: null, result: null };
  if (kind < shape.txns + shape.scans) {
    return { ...call, f: "scan", key: `k${random.below(shape.keys)}`, value: random.below(shape.keys + 2), expected: null, result: null };
  }
  return { ...call, ...access() };
};

/** The operation with what it saw; undefined if it failed. */
const taken = (store: Store, operation: HistoryOperation): HistoryOperation | undefined => {
  if (operation.f === "scan") {
    const keys = [...store.keys()].filter((key) => key >= operation.key && store.get(key) !== null).sort();
    return { ...operation, result: keys.slice(0, operation.value).map((key) => [key, store.get(key)!] as const) };
  }
  const scratch = new Map(store);
  const accesses = (operation.f === "txn" ? operation.value : [operation]).map((access) => accessed(scratch, access));
  if (accesses.includes(undefined)) return undefined;
  for (const [key, value] of scratch) store.set(key, value);
  return operation.f === "txn" ? { ...operation, value: accesses as Access[] } : { ...operation, result: accesses[0]!.result };
};

const accessed = (store: Store, access: Access): Access | undefined => {
  const { f, key, value, expected } = access;
  const there = store.get(key) ?? null;
  if (f === "cas" && there !== expected) return undefined;
  if (f === "append") store.set(key, `${there ?? ""}${value}`);
  else if (f !== "read") store.set(key, value);
  return f === "read" || f === "swap" ? { ...access, result: there } : access;
};

/** The same with one operation that saw something else, or whose outcome or duration is another. */
export const wrong = (random: Random, history: readonly HistoryOperation[]): HistoryOperation[] => {
  const values = history.flatMap((operation) => (operation.f === "txn" ? operation.value : operation.f === "scan" ? [] : [operation])).flatMap(({ value, result }) => [value, result]);
  const other = (): Value => values[random.below(values.length)] ?? null;
  const at = random.below(history.length);
  return history.map((operation, i) => (i === at ? wronged(random, operation, other) : operation));
};

const wronged = (random: Random, operation: HistoryOperation, other: () => Value): HistoryOperation => {
  if (operation.returned === Infinity) return operation.f === "scan" ? operation : { ...operation, returned: operation.called + 0.5 + random.below(9) };
  if (random.below(4) === 0) return { ...operation, returned: random.below(2) === 0 ? Infinity : operation.called + 0.5 };
  switch (operation.f) {
    case "scan":
      return { ...operation, result: wrongEntries(random, operation.result!, other) };
    case "txn": {
      const at = random.below(operation.value.length);
      return { ...operation, value: operation.value.map((access, i) => (i === at ? wrongAccess(access, other) : access)) } satisfies TxnOperation;
    }
    default:
      return { ...operation, ...wrongAccess(operation, other) };
  }
};

const wrongAccess = (access: Access, other: () => Value): Access => {
  if (access.f === "read" || access.f === "swap") return { ...access, result: other() };
  return access.f === "cas" ? { ...access, expected: other() } : access;
};

const wrongEntries = (random: Random, entries: NonNullable<ScanOperation["result"]>, other: () => Value): ScanOperation["result"] => {
  const at = random.below(entries.length + 1);
  if (at === entries.length) return [...entries, [`k${random.below(4)}`, other() ?? 1]];
  return random.below(2) === 0 ? entries.toSpliced(at, 1) : entries.with(at, [entries[at]![0], other() ?? 1]);
};
