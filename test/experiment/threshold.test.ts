import { UsageError } from "paxbench";
import { describe, expect, test } from "vitest";
import { judgeThresholds, parseThreshold } from "../../src/experiment/threshold.ts";
import { run } from "../report/fixture.ts";

const held = (text: string, changes = {}): boolean => judgeThresholds([parseThreshold(text)], run(0, changes))[0]!.held;

test.each<readonly [string, boolean]>([
  ["throughput>12000", true],
  ["throughput > 13000", false],
  ["response.p50<1s", true],
  ["response.p50<1us", false],
  ["fastRate>=0.81", true],
  ["fastRate>0.81", false],
  ["unknown<=0", true],
  ["longestStall<=120ms", true],
  ["longestStall<120ms", false],
])("%s: %s", (text, expected) => expect(held(text)).toBe(expected));

test("what a run has not got keeps no bound", () => {
  expect(judgeThresholds([parseThreshold("fastRate<2")], run(1))).toEqual([{ threshold: "fastRate<2", measured: null, unit: "", held: false }]);
});

describe("a mistake is one line that says what is allowed", () => {
  test.each<readonly [string, RegExp]>([
    ["", /^--threshold : allowed is a metric, one of < <= > >=, and a value/],
    ["response.p99", /^--threshold response\.p99: allowed is a metric/],
    ["response.p99=5ms", /allowed is a metric, one of/],
    ["response.p98<5ms", /no metric response\.p98; allowed: throughput, commit\.mean, /],
    ["response.p99<5", /5 is no time; allowed for response\.p99 is a number with us, ms, s or m$/],
    ["throughput>5k", /5k is no number; throughput has the unit ops\/s, which is left out$/],
    ["fastRate>many", /many is no number; fastRate has no unit$/],
  ])("%s", (text, message) => {
    expect(() => parseThreshold(text)).toThrow(UsageError);
    expect(() => parseThreshold(text)).toThrow(message);
  });
});
