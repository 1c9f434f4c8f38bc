import { expect, test } from "vitest";
import { Session, Sessions } from "../../src/engine/sessions.ts";

const result = (byte: number) => ({ ok: true, value: Uint8Array.of(byte) });

test("a request is executed once it is recorded, whatever others of its client are", () => {
  const sessions = new Sessions();
  sessions.of(1).record(5, result(5));
  const session = sessions.find(1)!;
  expect([4, 5, 6].map((sequence) => session.executed(sequence))).toEqual([false, true, false]);
  expect([4, 5, 6].map((sequence) => session.result(sequence))).toEqual([undefined, result(5), undefined]);
  expect(sessions.find(2)).toBeUndefined();
  expect(sessions.of(1)).toBe(session);
});

test("the result of the latest request is kept, and that each was executed for ever", () => {
  const session = new Session();
  for (const sequence of [0, 1, 3, 2]) session.record(sequence, result(sequence));
  expect([0, 1, 2, 3].map((sequence) => session.result(sequence))).toEqual([undefined, undefined, undefined, result(3)]);
  expect([0, 1, 2, 3, 4].map((sequence) => session.executed(sequence))).toEqual([true, true, true, true, false]);
});
