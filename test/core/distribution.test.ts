import { createRandom, zipf } from "paxbench";
import { describe, expect, test } from "vitest";

describe("zipf", () => {
  const draws = 200_000;

  test.each([
    [10, 0], [10, 0.5], [10, 1], [10, 2.5], [1000, 0.7], [1000, 0.99], [1000, 1], [1000, 1.2], [1, 0.99], [2, 10], [5, 40],
  ])("%i items, exponent %f: each rank as often as the law says", (items, exponent) => {
    const random = createRandom(1, "zipf");
    const rank = zipf(items, exponent);
    const seen = Array.from({ length: items }, () => 0);
    for (let i = 0; i < draws; i++) seen[rank(random)]!++;
    const weights = seen.map((_, k) => (k + 1) ** -exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    // Chi-squared, ranks that are expected less than ten times taken together; six standard deviations of it.
    let statistic = 0;
    let cells = 0;
    let restSeen = 0;
    let restExpected = 0;
    for (const [k, weight] of weights.entries()) {
      const expected = (draws * weight) / total;
      if (expected < 10) {
        restSeen += seen[k]!;
        restExpected += expected;
      } else {
        statistic += (seen[k]! - expected) ** 2 / expected;
        cells++;
      }
    }
    if (restExpected > 0) {
      statistic += (restSeen - restExpected) ** 2 / Math.max(restExpected, 1);
      cells++;
    }
    expect(statistic).toBeLessThan(cells + 6 * Math.sqrt(2 * cells) + 6);
  });

  test("over ten thousand million items: YCSB's share of the first, 1 / 26.469", () => {
    const random = createRandom(2, "zipf");
    const rank = zipf(10_000_000_000, 0.99);
    let first = 0;
    let highest = 0;
    for (let i = 0; i < draws; i++) {
      const k = rank(random);
      if (k === 0) first++;
      highest = Math.max(highest, k);
      expect(Number.isInteger(k) && k >= 0 && k < 10_000_000_000).toBe(true);
    }
    const share = 1 / 26.46902820178302; // zeta(10^10, 0.99), as in YCSB's ScrambledZipfianGenerator
    expect(Math.abs(first - draws * share)).toBeLessThan(5 * Math.sqrt(draws * share));
    expect(highest).toBeGreaterThan(1_000_000_000);
  });

  test("the same seed draws the same ranks", () => {
    const [one, two] = [createRandom(3, "zipf"), createRandom(3, "zipf")];
    const rank = zipf(1_000_000, 0.99);
    const ranks = Array.from({ length: 100 }, () => rank(one));
    expect(Array.from({ length: 100 }, () => rank(two))).toEqual(ranks);
    expect(new Set(ranks).size).toBeGreaterThan(10);
  });
});
