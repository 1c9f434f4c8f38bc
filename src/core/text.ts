import type { Reader, Writer } from "./bytes.ts";

const encoder = new TextEncoder();
/** A byte order mark is part of the text: without it, it would be another one. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Up to here, for ASCII, a loop beats the call into the runtime. */
const shortText = 32;

export const writeText = (writer: Writer, text: string): void => {
  const start = writer.length;
  if (text.length <= shortText) {
    writer.uint(text.length);
    if (writer.ascii(text)) return;
    writer.length = start;
  }
  const bytes = encoder.encode(text);
  writer.uint(bytes.length);
  writer.raw(bytes);
};

export const readText = (reader: Reader): string => {
  const length = reader.uint();
  if (length > shortText) return decoder.decode(reader.raw(length));
  const start = reader.skip(length);
  const { bytes } = reader;
  let hash = length;
  let ones = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[start + i]!;
    ones |= byte;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  if (ones >= 128) return decoder.decode(bytes.subarray(start, start + length));
  const place = (hash ^ (hash >>> 15)) & (places - 1);
  const recent = recently[place]!;
  return spells(recent, bytes, start, length) ? recent : (recently[place] = fromAscii(bytes, start, length));
};

/**
 * Short ASCII texts read lately, each at a place that its bytes determine. Keys come again and again, at every replica,
 * and a string that is there already costs a third of a new one, which every map would have to hash anew.
 */
const places = 2 ** 14;
const recently: string[] = Array.from({ length: places }, () => "");

const spells = (text: string, bytes: Uint8Array, start: number, length: number): boolean => {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== bytes[start + i]) return false;
  return true;
};

const fromAscii = (bytes: Uint8Array, start: number, length: number): string => {
  let text = "";
  for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[start + i]!);
  return text;
};
