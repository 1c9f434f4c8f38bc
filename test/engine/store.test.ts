import type { KeyOperation, Operation, OperationResult } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Store } from "../../src/engine/store.ts";

const keys = fc.constantFrom("a", "b", "c");
const values = fc.uint8Array({ maxLength: 3, max: 2 }); // few, so that a cas may hit
const keyOperations: fc.Arbitrary<KeyOperation> = fc.oneof(
  fc.record({ type: fc.constantFrom("get", "delete"), key: keys }),
  fc.record({ type: fc.constantFrom("put", "append", "swap"), key: keys, value: values }),
  fc.record({ type: fc.constant("cas"), key: keys, expected: fc.option(values), value: values }),
);
const operations: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: keyOperations },
  fc.record({ type: fc.constant("scan"), key: fc.constantFrom("", "b", "bb", "d"), limit: fc.nat({ max: 4 }) }),
  fc.record({ type: fc.constant("txn"), operations: fc.array(keyOperations, { maxLength: 4 }) }),
);

type TextResult = { ok: boolean; value: string | null } | { ok: boolean; entries: string[][] } | { ok: boolean; results: TextResult[] };

/** The store as the documentation of `Operation` has it, on texts. */
const modelOf = (model: Map<string, string>, operation: Operation): TextResult => {
  if (operation.type === "scan") {
    const all = [...model].filter(([key]) => key >= operation.key).toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { ok: true, entries: all.slice(0, operation.limit) };
  }
  if (operation.type === "txn") {
    const copy = new Map(model);
    const results = operation.operations.map((each) => modelOf(copy, each));
    if (results.some(({ ok }) => !ok)) return { ok: false, results: [] };
    model.clear();
    for (const [key, value] of copy) model.set(key, value);
    return { ok: true, results };
  }
  const before = model.get(operation.key) ?? null;
  switch (operation.type) {
    case "get":
      return { ok: true, value: before };
    case "delete":
      model.delete(operation.key);
      return { ok: true, value: null };
    case "put":
    case "swap":
      model.set(operation.key, textOf(operation.value));
      return { ok: true, value: operation.type === "swap" ? before : null };
    case "append":
      model.set(operation.key, (before ?? "") + textOf(operation.value));
      return { ok: true, value: null };
    case "cas": {
      const expected = operation.expected === null ? null : textOf(operation.expected);
      if (before === expected) model.set(operation.key, textOf(operation.value));
      return { ok: before === expected, value: null };
    }
  }
};

const textOf = (value: Uint8Array): string => value.join("");
const asText = (result: OperationResult): TextResult => {
  if ("entries" in result) return { ok: true, entries: result.entries.map(({ key, value }) => [key, textOf(value)]) };
  if ("results" in result) return { ok: result.ok, results: result.results.map(asText) };
  return { ok: result.ok, value: result.value === null ? null : textOf(result.value) };
};

test("does what the operations say", () => {
  fc.assert(
    fc.property(fc.array(operations, { maxLength: 40 }), (all) => {
      const store = new Store();
      const model = new Map<string, string>();
      for (const operation of all) expect(asText(store.apply(operation))).toEqual(modelOf(model, operation));
    }),
    { numRuns: 300 },
  );
});

describe("bytes", () => {
  const one = Uint8Array.of(1);

  test.each([
    ["put", { type: "put", key: "k", value: one }],
    ["swap", { type: "swap", key: "k", value: one }],
    ["append", { type: "append", key: "k", value: one }],
    ["cas", { type: "cas", key: "k", expected: null, value: one }],
  ] satisfies [string, KeyOperation][])("that %s keeps are its own: the frame they came in may be written over", (_, operation) => {
    // As a socket hands them over, too: a Buffer's slice is a view.
    for (const value of [one.slice(), Buffer.from(one)]) {
      const store = new Store();
      store.apply({ ...operation, value });
      value[0] = 9;
      const got = store.apply({ type: "get", key: "k" }).value!;
      expect([...got]).toEqual([1]);
      store.apply({ type: "swap", key: "k", value: Buffer.of(7) });
      expect([...got]).toEqual([1]);
    }
  });

  test("that were answered do not change when the key does", () => {
    const store = new Store();
    store.apply({ type: "put", key: "k", value: one });
    const got = store.apply({ type: "get", key: "k" });
    const scanned = store.apply({ type: "scan", key: "", limit: 1 });
    const swapped = store.apply({ type: "swap", key: "k", value: Uint8Array.of(7) });
    store.apply({ type: "put", key: "k", value: Uint8Array.of(8) });
    store.apply({ type: "append", key: "k", value: one });
    expect([got.value, swapped.value]).toEqual([one, one]);
    expect(scanned).toEqual({ ok: true, entries: [{ key: "k", value: one }] });
  });
});

const put = (key: string, ...value: number[]): KeyOperation => ({ type: "put", key, value: Uint8Array.from(value) });

const digestOf = (...all: Operation[]): string => {
  const store = new Store();
  for (const operation of all) store.apply(operation);
  return store.digest();
};

describe("digest", () => {
  test("does not depend on the way to a state", () => {
    const detour = digestOf(put("b", 9), put("b", 2), put("c", 3), put("a", 1), { type: "delete", key: "c" });
    expect(detour).toBe(digestOf(put("a", 1), put("b", 2)));
  });

  test("tells states apart: keys, values, lengths, and which value is whose", () => {
    const states = [
      [], [put("a")], [put("b")], [put("a", 0)], [put("a", 0, 0)], [put("a", 1)],
      [put("a", 1), put("b", 2)], [put("a", 2), put("b", 1)], [put("a", 1, 98, 2)],
    ];
    expect(new Set(states.map((state) => digestOf(...state))).size).toBe(states.length);
  });
});

test("a transaction without effect leaves no trace, in a scan either", () => {
  const store = new Store();
  const scan = { type: "scan", key: "", limit: 9 } as const;
  const refused = { type: "cas", key: "b", expected: Uint8Array.of(9), value: Uint8Array.of(1) } as const;
  for (const operation of [put("b", 2), put("c", 3), scan]) store.apply(operation);
  const [digest, entries] = [store.digest(), store.apply(scan)];
  const result = store.apply({ type: "txn", operations: [put("a", 1), { type: "delete", key: "c" }, put("a", 4), put("b", 5), refused] });
  expect(result).toEqual({ ok: false, results: [] });
  expect([store.digest(), store.apply(scan)]).toEqual([digest, entries]);
});
