import { isReadOnly, readOperation, readResult, writeOperation, writeResult, type Operation, type OperationResult } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError, Reader, Writer } from "../../src/core/bytes.ts";

const value = fc.uint8Array({ maxLength: 80 });
// Well-formed text: a lone surrogate is none, and becomes U+FFFD in UTF-8. Short and long take different ways.
const key = fc.oneof(
  fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text.isWellFormed()),
);

const operations: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ type: fc.constantFrom("get", "delete"), key }),
  fc.record({ type: fc.constantFrom("put", "append", "swap"), key, value }),
  fc.record({ type: fc.constant("cas"), key, expected: fc.option(value), value }),
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

test("every result comes back from its bytes: null and no bytes are different things", () => {
  const results = fc.record<OperationResult>({ ok: fc.boolean(), value: fc.option(value) });
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
  ])("%s", (_, bytes) => {
    expect(() => readOperation(new Reader(Uint8Array.from(bytes)))).toThrow(DecodeError);
  });
});

test("only get reads and does not write", () => {
  const types = ["get", "delete", "put", "append", "swap", "cas"] as const;
  expect(types.filter((type) => isReadOnly({ type, key: "k", value: new Uint8Array(0), expected: null }))).toEqual(["get"]);
});
