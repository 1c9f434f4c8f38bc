/** What a workload wants to be in the store before the load begins. */
import { defineWorkload, second, uniqueValue } from "paxbench";
import { settingsFor } from "paxbench/testing";
import { expect, it } from "vitest";
import raft from "../../protocols/raft/index.ts";
import { RecordedHistory } from "../../src/check/recorded-history.ts";
import { simulate } from "../../src/sim/simulation.ts";

const count = 20;
const prepared = defineWorkload<object>({
  name: "prepared",
  summary: "reads what was there before",
  source: "a test",
  options: {},
  prepare: () => ({ count, operation: (index) => ({ type: "put", key: `k${index}`, value: uniqueValue(index, 0, 8) }) }),
  create: ({ random }) => ({ next: () => ({ operation: { type: "get", key: `k${random.below(count)}` }, shared: true }) }),
});

it.each([
  ["a closed loop", null],
  ["an open loop", { rate: 100, arrivals: "fixed", outstanding: 4 }],
] as const)("is there before %s begins, which is measured alone, and faults keep their distance from it", (_, openLoop) => {
  const history = new RecordedHistory();
  const shares: number[] = [];
  const settings = settingsFor(raft, { workload: prepared, warmup: 0, duration: second, openLoop, scenario: { name: "x", summary: "", steps: [{ at: second / 2, fault: { type: "pause", replica: "follower", for: 1000 } }] } });
  const { recorder, violations, unknown, faultEvents } = simulate({ ...settings, workloadOptions: {} }, { history, prepared: (share) => void shares.push(share) });
  expect([violations, unknown]).toEqual([[], 0]);
  expect(shares.at(-1)).toBe(1);
  const { operations } = history;
  const writes = operations.filter(({ f }) => f === "write");
  const reads = operations.filter(({ f }) => f === "read");
  expect([writes.length, new Set(writes.map(({ key }) => key))]).toEqual([count, new Set(Array.from({ length: count }, (__, index) => `k${index}`))]);
  expect(Math.max(...writes.map(({ returned }) => returned))).toBeLessThan(Math.min(...reads.map(({ called }) => called)));
  expect(reads.filter((read) => read.f === "read" && read.result === null)).toEqual([]);
  expect(recorder.counts.completed).toBeGreaterThan(50);
  expect(recorder.counts.completed).toBeLessThanOrEqual(reads.length);
  expect(faultEvents.map(({ at }) => at)).toEqual([second / 2]);
});
