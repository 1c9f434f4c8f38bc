import { invariant } from "../../core/assert.ts";
import type { Access, HistoryOperation, KeyOperation, ScanOperation, Value } from "../history.ts";
import { KvMachine } from "./kv-machine.ts";
import { isOnOneKey, isScanResult, stepsIn } from "./kv-steps.ts";
import type { Model } from "./model.ts";
import { StoreMachine } from "./store-machine.ts";
import { Store } from "./store.ts";

/**
 * A key-value store, absent keys at first. The state is a value where operations are on one key, else a `Store`. Appends
 * are to strings, or to an absent key, which counts as "": any other value on a key that is appended to is the recorder's
 * mistake.
 */
export const kv: Model<HistoryOperation> = {
  name: "kv",
  initial: (keys) => (keys.length === 1 ? null : Store.of(keys)),
  machine: (operations) => (operations.every(isOnOneKey) ? new KvMachine(operations) : new StoreMachine(operations)),

  keysIn(operations) {
    const stepsOf = stepsIn(operations);
    return (operation) => (isOnOneKey(operation) ? [operation.key] : stepsOf(operation).map(({ key }) => key));
  },

  projections(operations) {
    if (operations.every(isOnOneKey)) return [];
    const byKey = new Map<string, KeyOperation[]>();
    for (const step of operations.flatMap(stepsIn(operations))) {
      const steps = byKey.get(step.key);
      if (steps === undefined) byKey.set(step.key, [step]);
      else steps.push(step);
    }
    return Array.from(byKey, ([key, operations]) => ({ key, operations }));
  },

  apply(state, operation) {
    const known = operation.returned < Infinity;
    const there = state as Value | Store;
    switch (operation.f) {
      case "scan":
        return !known || (isScanResult(operation) && sameEntries(operation.result!, entriesSeen(there, operation))) ? there : undefined;
      case "txn": {
        let store: Value | Store = there;
        for (const access of operation.value) {
          const after = accessed(store, access, known);
          // With a cas that does not swap it had no effect, or never was.
          if (after === undefined) return known ? undefined : there;
          store = after;
        }
        return store;
      }
      default: {
        const after = accessed(there, operation, known);
        return after === undefined && !known ? there : after;
      }
    }
  },

  describe(operation) {
    const known = operation.returned < Infinity;
    switch (operation.f) {
      case "scan": {
        const asked = `scan ${operation.value} from ${show(operation.key)}`;
        return known ? `${asked} → ${showEntries(operation.result!)}` : asked;
      }
      case "txn":
        return `txn: ${operation.value.map((access) => `${show(access.key)} ${describeAccess(access, known)}`).join(", ")}`;
      default:
        return describeAccess(operation, known);
    }
  },

  describeState: (state) => (state instanceof Store ? showEntries(state.entries) : show(state as Value)),
};

/** The state after `access`, or undefined where it finds something else than it asks for or, if that is `known`, than it saw. */
const accessed = (state: Value | Store, { f, key, value, expected, result }: Access, known: boolean): Value | Store | undefined => {
  const there = state instanceof Store ? state.get(key) : state;
  const put = (next: Value): Value | Store => (state instanceof Store ? state.with(key, next) : next);
  switch (f) {
    case "read":
      return known && there !== result ? undefined : state;
    case "write":
      return put(value);
    case "delete":
      return put(null);
    case "swap":
      return known && there !== result ? undefined : put(value);
    case "cas":
      return there === expected ? put(value) : undefined;
    case "append":
      invariant(there === null || typeof there === "string", "a key that is appended to holds strings");
      return put((there ?? "") + String(value));
  }
};

type Entries = NonNullable<ScanOperation["result"]>;

/** What a scan sees. Where it is judged on one key, that key is the one of its result, or was absent. */
const entriesSeen = (state: Value | Store, { key: start, value: limit, result }: ScanOperation): Entries => {
  if (state instanceof Store) return state.entries.filter(([key]) => key >= start).slice(0, limit);
  return state === null ? [] : [[result![0]?.[0] ?? "", state]];
};

const sameEntries = (some: Entries, others: Entries): boolean =>
  some.length === others.length && some.every(([key, value], i) => key === others[i]![0] && value === others[i]![1]);

const describeAccess = ({ f, value, expected, result }: Access, known: boolean): string => {
  switch (f) {
    case "read":
      return known ? `read → ${show(result)}` : "read";
    case "write":
    case "append":
      return `${f} ${show(value)}`;
    case "delete":
      return "delete";
    case "swap":
      return known ? `swap ${show(value)} → was ${show(result)}` : `swap ${show(value)}`;
    case "cas":
      return `cas ${show(expected)} → ${show(value)}`;
  }
};

const shown = 60;

/** As JSON; long texts by their ends, for what was appended last says most. */
const show = (value: Value): string => (value === null ? "absent" : shortened(JSON.stringify(value)));

const showEntries = (entries: Entries): string => shortened(`{${entries.map(([key, value]) => `${JSON.stringify(key)}: ${show(value)}`).join(", ")}}`);

const shortened = (text: string): string => (text.length <= shown ? text : `${text.slice(0, shown / 3)}…${text.slice((-2 * shown) / 3)}`);
