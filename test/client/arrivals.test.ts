import { describe, expect, test } from "vitest";
import { Arrivals, type ArrivalKind } from "../../src/client/arrivals.ts";
import { createRandom } from "../../src/core/random.ts";

const clients = 4;
const rate = 1000;

/** Times of the first arrivals of 1,000 a second, by client and together. */
const drawn = (arrivals: ArrivalKind, count: number, share = 1, seed = 1) => {
  const process = new Arrivals({ rate, arrivals }, share, clients, createRandom(seed, "arrivals"));
  process.start(500);
  const all: number[] = [];
  const byClient: number[][] = Array.from({ length: clients }, () => []);
  for (let i = 0; i < count; i++) {
    const { next } = process;
    all.push(next);
    byClient[process.take()]!.push(next);
  }
  return { all, byClient };
};

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, i) => time - times[i]!);

/** Kolmogorov's distance between a sample and an exponential distribution, times √n: above 1.95 with a probability of 0.1 %. */
const distance = (sample: readonly number[], mean: number): number => {
  const n = sample.length;
  const above = sample.toSorted((a, b) => a - b).map((value, i) => {
    const expected = 1 - Math.exp(-value / mean);
    return Math.max((i + 1) / n - expected, expected - i / n);
  });
  return Math.max(...above) * Math.sqrt(n);
};

/** Of neighbours; for independent ones about normal with a deviation of 1 / √n. */
const correlation = (sample: readonly number[]): number => {
  const mean = sample.reduce((sum, value) => sum + value, 0) / sample.length;
  const variance = sample.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return sample.slice(1).reduce((sum, value, i) => sum + (value - mean) * (sample[i]! - mean), 0) / variance;
};

describe("poisson", () => {
  const { all, byClient } = drawn("poisson", 20_000);

  test("gaps are exponential and independent, those of each client too", () => {
    expect(distance(gaps(all), 1000)).toBeLessThan(1.95);
    for (const times of byClient) {
      expect(distance(gaps(times), 1000 * clients)).toBeLessThan(1.95);
      expect(Math.abs(correlation(gaps(times))) * Math.sqrt(times.length)).toBeLessThan(3.3);
    }
  });

  test("the test would see gaps that are not", () => {
    expect(distance(gaps(drawn("fixed", 1000).all), 1000)).toBeGreaterThan(1.95);
    expect(distance(gaps(all), 1050)).toBeGreaterThan(1.95);
  });

  test("a share of the clients has that share of the rate; another seed, other times", () => {
    expect(distance(gaps(drawn("poisson", 5000, 0.25).all), 4000)).toBeLessThan(1.95);
    expect(drawn("poisson", 10, 1, 2).all).not.toEqual(all.slice(0, 10));
  });
});

test("fixed: all gaps are the same, those of each client too; rounding does not add up", () => {
  const { all, byClient } = drawn("fixed", 8);
  expect(all).toEqual([1500, 2500, 3500, 4500, 5500, 6500, 7500, 8500]);
  expect(byClient[1]).toEqual([2500, 6500]);
  const thirds = new Arrivals({ rate: 3, arrivals: "fixed" }, 1, 1, createRandom(1, ""));
  thirds.start(0);
  const times = [1, 2, 3].map(() => {
    const { next } = thirds;
    thirds.take();
    return next;
  });
  expect(times).toEqual([333_333, 666_667, 1_000_000]);
});

test("nothing arrives before the start and after the end", () => {
  const arrivals = new Arrivals({ rate, arrivals: "fixed" }, 1, clients, createRandom(1, ""));
  expect(arrivals.next).toBe(Infinity);
  arrivals.start(0);
  arrivals.stop();
  expect(arrivals.next).toBe(Infinity);
});
