import { describe, expect, test } from "vitest";
import { warningsOf } from "../../src/experiment/warnings.ts";
import type { OpenLoopResult, RunResult } from "../../src/experiment/result.ts";
import { noLatency, run } from "../report/fixture.ts";

const node = (name: string, busy: number) => ({ node: name, cpu: busy / 2, busy, pauses: { count: 0, totalMs: 0, longestMs: 0 } });

/** 10,000 operations in 10 s, all sent in time. */
const open = (changes: Partial<OpenLoopResult> = {}): Partial<RunResult> => ({
  throughputOpsPerSec: 1000,
  openLoop: {
    rateOpsPerSec: 1000, arrivals: "poisson", outstanding: 64, arrived: 10_000, offeredOpsPerSec: 1000, dropped: 0,
    lateMs: noLatency, coordinatedMs: noLatency, ...changes,
  },
});

const steady = Array.from({ length: 100 }, () => 100);
const windows = (completed: readonly number[]): Partial<RunResult> => ({ timeline: { windowMs: 100, completed } });

const cases: readonly (readonly [string, Partial<RunResult> & { readonly profiled?: boolean }, readonly string[]])[] = [
  ["nothing", {}, []],
  ["a load that is busy, replicas that are not", { nodes: [node("replica 0", 0.6), node("replica 1", 0.9), node("load 0", 0.97)] }, ["generator"]],
  ["a load and a replica that are", { nodes: [node("replica 0", 0.95), node("load 0", 0.97)] }, []],
  ["a busy load, replicas unseen", { nodes: [node("load 0", 0.97)] }, ["generator"]],
  ["an open loop that keeps up", open(), []],
  ["one that does not", { ...open(), throughputOpsPerSec: 940 }, ["behind"]],
  ["few arrivals: chance", { ...open({ arrived: 900 }), throughputOpsPerSec: 900 }, []],
  ["dropped requests", open({ dropped: 1 }), ["dropped"]],
  ["late sends", open({ lateMs: { ...noLatency, p99: 100 } }), ["late"]],
  ["late by less than a tenth of the latency", open({ lateMs: { ...noLatency, p99: 1.1 } }), []],
  ["a steady throughput", windows(steady), []],
  ["one that halves", windows(steady.map((count, i) => (i < 50 ? count : count / 2))), ["dispersion"]],
  ["one that halves for the scenario", { ...windows(steady.map((count, i) => (i < 50 ? count : count / 2))), faults: { injected: {}, excluded: {}, events: [], recoveredAfterMs: null } }, []],
  ["few answers: chance", windows(steady.map((_, i) => (i % 7 === 0 ? 1 : 0))), []],
  ["too few windows", windows([1, 100, 1]), []],
  ["a profiler", { profiled: true }, ["profiler"]],
  ["a warm-up that found no end", { steady: { found: false, transientMs: null, limitMs: 30_000, rule: "r" } }, ["unsteady"]],
  ["a machine of our own", { machine: { cores: 2, usedCores: 2, ownCores: 1.8 } }, []],
  ["other programs", { machine: { cores: 2, usedCores: 2, ownCores: 1 } }, ["machine"]],
];

describe("warnings", () => {
  test.each(cases)("%s", (_, changes, rules) => {
    const warnings = warningsOf({ profiled: false, ...run(0), ...windows(steady), ...changes });
    expect(warnings.map(({ rule }) => rule)).toEqual(rules);
    for (const { detail } of warnings) expect(detail).toMatch(/\(rule: .+\)$/);
  });
});
