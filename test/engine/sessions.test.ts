import { expect, test } from "vitest";
import { sessionWindow, Sessions } from "../../src/engine/sessions.ts";

const result = (byte: number) => ({ ok: true, value: Uint8Array.of(byte) });

test("a request is executed once it is recorded, whatever others of its client are", () => {
  const sessions = new Sessions();
  sessions.record(1, 5, result(5));
  expect([4, 5, 6].map((sequence) => sessions.executed(1, sequence))).toEqual([false, true, false]);
  expect(sessions.executed(2, 5)).toBe(false);
  expect(sessions.result(1, 5)).toEqual(result(5));
  expect([sessions.result(1, 4), sessions.result(2, 5)]).toEqual([undefined, undefined]);
});

test("results of the last requests are kept, and that a request was executed for ever", () => {
  const sessions = new Sessions();
  for (let sequence = 0; sequence <= sessionWindow; sequence++) sessions.record(1, sequence, result(0));
  expect(sessions.result(1, 0)).toBeUndefined();
  expect(sessions.executed(1, 0)).toBe(true);
  expect(sessions.result(1, 1)).toBeDefined();
  expect(sessions.result(1, sessionWindow)).toBeDefined();
});
