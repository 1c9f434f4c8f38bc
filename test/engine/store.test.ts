import type { Operation, OperationResult } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Store } from "../../src/engine/store.ts";

const keys = fc.constantFrom("a", "b", "c");
const values = fc.uint8Array({ maxLength: 3, max: 2 }); // few, so that a cas may hit
const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ type: fc.constantFrom("get", "delete"), key: keys }),
  fc.record({ type: fc.constantFrom("put", "append", "swap"), key: keys, value: values }),
  fc.record({ type: fc.constant("cas"), key: keys, expected: fc.option(values), value: values }),
);

/** The store as the documentation of `Operation` has it, on texts. */
const modelOf = (model: Map<string, string>, operation: Operation): { ok: boolean; value: string | null } => {
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
const asText = ({ ok, value }: OperationResult): { ok: boolean; value: string | null } => ({
  ok, value: value === null ? null : textOf(value),
});

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
  ] satisfies [string, Operation][])("that %s keeps are its own: the frame they came in may be written over", (_, operation) => {
    const store = new Store();
    const value = one.slice();
    store.apply({ ...operation, value });
    value[0] = 9;
    expect(store.apply({ type: "get", key: "k" }).value).toEqual(one);
  });

  test("that a get answered do not change when the key does", () => {
    const store = new Store();
    store.apply({ type: "put", key: "k", value: one });
    const { value } = store.apply({ type: "get", key: "k" });
    store.apply({ type: "append", key: "k", value: one });
    expect(value).toEqual(one);
  });
});

const put = (key: string, ...value: number[]): Operation => ({ type: "put", key, value: Uint8Array.from(value) });

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
