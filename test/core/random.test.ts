import { createRandom, hashText } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

const draws = (seed: number, stream: string, count = 8): number[] => {
  const random = createRandom(seed, stream);
  return Array.from({ length: count }, () => random.below(2 ** 32));
};

/** Pearson's statistic of `counts` against equal shares. */
const chiSquared = (counts: readonly number[]): number => {
  const expected = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

describe("createRandom", () => {
  test("is the stream it always was: recorded seeds stay worth something", () => {
    expect(draws(1, "network", 4)).toMatchInlineSnapshot(`
      [
        924905020,
        1997045807,
        1799667904,
        1377138840,
      ]
    `);
  });

  test("the same seed and stream give the same numbers; another seed or another stream gives others", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.string(), (seed, stream) => {
        const numbers = draws(seed, stream);
        expect(draws(seed, stream)).toEqual(numbers);
        expect(draws(seed, `${stream}.`)).not.toEqual(numbers);
        expect(draws(seed === 0 ? 1 : seed - 1, stream)).not.toEqual(numbers);
      }),
    );
  });

  test("seeds that differ above bit 32 differ", () => {
    expect(draws(1, "x")).not.toEqual(draws(1 + 2 ** 32, "x"));
  });

  test("stays below its limit and at 0 or above, in unit too", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, limit) => {
        const random = createRandom(seed, "limits");
        for (let i = 0; i < 50; i++) {
          const number = random.below(limit);
          expect(Number.isInteger(number) && number >= 0 && number < limit).toBe(true);
          const unit = random.unit();
          expect(unit >= 0 && unit < 1).toBe(true);
        }
      }),
    );
  });

  // Seeds are fixed, so that the verdict is; 99.9 % of fair generators stay below the bound.
  test.each([
    [2, 10.8],
    [10, 27.9],
    [100, 148.2],
  ])("numbers below %i come equally often", (limit, bound) => {
    for (const seed of [1, 2, 3]) {
      const random = createRandom(seed, "uniform");
      const counts = Array.from({ length: limit }, () => 0);
      for (let i = 0; i < 100_000; i++) counts[random.below(limit)]!++;
      expect(chiSquared(counts), `seed ${seed}`).toBeLessThan(bound);
    }
  });

  test("neighbouring streams and neighbouring seeds are independent: pairs of their numbers fill the square evenly", () => {
    const pairs = [
      [createRandom(1, "replica 0.0"), createRandom(1, "replica 1.0")],
      [createRandom(1, "client 1"), createRandom(1, "client 2")],
      [createRandom(1, "network"), createRandom(2, "network")],
    ] as const;
    for (const [a, b] of pairs) {
      const counts = Array.from({ length: 100 }, () => 0);
      for (let i = 0; i < 100_000; i++) counts[a.below(10) * 10 + b.below(10)]!++;
      expect(chiSquared(counts)).toBeLessThan(148.2);
    }
  });

  test("successive numbers of one stream are independent: pairs fill the square evenly", () => {
    const random = createRandom(7, "serial");
    const counts = Array.from({ length: 100 }, () => 0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10) * 10 + random.below(10)]!++;
    expect(chiSquared(counts)).toBeLessThan(148.2);
  });
});

describe("hashText", () => {
  test("ten thousand similar keys fall evenly into 64 buckets, by low and by high bits", () => {
    for (const shift of [0, 26]) {
      const counts = Array.from({ length: 64 }, () => 0);
      for (let i = 0; i < 10_000; i++) counts[(hashText(`client-${i}`) >>> shift) & 63]!++;
      expect(chiSquared(counts)).toBeLessThan(103.4); // 99.9 % of 63 degrees of freedom
    }
  });

  test("another seed is another hash", () => {
    expect(hashText("key", 1)).not.toBe(hashText("key", 2));
  });
});
