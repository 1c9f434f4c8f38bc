import { millisecond, second } from "paxbench";
import { simulateProtocol, type TestRun } from "paxbench/testing";
import { expect, test } from "vitest";
import { RecordedHistory } from "../../src/check/recorded-history.ts";
import { judgeHistory } from "../../src/experiment/judge-history.ts";
import type { Fault, Scenario } from "../../src/faults/scenario.ts";
import { summarize } from "../../src/measure/latency.ts";
import { createSequencer } from "./sequencer.ts";

/** 3 replicas 20 ms apart; 300 operations a second over six clients. */
const open: TestRun = { openLoop: { rate: 300, arrivals: "poisson", outstanding: 64 }, duration: 4 * second, conflict: 0.5 };

const once = (at: number, fault: Fault): Scenario => ({ name: fault.type, steps: [{ at, fault }] });

/** The replica that puts everything in order stands still for a second. */
const stall = once(second, { type: "pause", replica: 0, for: second });

const outcomeOf = (more: TestRun = {}, history?: RecordedHistory) => {
  const { recorder, ...outcome } = simulateProtocol(createSequencer("none"), { ...open, ...more }, history === undefined ? {} : { history });
  const [response, coordinated, late] = (["response", "coordinated", "late"] as const).map((kind) => summarize(recorder.total(kind)));
  return { ...outcome, counts: recorder.counts, response: response!, coordinated: coordinated!, late: late! };
};

test("requests arrive at the rate asked for, never late in virtual time, and the judges hold", () => {
  const history = new RecordedHistory();
  const { counts, late, violations, failed, unknown } = outcomeOf({}, history);
  expect(Math.abs(counts.arrived - 1200) / Math.sqrt(1200)).toBeLessThan(3.3);
  expect([counts.dropped, late.max, failed, unknown]).toEqual([0, 0, 0, 0]);
  expect(violations).toEqual([]);
  expect(judgeHistory(history.operations, history.invoked, "").history.linearizable).toBe(true);
});

test("a stall: what a closed loop would have shown hides it", () => {
  const { response, coordinated, violations } = outcomeOf({ scenario: stall });
  // A third of the requests of a fifth of the time waits, but of each client one.
  expect(response.p95).toBeGreaterThan(300);
  expect(coordinated.p95).toBeLessThan(100);
  expect(violations).toEqual([]);
});

test("beyond the bound requests are dropped, and counted", () => {
  const { counts, response } = outcomeOf({ openLoop: { rate: 300, arrivals: "fixed", outstanding: 1 }, scenario: stall });
  expect(counts.arrived).toBe(1200);
  expect(counts.dropped).toBeGreaterThan(100);
  expect(response.count).toBe(counts.completed);
  expect(Math.abs(counts.arrived - counts.dropped - counts.completed), "but for those open at either end").toBeLessThan(12);
});

test("the same seed is the same run", () => {
  const short: TestRun = { duration: second / 2, scenario: null };
  expect(outcomeOf(short)).toEqual(outcomeOf(short));
  expect(outcomeOf({ ...short, seed: 2 }).counts).not.toEqual(outcomeOf(short).counts);
});

test("without an answer in time, every session of a client need not find out by itself", () => {
  const crash = once(100 * millisecond, { type: "crash", replica: 2 });
  const { counts, response } = outcomeOf({ scenario: crash, requestTimeout: second / 2 });
  // Of two clients of three: what arrived there until the first timeout, and no more.
  expect(response.max).toBeGreaterThan(500);
  expect(counts.completed / counts.arrived).toBeGreaterThan(0.97);
  expect(response.p90).toBeLessThan(300);
});
