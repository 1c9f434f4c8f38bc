import { describe, expect, test } from "vitest";
import type { ResultFile, RunResult } from "../../src/experiment/result.ts";
import { kneeFindings } from "../../src/report/findings/knees.ts";
import { resultOf, run, sectionsOf, silent, sourceOf } from "./fixture.ts";

const itemsOf = (result: ResultFile): string[] => sectionsOf(sourceOf(result, [])).flatMap(({ findings }) => findings.flatMap(({ items }) => items));

const about = (words: string, result: ResultFile): string[] => itemsOf(result).filter((item) => item.includes(words));

/** Throughput of each protocol at each conflict rate, one for each repeat. */
const swept = (throughputs: readonly (readonly (readonly number[])[])[], values = [0, 0.5, 1]): ResultFile => {
  const runs = throughputs.flatMap((ofProtocol, protocol) =>
    ofProtocol.flatMap((repeats, i) =>
      repeats.map((throughputOpsPerSec, repeat): RunResult => run(protocol, { throughputOpsPerSec, repeat, seed: repeat + 1, varied: { conflict: values[i]! } })),
    ),
  );
  return { ...resultOf(...runs), sweep: { vary: [{ key: "conflict", values }] } };
};

const repeats = (protocol: number, values: readonly number[]): RunResult[] =>
  values.map((throughputOpsPerSec, repeat) => run(protocol, { throughputOpsPerSec, repeat, seed: repeat + 1 }));

describe("under the same conditions", () => {
  test("who leads, and what multiple of that the others have", () => {
    expect(about("highest throughput", resultOf(run(0, { throughputOpsPerSec: 1000 }), run(1, { throughputOpsPerSec: 800 }), run(2, { throughputOpsPerSec: 500 })))).toEqual([
      "The highest throughput: Protocol A with 1,000 ops/s; Protocol B has 0.8 × that and Protocol C has 0.5 × that.",
    ]);
    expect(about("lowest median", resultOf(run(0), run(1, { latencyMs: run(0).latencyMs })))).toEqual(["The lowest median response latency: a tie of Protocol A and Protocol B, with 75 ms."]);
  });

  test("a tie where intervals overlap, however far apart the medians are; an interval of paired ratios where they do not", () => {
    expect(about("highest throughput", resultOf(...repeats(0, [100, 200, 300]), ...repeats(1, [50, 90, 110])))).toEqual([
      "The highest throughput: a tie of Protocol A (200 [100, 300] ops/s) and Protocol B (90 [50, 110] ops/s).",
    ]);
    expect(about("highest throughput", resultOf(...repeats(0, [100, 200, 300]), ...repeats(1, [50, 80, 90])))).toEqual([
      "The highest throughput: Protocol A with 200 [100, 300] ops/s; Protocol B has 0.4 [0.3, 0.5] × that.",
    ]);
  });

  test("who is on the floor, and who executes later than it commits", () => {
    const { sites } = run(0);
    const onFloor = sites.map((site, i) => (i < 2 ? { ...site, latencyMs: { ...site.latencyMs, response: { ...site.latencyMs.response, p50: site.floorMs! } } } : site));
    expect(about("nearest majority", resultOf(run(0, { sites: onFloor }), run(1)))).toEqual([
      "Median response within 2 % of the round trip to the nearest majority: Protocol A at Virginia and Oregon.",
    ]);
    expect(about("executes later", resultOf(run(0)))).toEqual(["Protocol A executes later than it commits: p50 72 ms against 54 ms, 1.33 ×; p99 151 ms against 113 ms, 1.33 ×."]);
  });

  test("one alone leads nobody, and nobody answered is no finding", () => {
    expect(about("highest", resultOf(run(0)))).toEqual([]);
    expect(about("latency", resultOf(silent(0), silent(1)))).toEqual([]);
  });
});

describe("over what a sweep varies", () => {
  test("who leads where, and where the lead changes: by straight lines through what each repeat measured", () => {
    const result = swept([[[99, 101], [50, 52], [9, 11]], [[60, 61], [60, 61], [60, 61]]]);
    const told = about("hroughput", result);
    expect(told[0]).toMatch(/^The highest throughput, by conflict rate: at 0 Protocol A, the next at 0\.605 \[0\.604, 0\.606\] × that; from 0\.5 to 1 Protocol B, /);
    // 99 → 50 meets 60 at 0.5 · 39 / 49, 101 → 52 meets 61 at 0.5 · 40 / 49.
    expect(told[1]).toBe("Throughput over rising conflict rate: Protocol A falls behind Protocol B at 0.403 [0.398, 0.408] (between 0 and 0.5). By straight lines between values; smallest to largest of 2 repeats.");
  });

  test("lines that touch and overlap have not crossed", () => {
    expect(about("falls behind", swept([[[100], [60], [100]], [[60], [60], [60]]])).filter((item) => item.startsWith("Throughput"))).toEqual([]);
    expect(about("falls behind", swept([[[100, 110], [90, 110], [50, 120]], [[60, 61], [100, 101], [70, 71]]])).filter((item) => item.startsWith("Throughput"))).toEqual([]);
  });

  test("a crossing in a single run says that there is no interval", () => {
    expect(about("Throughput", swept([[[100], [20]], [[60], [60]]], [0, 1]))).toEqual([
      "Throughput over rising conflict rate: Protocol A falls behind Protocol B at 0.5 (between 0 and 1). By straight lines between values; one run, so no interval.",
    ]);
  });
});

test("where ramps ended, the highest first", () => {
  const knee = { protocol: "protocol-0", rateOpsPerSec: 1000, answeredOpsPerSec: 1000, responseP99Ms: 12, brokeAtOpsPerSec: 1100, broke: "2 % dropped", rule: "", steps: [] };
  const result = { ...resultOf(run(0), run(1)), knees: [knee, { ...knee, protocol: "protocol-1", rateOpsPerSec: 4000, brokeAtOpsPerSec: null, broke: null }] };
  expect(kneeFindings([sourceOf(result)])).toEqual([
    "Protocol B follows 4,000 ops/s, with a response p99 of 12 ms; nothing broke up to the highest rate that was tried.",
    "Protocol A follows 1,000 ops/s, 0.25 × the highest, with a response p99 of 12 ms; at 1,100 ops/s 2 % dropped.",
  ]);
});
