import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Silence } from "../../../src/runtime/processes/silence.ts";

const limit = 1000;
let spoken: number[];
let vanished: string[];
let silence: Silence;

beforeEach(() => {
  vi.useFakeTimers();
  spoken = [];
  vanished = [];
  silence = new Silence(limit, (node) => spoken.push(node), (node, reason) => vanished.push(`${node}: ${reason}`));
});
afterEach(() => {
  silence.stop();
  vi.useRealTimers();
});

test("who says a word now and then stays, and is spoken to", () => {
  silence.heard(1);
  for (let i = 0; i < 30; i++) {
    vi.advanceTimersByTime(limit / 2);
    silence.heard(1);
  }
  expect(vanished).toEqual([]);
  expect(spoken.length).toBe(150);
});

test("who is silent for as long as that vanishes, once, and alone", () => {
  silence.heard(1);
  silence.heard(2);
  for (let i = 0; i < 4; i++) {
    vi.advanceTimersByTime(limit / 2);
    silence.heard(2);
  }
  expect(vanished).toEqual(["1: silent for 1 s"]);
});

test("who is forgotten is not waited for", () => {
  silence.heard(1);
  silence.forget(1);
  vi.advanceTimersByTime(5 * limit);
  expect([vanished, spoken]).toEqual([[], []]);
});

test("time in which nobody here could listen counts for nobody", () => {
  silence.heard(1);
  const now = vi.spyOn(performance, "now");
  let clock = performance.now();
  for (const slept of [10 * limit, limit / 10, 2 * limit]) {
    now.mockReturnValue((clock += slept));
    vi.advanceTimersByTime(limit / 10);
  }
  now.mockRestore();
  expect([vanished, spoken]).toEqual([[], [1, 1, 1]]);
});
