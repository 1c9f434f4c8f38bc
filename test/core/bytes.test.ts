import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError, Reader, Writer } from "../../src/core/bytes.ts";

const max = Number.MAX_SAFE_INTEGER;

const encoded = (value: number): Uint8Array => {
  const writer = new Writer();
  writer.uint(value);
  return writer.copy();
};

/** LEB128 by the book, on big integers. */
const leb128 = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
};

/** Every length of the encoding, and both sides of each bound between two lengths. */
const uints = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(),
  fc.integer({ min: 0, max: 53 }).chain((bits) => fc.constantFrom(2 ** bits - 1, Math.min(2 ** bits, max), Math.min(2 ** bits + 1, max))),
);

describe("uint", () => {
  test("is LEB128 and comes back, for all whole numbers up to 2^53-1", () => {
    fc.assert(
      fc.property(uints, (value) => {
        const bytes = encoded(value);
        expect([...bytes]).toEqual(leb128(value));
        const reader = new Reader(bytes);
        expect(reader.uint()).toBe(value);
        reader.expectDone();
      }),
      { numRuns: 2000, examples: [[max], [0], [127], [128], [2 ** 31 - 1], [2 ** 31], [2 ** 32], [2 ** 49], [2 ** 52]] },
    );
  });

  test.each([-1, 0.5, 2 ** 53, NaN, Infinity])("refuses to write %d", (value) => {
    expect(() => encoded(value)).toThrow(RangeError);
  });

  test.each([
    ["2^53", leb128(2 ** 53)],
    ["the largest number of eight bytes", [255, 255, 255, 255, 255, 255, 255, 127]],
    ["nine bytes", [255, 255, 255, 255, 255, 255, 255, 143, 0]],
    ["bytes that never end", Array.from({ length: 30 }, () => 255)],
  ])("refuses to read %s", (_, bytes) => {
    expect(() => new Reader(Uint8Array.from(bytes)).uint()).toThrow(new DecodeError("number above 2^53"));
  });
});

type Field = ["uint" | "uint32" | "byte", number] | ["raw", Uint8Array];

const fields: fc.Arbitrary<Field> = fc.oneof(
  uints.map((value): Field => ["uint", value]),
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((value): Field => ["uint32", value]),
  fc.integer({ min: 0, max: 255 }).map((value): Field => ["byte", value]),
  // Around 32 a copy changes its way; above 256 the buffer grows more than twofold at once.
  fc.uint8Array({ maxLength: 700 }).map((value): Field => ["raw", value]),
);

const write = (writer: Writer, [kind, value]: Field): void => {
  if (kind === "raw") writer.raw(value);
  else writer[kind](value);
};
const read = (reader: Reader, [kind, value]: Field): number | Uint8Array =>
  kind === "raw" ? reader.raw(value.length) : reader[kind]();

test("what a writer wrote, however much, a reader reads, and nothing is left", () => {
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 40 }), (all) => {
      const writer = new Writer();
      for (const field of all) write(writer, field);
      const reader = new Reader(writer.bytes, 0, writer.length);
      for (const field of all) expect(read(reader, field)).toEqual(field[1]);
      reader.expectDone();
    }),
  );
});

test("a number is whole wherever the buffer has to grow for it", () => {
  for (let filled = 240; filled <= 256; filled++) {
    const writer = new Writer();
    writer.raw(new Uint8Array(filled));
    writer.uint(max);
    expect(new Reader(writer.copy(), filled).uint(), `after ${filled} bytes`).toBe(max);
  }
});

test("wherever bytes are cut off, reading them fails and reads nothing beyond the end", () => {
  fc.assert(
    fc.property(fc.array(fields, { minLength: 1, maxLength: 6 }), fc.nat(), (all, at) => {
      const writer = new Writer();
      for (const field of all) write(writer, field);
      fc.pre(writer.length > 0);
      // The rest of the buffer stays readable: only `end` forbids it.
      const reader = new Reader(writer.bytes, 0, at % writer.length);
      expect(() => {
        for (const field of all) read(reader, field);
      }).toThrow(new DecodeError("cut off"));
      expect(reader.position).toBeLessThanOrEqual(reader.end);
    }),
  );
});

test("bytes too many are refused, and counted", () => {
  const reader = new Reader(Uint8Array.of(1, 2, 3));
  reader.byte();
  expect(() => reader.expectDone()).toThrow(new DecodeError("2 bytes too many"));
});

test("a length above what is there fails without allocating", () => {
  expect(() => new Reader(encoded(7)).raw(max)).toThrow(new DecodeError("cut off"));
});

test("a copy stays as it is when the writer starts over; a view does not", () => {
  const writer = new Writer();
  writer.uint(1);
  const copy = writer.copy();
  const view = writer.bytes.subarray(0, writer.length);
  writer.reset().uint(2);
  expect([copy[0], view[0]]).toEqual([1, 2]);
});
