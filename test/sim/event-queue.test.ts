import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { EventQueue, type Actor } from "../../src/sim/event-queue.ts";

/** An event in the order in which it was scheduled, and what it schedules when it happens. */
interface Planned {
  readonly time: number;
  readonly schedules: readonly number[];
}

// Few different times, so that most events share one; some beyond 32 bits.
const times = fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 1000 }), fc.nat({ max: 3 }).map((times) => times * (2 ** 32 - 1)));
const plans: fc.Arbitrary<Planned[]> = fc.array(
  fc.record({ time: times, schedules: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }) }),
  { maxLength: 60 },
);

const nobody: Actor = { handle() {} };

test("events happen by time, those of one instant in the order of scheduling, whatever an event schedules meanwhile", () => {
  fc.assert(
    fc.property(plans, (planned) => {
      const queue = new EventQueue();
      const happened: [time: number, number: number][] = [];
      // The model: a sorted array, from which the first is taken and into which new ones are put behind their equals.
      const model: [time: number, number: number][] = [];
      let scheduled = 0;
      const actor: Actor = {
        handle(kind, a, b, payload) {
          happened.push([queue.now, a]);
          expect([kind, b]).toEqual([a % 256, -a - 1]);
          for (const delay of payload as readonly number[]) schedule(queue.now + delay, []);
        },
      };
      const schedule = (time: number, schedules: readonly number[]): void => {
        const number = scheduled++;
        queue.push(time, actor, number % 256, number, -number - 1, schedules);
        const behind = model.findIndex(([other]) => other > time);
        model.splice(behind < 0 ? model.length : behind, 0, [time, number]);
      };
      for (const { time, schedules } of planned) schedule(time, schedules);
      while (model.length > 0) {
        expect([queue.size, queue.nextTime]).toEqual([model.length, model[0]![0]]);
        const next = model.shift()!;
        expect(queue.run()).toBe(true);
        expect(happened.at(-1)).toEqual(next);
      }
      expect([queue.size, queue.nextTime, queue.run()]).toEqual([0, Infinity, false]);
    }),
    { numRuns: 500 },
  );
});

test("order holds beyond the first capacity, filled and emptied again and again", () => {
  const queue = new EventQueue();
  let last: [number, number] = [0, -1];
  let number = 0;
  const actor: Actor = {
    handle(_kind, a) {
      const now: [number, number] = [queue.now, a];
      expect(now[0] > last[0] || (now[0] === last[0] && now[1] > last[1]), `${now.join()} after ${last.join()}`).toBe(true);
      last = now;
    },
  };
  for (let round = 0; round < 20; round++) {
    for (let i = 0; i < 3000; i++) queue.push(queue.now + ((i * 7919) % 97), actor, 0, number++);
    for (let i = 0; i < 2700; i++) queue.run();
  }
  while (queue.run());
  expect(number).toBe(60_000);
});

describe("an event that nothing can order is refused", () => {
  test.each([
    ["in the past", 9],
    ["at no time", NaN],
  ])("%s", (_, time) => {
    const queue = new EventQueue();
    queue.push(10, nobody, 0);
    queue.run();
    expect(() => queue.push(time, nobody, 0)).toThrow("an event lies in the future, or in this instant");
  });

  test("between two µs", () => {
    expect(() => new EventQueue().push(0.5, nobody, 0)).toThrow("an event lies at a whole µs");
  });
});

test("what has happened is let go: actors and payloads are not kept", () => {
  const queue = new EventQueue();
  let seen: unknown;
  queue.push(1, { handle: (_k, _a, _b, payload) => (seen = payload) }, 0, 0, 0, "payload");
  queue.run();
  queue.push(2, { handle: (_k, _a, _b, payload) => (seen = payload) }, 0);
  queue.run();
  expect(seen).toBeUndefined();
});

test("an event that is pushed late has the place that was reserved for it", () => {
  const queue = new EventQueue();
  const happened: number[] = [];
  const actor: Actor = { handle: (_, a) => void happened.push(a) };
  queue.push(5, actor, 0, 1);
  const reserved = queue.reserve();
  for (const number of [3, 4, 5]) queue.push(5, actor, 0, number);
  queue.push(2, { handle: () => queue.push(5, actor, 0, 2, 0, undefined, reserved) }, 0);
  while (queue.run());
  expect(happened).toEqual([1, 2, 3, 4, 5]);
});

test("a place that was reserved before all that happened in an instant comes next", () => {
  const queue = new EventQueue();
  const happened: number[] = [];
  const actor: Actor = { handle: (_, a) => void happened.push(a) };
  const reserved = queue.reserve();
  queue.push(5, actor, 0, 1);
  queue.push(5, { handle: () => queue.push(5, actor, 0, 2, 0, undefined, reserved) }, 0);
  queue.push(5, actor, 0, 3);
  while (queue.run());
  expect(happened).toEqual([1, 2, 3]);
});
