import { Reader, Writer } from "../core/bytes.ts";
import type { Codec } from "../core/codec.ts";

export const encoded = (codec: Codec<unknown>, value: unknown): Uint8Array => {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.copy();
};

/** Throws a `DecodeError` for bytes that are not one whole value. */
export const decoded = <T>(codec: Codec<T>, bytes: Uint8Array): T => {
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  reader.expectDone();
  return value;
};

/** Through the codec, as every transport does it. */
export const copyOf = <T>(codec: Codec<T>, value: T): T => decoded(codec, encoded(codec as Codec<unknown>, value));
