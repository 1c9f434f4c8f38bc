import {
  isReadOnly, keysOf, readOperation, readResult, writeOperation, writeResult, type KeyOperation, type KeyResult, type Operation,
  type OperationResult,
} from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError, Reader, Writer } from "../../src/core/bytes.ts";

const value = fc.uint8Array({ maxLength: 80 });
// Well-formed text: a lone surrogate is none, and becomes U+FFFD in UTF-8. Short and long take different ways.
const key = fc.oneof(
  fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text.isWellFormed()),
);

const keyOperations: fc.Arbitrary<KeyOperation> = fc.oneof(
  fc.record({ type: fc.constantFrom("get", "delete"), key }),
  fc.record({ type: fc.constantFrom("put", "append", "swap"), key, value }),
  fc.record({ type: fc.constant("cas"), key, expected: fc.option(value), value }),
);

const operations: fc.Arbitrary<Operation> = fc.oneof(
  keyOperations,
  fc.record({ type: fc.constant("scan"), key, limit: fc.nat() }),
  fc.record({ type: fc.constant("txn"), operations: fc.array(keyOperations, { maxLength: 4 }) }),
);

const throughBytes = <T>(write: (writer: Writer, value: T) => void, read: (reader: Reader) => T, given: T): T => {
  const writer = new Writer();
  write(writer, given);
  const reader = new Reader(writer.copy());
  const result = read(reader);
  reader.expectDone();
  return result;
};

test("every operation comes back from its bytes", () => {
  fc.assert(
    fc.property(operations, (operation) => {
      expect(throughBytes(writeOperation, readOperation, operation)).toEqual(operation);
    }),
    {
      numRuns: 500,
      examples: [
        // A byte order mark belongs to the key; 32 and 33 characters; UTF-8 longer than its text.
        [{ type: "get", key: "\ufeffkey" }],
        [{ type: "get", key: "k".repeat(32) }],
        [{ type: "get", key: "k".repeat(33) }],
        [{ type: "get", key: "\u00e9".repeat(20) }],
        [{ type: "get", key: "" }],
      ],
    },
  );
});

test("keys that come again, and others in between, stay apart", () => {
  // Far more keys than are remembered, so that they meet in their places.
  const keys = Array.from({ length: 20_000 }, (_, i) => `${i % 3 === 0 ? "\u00e9" : "k"}${i}`);
  const read = [...keys, ...keys.toReversed()].map((key) => throughBytes(writeOperation, readOperation, { type: "get", key }));
  expect(read).toEqual([...keys, ...keys.toReversed()].map((key) => ({ type: "get", key })));
});

test("every result comes back from its bytes: null and no bytes are different things", () => {
  const keyResults: fc.Arbitrary<KeyResult> = fc.record({ ok: fc.boolean(), value: fc.option(value) });
  const results: fc.Arbitrary<OperationResult> = fc.oneof(
    keyResults,
    fc.record({ ok: fc.constant(true as const), entries: fc.array(fc.record({ key, value }), { maxLength: 4 }) }),
    fc.record({ ok: fc.boolean(), results: fc.array(keyResults, { maxLength: 4 }) }),
  );
  fc.assert(
    fc.property(results, (result) => {
      expect(throughBytes(writeResult, readResult, result)).toEqual(result);
    }),
    { examples: [[{ ok: true, value: null }], [{ ok: true, value: new Uint8Array(0) }]] },
  );
});

describe("bytes that are no operation are refused", () => {
  test.each([
    ["an unknown type", [9, 1, 107]],
    ["a key that is cut off", [0, 5, 107]],
    ["a long key that is cut off", [0, 50, 107]],
    ["a value that is cut off", [2, 1, 107, 9, 0]],
    ["a scan without its limit", [6, 1, 107]],
    ["a transaction with more operations than it has", [7, 2, 0, 1, 107]],
    ["a transaction in a transaction", [7, 1, 7, 1, 0, 1, 107]],
    ["a scan in a transaction", [7, 1, 6, 1, 107, 3]],
  ])("%s", (_, bytes) => {
    expect(() => readOperation(new Reader(Uint8Array.from(bytes)))).toThrow(DecodeError);
  });
});

const bytes = new Uint8Array(0);

test.each<[Operation, string[] | null, boolean]>([
  [{ type: "get", key: "k" }, ["k"], true],
  [{ type: "delete", key: "k" }, ["k"], false],
  [{ type: "put", key: "k", value: bytes }, ["k"], false],
  [{ type: "append", key: "k", value: bytes }, ["k"], false],
  [{ type: "swap", key: "k", value: bytes }, ["k"], false],
  [{ type: "cas", key: "k", expected: null, value: bytes }, ["k"], false],
  [{ type: "scan", key: "k", limit: 3 }, null, true],
  [{ type: "txn", operations: [] }, [], true],
  [{ type: "txn", operations: [{ type: "get", key: "b" }, { type: "get", key: "a" }, { type: "get", key: "b" }] }, ["b", "a"], true],
  [{ type: "txn", operations: [{ type: "get", key: "a" }, { type: "delete", key: "b" }] }, ["a", "b"], false],
])("%j touches %j; only reads: %s", (operation, keys, readOnly) => {
  expect([keysOf(operation), isReadOnly(operation)]).toEqual([keys, readOnly]);
});
