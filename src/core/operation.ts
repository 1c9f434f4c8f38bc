import type { Reader, Writer } from "./bytes.ts";
import { DecodeError } from "./bytes.ts";

/**
 * What a client asks of the key-value store. Keys are strings, values bytes; keys start absent.
 * `put` writes; `cas` writes `value` if the key holds `expected` (null: is absent); `append` puts `value` at the end of
 * what is there; `swap` writes and answers what was there; `delete` makes the key absent.
 */
export type Operation =
  | { readonly type: "get" | "delete"; readonly key: string }
  | { readonly type: "put" | "append" | "swap"; readonly key: string; readonly value: Uint8Array }
  | { readonly type: "cas"; readonly key: string; readonly expected: Uint8Array | null; readonly value: Uint8Array };

/** `ok` is false only for a `cas` that did not swap. `value`: what `get` and `swap` saw; null: absent. */
export interface OperationResult {
  readonly ok: boolean;
  readonly value: Uint8Array | null;
}

export const isReadOnly = (operation: Operation): boolean => operation.type === "get";

const types = ["get", "delete", "put", "append", "swap", "cas"] as const;

export const writeOperation = (writer: Writer, operation: Operation): void => {
  writer.byte(types.indexOf(operation.type));
  writeText(writer, operation.key);
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

/** Values are views of the reader's buffer. */
export const readOperation = (reader: Reader): Operation => {
  const type = types[reader.byte()];
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

export const writeResult = (writer: Writer, result: OperationResult): void => {
  writer.byte(result.ok ? 1 : 0);
  writeNullable(writer, result.value);
};

export const readResult = (reader: Reader): OperationResult => ({ ok: reader.byte() === 1, value: readNullable(reader) });

/** Null is length 0, bytes are their length plus one. */
const writeNullable = (writer: Writer, value: Uint8Array | null): void => {
  writer.uint(value === null ? 0 : value.length + 1);
  if (value !== null) writer.raw(value);
};

const readNullable = (reader: Reader): Uint8Array | null => {
  const length = reader.uint();
  return length === 0 ? null : reader.raw(length - 1);
};

const encoder = new TextEncoder();
/** A byte order mark is part of the key: without it, it would be another key. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Up to here, for ASCII, a loop beats the call into the runtime. */
const shortText = 32;

const writeText = (writer: Writer, text: string): void => {
  let simple = text.length <= shortText;
  for (let i = 0; simple && i < text.length; i++) simple = text.charCodeAt(i) < 128;
  if (simple) {
    writer.uint(text.length);
    for (let i = 0; i < text.length; i++) writer.byte(text.charCodeAt(i));
    return;
  }
  const bytes = encoder.encode(text);
  writer.uint(bytes.length);
  writer.raw(bytes);
};

const readText = (reader: Reader): string => {
  const length = reader.uint();
  if (length > shortText) return decoder.decode(reader.raw(length));
  const start = reader.position;
  let text = "";
  for (let i = 0; i < length; i++) {
    const byte = reader.byte();
    if (byte < 128) text += String.fromCharCode(byte);
    else {
      reader.position = start;
      return decoder.decode(reader.raw(length));
    }
  }
  return text;
};
