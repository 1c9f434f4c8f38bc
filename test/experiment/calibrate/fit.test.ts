import { expect, test } from "vitest";
import { fitCosts, nonNegativeLeastSquares, type Sample } from "../../../src/experiment/calibrate/fit.ts";
import { createRandom } from "../../../src/core/random.ts";
import { workKinds, type Work } from "../../../src/measure/work.ts";
import { costOf, noCosts, type Costs } from "../../../src/sim/costs.ts";

const random = createRandom(1, "work");

const someWork = (): Work => Object.fromEntries(workKinds.map((kind) => [kind, 1000 + random.below(100_000)])) as Work;

/** `noise`: share by which a CPU time is off at most. */
const samplesOf = (protocol: string, costs: Costs, noise = 0): Sample[] =>
  Array.from({ length: 24 }, () => {
    const done = someWork();
    return { protocol, done, cpu: costOf(costs, done) * (1 + noise * (random.below(2001) / 1000 - 1)) };
  });

const transport = { turn: 20, read: 5, write: 9, byteIn: 0.01, byteOut: 0.004, record: 1, sync: 30 };
const light: Costs = { ...noCosts, ...transport, receive: 2, send: 1, request: 3, execute: 0.5 };
const heavy: Costs = { ...noCosts, ...transport, receive: 4, send: 1, request: 3, execute: 6 };

test("costs are found again from the work that they were charged for", () => {
  const { shared, own } = fitCosts([...samplesOf("light", light), ...samplesOf("heavy", heavy)]);
  expect(shared).toEqual(transport);
  expect(own).toEqual({
    light: { receive: 2, send: 1, request: 3, execute: 0.5 },
    heavy: { receive: 4, send: 1, request: 3, execute: 6 },
  });
});

test("from noisy times, costs that explain them within the noise, and none below 0", () => {
  const noisy = samplesOf("light", { ...light, read: 0 }, 0.05);
  const { shared, own } = fitCosts(noisy);
  const found: Costs = { ...noCosts, ...shared, ...own["light"] };
  expect(Math.min(...Object.values(found))).toBeGreaterThanOrEqual(0);
  for (const { cpu, done } of noisy) expect(Math.abs(costOf(found, done) / cpu - 1)).toBeLessThan(0.1);
});

test("work that nobody did is free", () => {
  const idle = samplesOf("light", light).map(({ protocol, done }) => {
    const less = { ...done, record: 0, sync: 0 };
    return { protocol, done: less, cpu: costOf(light, less) };
  });
  expect(fitCosts(idle).shared).toEqual({ ...transport, record: 0, sync: 0 });
});

test.each<[string, number[][], number[], number[]]>([
  ["a solution", [[1, 0], [0, 2], [1, 1]], [1, 4, 3], [1, 2]],
  ["of which one part would be below 0", [[1, 1], [1, 2]], [1, 0.5], [0.75, 0]],
  ["nothing to solve", [], [], []],
])("least squares: %s", (_, rows, right, expected) => {
  const found = nonNegativeLeastSquares(rows, right);
  expect(found.map((value) => Number(value.toFixed(6)))).toEqual(expected);
});
