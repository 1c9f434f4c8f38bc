import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { curveOf, distributionOf } from "../../src/measure/distribution.ts";
import { createHistogram, record, summarize } from "../../src/measure/latency.ts";

const histogramOf = (latencies: readonly number[]) => {
  const histogram = createHistogram();
  for (const latency of latencies) record(histogram, latency);
  return histogram;
};

const curve = (latencies: readonly number[]) => curveOf(distributionOf(histogramOf(latencies)))!;

describe("a curve, as read from its text", () => {
  test("agrees with the summary", () => {
    const latencies = Array.from({ length: 1000 }, (_, i) => i * i);
    const { count, points } = curve(latencies);
    expect(count).toBe(1000);
    expect(points.find(({ percentile }) => percentile === 50)?.ms).toBe(summarize(histogramOf(latencies)).p50);
  });

  test("rises in both directions, and ends where samples end", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 }), { minLength: 1, maxLength: 300 }), (all) => {
        const { points } = curve(all);
        for (const [i, point] of points.entries()) {
          if (i === 0) continue;
          expect(point.percentile).toBeGreaterThan(points[i - 1]!.percentile);
          expect(point.ms).toBeGreaterThanOrEqual(points[i - 1]!.ms);
        }
        expect(1 - points.at(-1)!.percentile / 100).toBeGreaterThanOrEqual(1 / all.length - 1e-9);
      }),
      { numRuns: 20 },
    );
  });

  test("stays flat to its end, where many share the largest value", () => {
    const { points } = curve([...Array.from({ length: 10 }, () => 1000), ...Array.from({ length: 990 }, () => 2000)]);
    expect(points.at(-1)!.percentile).toBeGreaterThan(99.85);
    expect(points.at(-1)!.ms).toBe(2);
  });

  test("of nothing is nothing", () => {
    expect(curve([])).toEqual({ count: 0, points: [] });
  });
});

test("a text that is damaged or cut is no curve", () => {
  const text = distributionOf(histogramOf(Array.from({ length: 100 }, (_, i) => i)));
  expect(curveOf(text)).not.toBeNull();
  for (let length = 0; length < text.lastIndexOf("#["); length += 37) expect(curveOf(text.slice(0, length)), `the first ${length}`).toBeNull();
  expect(curveOf(text.replace("0.500000", "0.5x0000"))).toBeNull();
  expect(curveOf(text.replace(/\n.* 1\.000000000000 .*\n/, "\n"))).toBeNull();
});
