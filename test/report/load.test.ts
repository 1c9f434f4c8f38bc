import { describe, expect, test } from "vitest";
import type { OpenLoopResult } from "../../src/experiment/result.ts";
import { figuresOf, pageOf, resultOf, run, sourceOf } from "./fixture.ts";

const { response } = run(0).latencyMs;
const openLoop: OpenLoopResult = {
  rateOpsPerSec: 500, arrivals: "poisson", outstanding: 64, arrived: 5000, offeredOpsPerSec: 500, dropped: 50,
  lateMs: { ...response, p99: 7 }, coordinatedMs: { ...response, p99: 11 },
};
const open = resultOf(run(0, { openLoop }), run(1, { openLoop }));

describe("an open loop", () => {
  test("both clocks in one figure, a panel a protocol", () => {
    const figure = figuresOf(sourceOf(open)).find(({ name }) => name === "latency-open-loop")!;
    const rows = (figure.spec as unknown as { readonly data: { readonly values: readonly { readonly series: string; readonly clock: string; readonly ms: number }[] } }).data.values;
    expect(new Set(rows.map(({ series, clock }) => `${series}, ${clock}`)).size).toBe(4);
    expect(rows.map(({ ms }) => ms)).toContain(11);
    expect(JSON.stringify(figure.spec)).toContain("500 commands/s (poisson arrivals)");
  });

  test("on the page: what was offered, dropped, late, and what a closed loop would show", () => {
    const text = pageOf(sourceOf(open));
    expect(text).toContain("<td>500, poisson</td><td>500</td><td>12,345</td><td>50 (1 %)</td><td>7 ms</td>");
    expect(text).toContain("<td>11 ms</td>");
    expect(pageOf(sourceOf(resultOf(run(0))))).not.toContain("Open loop");
  });

  test("never in a figure with another rate, or a closed loop", () => {
    const others = resultOf(run(0), run(0, { openLoop }), run(0, { openLoop: { ...openLoop, rateOpsPerSec: 600 } }));
    expect(figuresOf(sourceOf(others)).filter(({ name }) => name.startsWith("latency-cdf"))).toHaveLength(3);
  });
});

test("warnings, and what each node did, are on the page", () => {
  const nodes = [{ node: "load 0", cpu: 0.4, busy: 0.97, pauses: { count: 3, totalMs: 12, longestMs: 8 } }];
  const text = pageOf(sourceOf(resultOf(run(0, { nodes, warnings: [{ rule: "generator", detail: "too slow <" }] }))));
  expect(text).toContain("Protocol A, seed 1: too slow &#60;");
  expect(text).toContain("<td>load 0</td><td>97 %</td><td>40 %</td><td>3</td><td>12 ms</td><td>8 ms</td>");
});

test("where a ramp ended, and why, is on the page", () => {
  const knee = { protocol: "protocol-0", rateOpsPerSec: 4000, answeredOpsPerSec: 3990, responseP99Ms: 12, brokeAtOpsPerSec: 4300, broke: "2 % dropped", rule: "all is well", steps: [] };
  const text = pageOf(sourceOf({ ...resultOf(run(0)), knees: [knee, { ...knee, rateOpsPerSec: null, answeredOpsPerSec: null, responseP99Ms: null }] }));
  expect(text).toContain("<td>Protocol A</td><td>4,000</td><td>3,990</td><td>12 ms</td><td>4,300</td><td>2 % dropped</td><td>all is well</td>");
  expect(text).toContain("<td>Protocol A</td><td>–</td><td>–</td><td>–</td><td>4,300</td>");
});
