import { expect, test } from "vitest";
import { spread, spreadName } from "../../src/report/spread.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1).toReversed();

// Ranks as tabulated, e.g. in Conover, Practical Nonparametric Statistics, and by R's qbinom(0.025, n, 0.5).
test.each([
  [1, 1, 1], [2, 1, 2], [5, 1, 5], [6, 1, 6], [8, 1, 8], [9, 2, 8], [12, 3, 10], [20, 6, 15], [25, 8, 18], [100, 40, 61],
])("of %i values, from the %ith to the %ith", (count, low, high) => {
  expect(spread(upTo(count))).toEqual({ median: (count + 1) / 2, low, high });
});

test("what it is, in words", () => {
  expect(spreadName(5)).toBe("smallest to largest");
  expect(spreadName(6)).toBe("95 % confidence interval of the median");
});
