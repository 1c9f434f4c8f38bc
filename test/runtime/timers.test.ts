import { expect, test } from "vitest";
import { Timers } from "../../src/runtime/timers.ts";

const firedAt = (timers: Timers, now: number): number[] => {
  const fired: number[] = [];
  timers.fire(now, (timer) => fired.push(timer));
  return fired;
};

test("a timer fires once, at its deadline and not before", () => {
  const timers = new Timers(3);
  timers.set(2, 100);
  timers.set(0, 200);
  expect(timers.next).toBe(100);
  expect(firedAt(timers, 99)).toEqual([]);
  expect(firedAt(timers, 100)).toEqual([2]);
  expect(timers.next).toBe(200);
  expect(firedAt(timers, 199)).toEqual([]);
  expect(firedAt(timers, 1000)).toEqual([0]);
  expect(firedAt(timers, 2000)).toEqual([]);
  expect(timers.next).toBe(Infinity);
});

test("setting a timer again moves it, clearing takes it away", () => {
  const timers = new Timers(2);
  timers.set(0, 100);
  timers.set(1, 100);
  timers.set(0, 300);
  timers.clear(1);
  expect(firedAt(timers, 200)).toEqual([]);
  expect(timers.next).toBe(300);
  expect(firedAt(timers, 300)).toEqual([0]);
});

test("a timer that is set while timers fire waits for its turn", () => {
  const timers = new Timers(2);
  timers.set(1, 10);
  const fired: number[] = [];
  timers.fire(10, (timer) => {
    fired.push(timer);
    timers.set(0, 10);
  });
  expect(fired).toEqual([1]);
  expect(timers.next).toBe(10);
  expect(firedAt(timers, 10)).toEqual([0]);
});
