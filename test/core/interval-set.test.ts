import { IntervalSet } from "paxbench";
import * as fc from "fast-check";
import { expect, test } from "vitest";

// Dense numbers join intervals, sparse ones keep them apart, ends are where a search goes wrong.
const numbers = fc.array(fc.oneof(fc.nat({ max: 60 }), fc.maxSafeNat()), { maxLength: 120 });

test("agrees with a Set in what it has, what was new and how many there are", () => {
  fc.assert(
    fc.property(numbers, numbers, (added, asked) => {
      const set = new Set<number>();
      const intervals = new IntervalSet();
      for (const number of added) {
        expect(intervals.add(number)).toBe(!set.has(number));
        set.add(number);
        expect(intervals.size).toBe(set.size);
        expect(set.has(intervals.firstGap)).toBe(false);
        for (let below = 0; below < intervals.firstGap; below++) expect(set.has(below)).toBe(true);
      }
      for (const number of [...asked, ...added.flatMap((n) => [n - 1, n, n + 1])]) {
        expect(intervals.has(number), `${number}`).toBe(set.has(number));
      }
    }),
    { numRuns: 500 },
  );
});

test("an empty set has nothing", () => {
  const empty = new IntervalSet();
  expect([empty.has(0), empty.size, empty.firstGap]).toEqual([false, 0, 0]);
});
