import { second } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHistogram, merged, record, summarize } from "../../src/measure/latency.ts";

const histogramOf = (latencies: readonly number[]) => {
  const histogram = createHistogram();
  for (const latency of latencies) record(histogram, latency);
  return histogram;
};

/** Nearest rank: the smallest value that at least `percentile` % of the values do not exceed. */
const nearestRank = (sorted: readonly number[], percentile: number): number =>
  sorted[Math.max(Math.ceil((percentile / 100) * sorted.length), 1) - 1]!;

// From below a microsecond's worth to most of an hour, each size as likely as the next.
const latency = fc.integer({ min: 0, max: 31 }).chain((bits) => fc.integer({ min: 0, max: 2 ** bits }));
const latencies = fc.array(latency, { minLength: 1, maxLength: 300 });

const expectNear = (ms: number, micros: number, what: string): void =>
  expect(Math.abs(ms * 1000 - micros), `${what}: ${ms} ms, not ${micros} µs`).toBeLessThanOrEqual(Math.max(micros / 1000, 1));

test("every percentile is within three significant digits of the nearest rank, up to an hour", () => {
  fc.assert(
    fc.property(latencies, (all) => {
      const sorted = all.toSorted((a, b) => a - b);
      const summary = summarize(histogramOf(all));
      expect(summary.count).toBe(all.length);
      for (const [name, percentile] of [["p50", 50], ["p90", 90], ["p95", 95], ["p99", 99], ["p999", 99.9], ["max", 100]] as const) {
        expectNear(summary[name], nearestRank(sorted, percentile), name);
      }
      expectNear(summary.min, sorted[0]!, "min");
      expectNear(summary.mean, all.reduce((a, b) => a + b) / all.length, "mean");
    }),
    { numRuns: 300 },
  );
});

test("summaries keep the order: min ≤ p50 ≤ … ≤ max, and the mean between the ends", () => {
  fc.assert(
    fc.property(latencies, (all) => {
      const { min, p50, p90, p95, p99, p999, max, mean } = summarize(histogramOf(all));
      const rising = [min, p50, p90, p95, p99, p999, max];
      expect(rising).toEqual(rising.toSorted((a, b) => a - b));
      expect(mean >= min && mean <= max).toBe(true);
    }),
    { examples: [[[100_000]], [[100_000, 100_000]]] },
  );
});

test("merging is recording everything in one place", () => {
  fc.assert(
    fc.property(latencies, latencies, fc.array(latency, { maxLength: 5 }), (a, b, c) => {
      const parts = [histogramOf(a), histogramOf(b), histogramOf(c)];
      expect(summarize(merged(parts))).toEqual(summarize(histogramOf([...a, ...b, ...c])));
      expect(summarize(parts[0]!)).toEqual(summarize(histogramOf(a)));
    }),
  );
});

describe("at the edges", () => {
  test("nothing recorded is zeros", () => {
    expect(new Set(Object.values(summarize(createHistogram())))).toEqual(new Set([0]));
  });

  test.each([
    ["a fraction of a µs is rounded", 1.6, 0.002],
    ["a time below zero counts as none", -5, 0],
    ["an hour is the longest that is told", 7200 * second, 3_600_000],
  ])("%s", (_, micros, ms) => {
    const { count, max } = summarize(histogramOf([micros]));
    expect(count).toBe(1);
    expect(Math.abs(max - ms)).toBeLessThanOrEqual(ms / 1000);
  });

  test("counts go beyond 2^16, where narrow buckets overflow", () => {
    const histogram = createHistogram();
    for (let i = 0; i < 70_000; i++) record(histogram, 5);
    expect(summarize(histogram)).toMatchObject({ count: 70_000, p50: 0.005, max: 0.005 });
  });
});
