import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Clock } from "../../src/sim/clock.ts";

const settings = fc.array(
  fc.record({ after: fc.nat({ max: 100_000 }), rate: fc.constantFrom(0.1, 0.3, 0.9, 1, 1.1, 3, 7.7), jump: fc.nat({ max: 5000 }) }),
  { maxLength: 10 },
);

test("a clock that nobody sets shows the time", () => {
  const clock = new Clock();
  expect([clock.read(12_345), clock.timeOf(12_345), clock.isSound]).toEqual([12_345, 12_345, true]);
});

test("goes by its rate from where it jumped to", () => {
  const clock = new Clock();
  clock.set(1000, 3, 500);
  expect([clock.read(1000), clock.read(1100), clock.timeOf(1800), clock.isSound]).toEqual([1500, 1800, 1100, false]);
});

test("never goes back, and shows a reading at the time that it says", () => {
  fc.assert(
    fc.property(settings, fc.nat({ max: 100_000 }), (all, ahead) => {
      const clock = new Clock();
      let now = 0;
      for (const { after, rate, jump } of all) {
        now += after;
        const before = clock.read(now);
        clock.set(now, rate, jump);
        expect(clock.read(now)).toBe(before + jump);
        expect(clock.read(now + 1)).toBeGreaterThanOrEqual(before + jump);
        const time = clock.timeOf(clock.read(now) + ahead);
        // A µs aside: rates are no whole numbers.
        expect(Math.abs((time - now) * rate - ahead)).toBeLessThanOrEqual(rate + 1e-6);
      }
    }),
  );
});
