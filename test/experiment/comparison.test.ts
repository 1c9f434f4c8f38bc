import { describe, expect, test } from "vitest";
import { compareResults, type MetricComparison } from "../../src/experiment/comparison.ts";
import type { RunResult } from "../../src/experiment/result.ts";
import { run } from "../report/fixture.ts";

const withThroughput = (...values: number[]): RunResult[] => values.map((throughputOpsPerSec, repeat) => run(0, { throughputOpsPerSec, repeat, seed: repeat }));

const compared = (name: string, a: readonly RunResult[], b: readonly RunResult[]): MetricComparison =>
  compareResults(a, b).points[0]!.metrics.find(({ metric }) => metric === name)!;

const throughputs = (a: readonly number[], b: readonly number[]): MetricComparison =>
  compared("throughput", withThroughput(...a), withThroughput(...b));

describe("a point's repeats give a ratio with an interval", () => {
  test("by hand: Welch on logarithms, three repeats of each side", () => {
    // ln: mean 4.6052 and 4.6913 (ratio 1.0899), variances 0.0001 each when values are 99, 100, 101 and 108, 109, 110.
    const { ratio, interval, a, b, verdict } = throughputs([99, 100, 101], [108, 109, 110]);
    expect([a, b]).toEqual([100, 109]);
    expect(ratio).toBeCloseTo(1.09, 3);
    // Standard error sqrt(2 · 1e-4 / 3) ≈ 0.0078, about 4 degrees of freedom, rounded down to 3: t = 3.182.
    expect(interval![0]).toBeCloseTo(1.09 * Math.exp(-3.182 * 0.0078), 2);
    expect(interval![1]).toBeCloseTo(1.09 * Math.exp(3.182 * 0.0078), 2);
    expect(verdict).toBe("better");
  });

  test.each<readonly [string, number[], number[], MetricComparison["verdict"]]>([
    ["slower beyond doubt", [100, 101, 99], [80, 81, 79], "worse"],
    ["scattered", [100, 140, 60], [90, 150, 70], "unclear"],
    ["one repeat each", [100], [200], "unclear"],
    ["one repeat on one side", [100, 101], [200], "unclear"],
    ["the same, as simulated runs are", [100, 101], [100, 101], "unclear"],
    ["exactly the same", [100, 100], [100, 100], "same"],
  ])("%s", (_, a, b, verdict) => expect(throughputs(a, b).verdict).toBe(verdict));

  test("less latency is better", () => {
    const faster = [0, 1, 2].map((repeat) => run(0, { repeat }));
    const slower = [0, 1, 2].map((repeat) => run(0, { repeat, latencyMs: run(3).latencyMs }));
    expect([compared("response.p50", faster, slower).verdict, compared("response.p50", slower, faster).verdict]).toEqual(["worse", "better"]);
  });
});

test("points are matched by what they have in common; what only one side has is said", () => {
  const a = [run(0), run(1), run(0, { clientsPerSite: 20 })];
  const b = [run(0, { seed: 9 }), run(2)];
  const { points, unmatched } = compareResults(a, b);
  expect(points.map(({ point }) => point)).toEqual(["protocol-0, sim on world, 5 replicas, 10 clients a site, conflict conflict=0.3"]);
  expect(unmatched.map(({ side, point }) => `${side}: ${point.split(",")[0]}`)).toEqual(["A: protocol-1", "A: protocol-0", "B: protocol-2"]);
});
