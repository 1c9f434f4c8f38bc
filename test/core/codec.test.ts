import {
  bool, bytes, command, createRandom, list, noop, nullable, replica, struct, uint, union,
  type Codec, type Command, type Infer,
} from "paxbench";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { DecodeError, Reader, Writer } from "../../src/core/bytes.ts";

const encode = <T>(codec: Codec<T>, value: T): Uint8Array => {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.copy();
};

const decode = <T>(codec: Codec<T>, encoded: Uint8Array): T => {
  const reader = new Reader(encoded);
  const value = codec.read(reader);
  reader.expectDone();
  return value;
};

const messages = union({
  ping: {},
  pair: { first: uint, second: bool },
  deep: { items: list(struct({ at: uint, by: nullable(replica), commands: list(command) })), rest: bytes },
});

const outcomeOf = (encoded: Uint8Array): string => {
  try {
    decode(messages, encoded);
    return "decoded";
  } catch (error) {
    return (error as Error).name;
  }
};

describe("a table of messages", () => {
  test("every sample comes back equal", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const message = messages.sample(createRandom(seed, "messages"));
        expect(decode(messages, encode(messages, message))).toEqual(message);
      }),
    );
  });

  test("samples reach every row", () => {
    const random = createRandom(1, "rows");
    expect(new Set(Array.from({ length: 50 }, () => messages.sample(random).type))).toEqual(new Set(["ping", "pair", "deep"]));
  });

  test("the type is inferred from the table", () => {
    expectTypeOf<Extract<Infer<typeof messages>, { type: "pair" }>>().toEqualTypeOf<{
      readonly type: "pair"; readonly first: number; readonly second: boolean;
    }>();
  });

  test("a row is its place in the table in one byte, then its fields in order", () => {
    expect([...encode(messages, { type: "ping" })]).toEqual([0]);
    expect([...encode(messages, { type: "pair", first: 300, second: true })]).toEqual([1, 0xac, 0x02, 1]);
  });

  test("what is read has its keys in the order of the table, whatever the order of what was written", () => {
    const written = { second: true, first: 3, type: "pair" } as const;
    expect(Object.keys(decode(messages, encode(messages, written)))).toEqual(["type", "first", "second"]);
  });

  test("an unknown row is refused, on both sides", () => {
    expect(() => decode(messages, Uint8Array.of(3))).toThrow(new DecodeError("unknown tag 3"));
    expect(() => encode(messages, { type: "pong" } as never)).toThrow(new TypeError("no such row: pong"));
  });

  test("no string of bytes does anything but decode or raise a DecodeError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (random) => {
        expect(outcomeOf(random)).toMatch(/^(decoded|DecodeError)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a declaration that could not be read back is refused", () => {
  test("a struct without a field", () => expect(() => struct({})).toThrow(/at least one field/));
  test("a field whose name is no identifier", () => expect(() => struct({ "a b": uint })).toThrow(/not "a b"/));
  test("more rows than tags: the two last are the engine's own", () => {
    const rows = Object.fromEntries(Array.from({ length: 255 }, (_, row) => [`row${row}`, {}]));
    expect(() => union(rows)).toThrow(/at most 254/);
  });
});

describe("what is not in the format is refused", () => {
  test.each<[string, Codec<unknown>, number[]]>([
    ["a boolean that is neither 0 nor 1", bool, [2]],
    ["a null mark that is neither 0 nor 1", nullable(uint), [2, 1]],
    ["a list longer than the bytes left", list(uint), [200, 1, 1]],
    ["a list of 2^53-1 elements", list(uint), [255, 255, 255, 255, 255, 255, 255, 15]],
    ["a byte string longer than the bytes left", bytes, [9, 1]],
    ["a command with more keys than bytes left", command, [1, 200, 1, 0]],
    ["a command whose payload is cut off", command, [1, 0, 4, 0]],
  ])("%s", (_, codec, encoded) => {
    expect(() => decode(codec, Uint8Array.from(encoded))).toThrow(DecodeError);
  });
});

describe("command", () => {
  const write: Command = { id: 33 as Command["id"], readOnly: false, keys: [1, 2 ** 31 - 1], payload: Uint8Array.of(7, 8) };

  test.each([write, { ...write, readOnly: true }, { ...write, keys: [] }, noop])("%o comes back", (value) => {
    expect(decode(command, encode(command, value))).toEqual(value);
  });

  test("an accept-sized command of 16 bytes payload costs 7 bytes beside it", () => {
    expect(encode(command, { ...write, keys: [5], payload: new Uint8Array(16) })).toHaveLength(1 + 1 + 4 + 1 + 16);
  });

  test("a read payload is a view: it costs no copy, and shows it when its buffer is written over", () => {
    const encoded = encode(command, write);
    const { payload } = decode(command, encoded);
    expect(payload.buffer).toBe(encoded.buffer);
    encoded.fill(0);
    expect([...payload]).toEqual([0, 0]);
  });
});
