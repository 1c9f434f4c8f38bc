import { expect, test } from "vitest";
import { Session, sessionWindow, Sessions } from "../../src/engine/sessions.ts";

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

test("results of the last requests are kept, and that a request was executed for ever", () => {
  const session = new Session();
  for (let sequence = 0; sequence <= sessionWindow; sequence++) session.record(sequence, result(0));
  expect(session.result(0)).toBeUndefined();
  expect(session.executed(0)).toBe(true);
  expect(session.result(1)).toBeDefined();
  expect(session.result(sessionWindow)).toBeDefined();
});
