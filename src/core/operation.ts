import type { Reader, Writer } from "./bytes.ts";
import { DecodeError } from "./bytes.ts";
import { readText, writeText } from "./text.ts";

/**
 * What a client asks about one key of the store. Keys are strings, values bytes; keys start absent.
 * `put` writes; `cas` writes `value` if the key holds `expected` (null: is absent); `append` puts `value` at the end of
 * what is there; `swap` writes and answers what was there; `delete` makes the key absent.
 */
export type KeyOperation =
  | { readonly type: "get" | "delete"; readonly key: string }
  | { readonly type: "put" | "append" | "swap"; readonly key: string; readonly value: Uint8Array }
  | { readonly type: "cas"; readonly key: string; readonly expected: Uint8Array | null; readonly value: Uint8Array };

/**
 * What a client asks of the store. `scan` reads the first `limit` keys that are there, from `key` on, by UTF-16 code units
 * (as `<` has it). `txn` does its operations in order and at once; if a `cas` among them does not swap, none has an effect.
 */
export type Operation =
  | KeyOperation
  | { readonly type: "scan"; readonly key: string; readonly limit: number }
  | { readonly type: "txn"; readonly operations: readonly KeyOperation[] };

/** `ok` is false only for a `cas` that did not swap. `value`: what `get` and `swap` saw; null: absent. */
export interface KeyResult {
  readonly ok: boolean;
  readonly value: Uint8Array | null;
}

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
}

/** By rising key. */
export interface ScanResult {
  readonly ok: true;
  readonly entries: readonly Entry[];
}

/** One result an operation; none, and not `ok`, when a `cas` kept them from having an effect. */
export interface TxnResult {
  readonly ok: boolean;
  readonly results: readonly KeyResult[];
}

export type OperationResult = KeyResult | ScanResult | TxnResult;

export const isReadOnly = (operation: Operation): boolean => {
  switch (operation.type) {
    case "get":
    case "scan":
      return true;
    case "txn":
      return operation.operations.every(isReadOnly);
    default:
      return false;
  }
};

/** The keys that an operation touches, each once; null: any of the store's. */
export const keysOf = (operation: Operation): readonly string[] | null => {
  switch (operation.type) {
    case "scan":
      return null;
    case "txn":
      return [...new Set(operation.operations.map(({ key }) => key))];
    default:
      return [operation.key];
  }
};

const types = ["get", "delete", "put", "append", "swap", "cas", "scan", "txn"] as const;

export const writeOperation = (writer: Writer, operation: Operation): void => {
  writer.byte(types.indexOf(operation.type));
  switch (operation.type) {
    case "scan":
      writeText(writer, operation.key);
      return writer.uint(operation.limit);
    case "txn":
      writer.uint(operation.operations.length);
      for (const each of operation.operations) writeOperation(writer, each);
      return;
    default:
      writeText(writer, operation.key);
  }
  switch (operation.type) {
    case "get":
    case "delete":
      return;
    case "cas":
      writeNullable(writer, operation.expected);
  }
  writer.uint(operation.value.length);
  writer.raw(operation.value);
};

/** Values are views of the reader's buffer. Throws a `DecodeError`. */
export const readOperation = (reader: Reader): Operation => {
  const type = types[reader.byte()];
  switch (type) {
    case "scan":
      return { type, key: readText(reader), limit: reader.uint() };
    case "txn":
      return { type, operations: readList(reader, (from) => readKeyOperation(types[from.byte()], from)) };
    default:
      return readKeyOperation(type, reader);
  }
};

const readKeyOperation = (type: Operation["type"] | undefined, reader: Reader): KeyOperation => {
  const key = readText(reader);
  switch (type) {
    case "get":
    case "delete":
      return { type, key };
    case "put":
    case "append":
    case "swap":
      return { type, key, value: reader.raw(reader.uint()) };
    case "cas": {
      const expected = readNullable(reader);
      return { type, key, expected, value: reader.raw(reader.uint()) };
    }
    default:
      throw new DecodeError("unknown operation");
  }
};

/** The first byte of a result: `ok` of one key's, or one of these. */
const scanTag = 2;
const txnTag = 3;

export const writeResult = (writer: Writer, result: OperationResult): void => {
  if ("entries" in result) {
    writer.byte(scanTag);
    writer.uint(result.entries.length);
    for (const { key, value } of result.entries) {
      writeText(writer, key);
      writer.uint(value.length);
      writer.raw(value);
    }
  } else if ("results" in result) {
    writer.byte(txnTag);
    writer.byte(result.ok ? 1 : 0);
    writer.uint(result.results.length);
    for (const each of result.results) writeResult(writer, each);
  } else {
    writer.byte(result.ok ? 1 : 0);
    writeNullable(writer, result.value);
  }
};

export const readResult = (reader: Reader): OperationResult => {
  const tag = reader.byte();
  switch (tag) {
    case scanTag:
      return { ok: true, entries: readList(reader, (from) => ({ key: readText(from), value: from.raw(from.uint()) })) };
    case txnTag:
      return { ok: reader.byte() === 1, results: readList(reader, (from) => readKeyResult(from.byte(), from)) };
    default:
      return readKeyResult(tag, reader);
  }
};

const readKeyResult = (ok: number, reader: Reader): KeyResult => ({ ok: ok === 1, value: readNullable(reader) });

/** Every element takes at least a byte: a length above what is left ends in "cut off" before it costs anything. */
const readList = <T>(reader: Reader, read: (reader: Reader) => T): T[] => {
  const values: T[] = [];
  for (let left = reader.uint(); left > 0; left--) values.push(read(reader));
  return values;
};

/** Null is length 0, bytes are their length plus one. */
const writeNullable = (writer: Writer, value: Uint8Array | null): void => {
  writer.uint(value === null ? 0 : value.length + 1);
  if (value !== null) writer.raw(value);
};

const readNullable = (reader: Reader): Uint8Array | null => {
  const length = reader.uint();
  return length === 0 ? null : reader.raw(length - 1);
};
