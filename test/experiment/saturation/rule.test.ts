import { UsageError } from "paxbench";
import { expect, test } from "vitest";
import { rampOf } from "../../../src/experiment/saturation/ramp.ts";
import { brokenBy, ruleText } from "../../../src/experiment/saturation/rule.ts";
import { parseThreshold } from "../../../src/experiment/threshold.ts";
import type { OpenLoopResult, RunResult } from "../../../src/experiment/result.ts";
import { flagsOf } from "../../support/flags.ts";
import { noLatency, run } from "../../report/fixture.ts";

const at = (p99: number, loop: Partial<OpenLoopResult> = {}, changes: Partial<RunResult> = {}): RunResult =>
  run(0, {
    latencyMs: { commit: noLatency, execute: noLatency, response: { ...noLatency, count: 100, p99 } },
    throughputOpsPerSec: 1000,
    openLoop: { rateOpsPerSec: 1000, arrivals: "poisson", outstanding: 64, arrived: 10_000, offeredOpsPerSec: 1000, dropped: 0, lateMs: noLatency, coordinatedMs: noLatency, ...loop },
    ...changes,
  });

const knee = { factor: 10, thresholds: [] };
const bound = { factor: 10, thresholds: [parseThreshold("response.p99<20ms")] };

test.each([
  ["nothing", at(9), knee, null],
  ["latency", at(11), knee, "response p99 11 ms, 11 times the 1 ms at the lowest rate"],
  ["latency above a bound of its own", at(25), bound, "response.p99<20ms: 25 ms"],
  ["latency below it, however many times that of the lowest rate", at(19), bound, null],
  ["answers", at(1, { offeredOpsPerSec: 1100 }), knee, "90.9 % answered in time"],
  ["drops", at(1, { dropped: 11 }), knee, "0.11 % dropped"],
  ["a few drops", at(1, { dropped: 10 }), knee, null],
  ["a verdict", at(1, {}, { violations: [{ check: "ledger", detail: "" }] }), knee, "a check failed"],
])("what breaks the rule: %s", (_, result, rule, broke) => {
  expect(brokenBy(result, at(1), rule)).toBe(broke);
});

test("the lowest rate is what others are compared with", () => expect(brokenBy(at(1000), null, knee)).toBeNull());

test("the rule in words", () => {
  expect(ruleText(knee)).toBe("at least 95 % of what is offered is answered in time, at most 0.1 % is dropped, and response p99 is at most 10 times that at the lowest rate");
  expect(ruleText(bound)).toMatch(/, and response\.p99<20ms$/);
});

test.each([
  [{ from: "0" }, {}, /^--from 0: allowed is a number in 1\.\.10000000$/],
  [{ to: "10" }, {}, /^--to 10: allowed is a number in 1000\.\.10000000$/],
  [{ knee: "low" }, {}, /^--knee low: allowed is a number in 1\.1\.\./],
  [{ thresholds: ["p99"] }, {}, /^--threshold p99: allowed is a metric/],
  [{}, { transport: "sim" }, /^--transport sim: work takes no time there, and nothing saturates; allowed with --costs/],
])("a mistake is one line: %o %o", (given, flags, message) => {
  const typed = { from: "1000", to: "10000000", knee: "10", thresholds: [], ...given };
  expect(() => rampOf(flagsOf({ transport: "inproc", ...flags }), typed)).toThrow(UsageError);
  expect(() => rampOf(flagsOf({ transport: "inproc", ...flags }), typed)).toThrow(message);
});
