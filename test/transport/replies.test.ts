import { expect, test } from "vitest";
import { Reader, Writer } from "../../src/core/bytes.ts";
import { readReply, writeReply, type Reply } from "../../src/transport/replies.ts";

test.each<Reply>([
  { client: 0, sequence: 0, result: null },
  { client: 3000, sequence: 70_000, result: { ok: true, value: null } },
  { client: 1, sequence: 2, result: { ok: false, value: Uint8Array.of(1, 2, 3) } },
])("%o survives the way", (reply) => {
  const writer = new Writer();
  writeReply(writer, reply);
  const reader = new Reader(writer.copy());
  expect(readReply(reader)).toEqual(reply);
  expect(reader.done).toBe(true);
});
