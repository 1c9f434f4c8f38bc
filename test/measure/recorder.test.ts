import { second } from "paxbench";
import { describe, expect, test } from "vitest";
import { summarize } from "../../src/measure/latency.ts";
import { Recorder } from "../../src/measure/recorder.ts";

/** One of everything at site 1. */
const recordAll = (recorder: Recorder, now: number, latency: number): void => {
  recorder.latency("commit", 1, latency);
  recorder.latency("execute", 1, 2 * latency);
  recorder.completed(1, 3 * latency, true, now);
  recorder.completed(0, 4 * latency, false, now);
  recorder.arrived(1, 5 * latency);
  recorder.dropped();
  recorder.sent(100);
  for (const note of ["leader", "fast", "fast", "slow"] as const) recorder.noted(note);
};

test("nothing outside the window leaves a trace", () => {
  const recorder = new Recorder(2);
  recordAll(recorder, 0.5 * second, 1000);
  recorder.open(second);
  recordAll(recorder, 2 * second, 2000);
  recorder.close(3 * second);
  recordAll(recorder, 4 * second, 3000);
  expect(recorder.counts).toEqual({
    completed: 2, shared: 1, fast: 2, slow: 1, leaderChanges: 1, messages: 1, bytes: 100, arrived: 2, dropped: 1, longestStall: second,
  });
  expect(summarize(recorder.total("commit"))).toMatchObject({ count: 1, max: 2 });
  expect(summarize(recorder.total("execute")).count).toBe(1);
  expect(summarize(recorder.total("response")).count).toBe(2);
  expect([0, 1].map((site) => recorder.histogram("commit", site).totalCount)).toEqual([0, 1]);
});

describe("the longest stall", () => {
  test.each<[string, number[], number]>([
    ["a window without replies is one stall", [], 10],
    ["from the start of the window to the first reply", [4, 5, 6, 7, 8, 9], 4],
    ["between two replies", [1, 2, 8, 9], 6],
    ["from the last reply to the end of the window", [1, 3], 7],
  ])("%s", (_, replies, expected) => {
    const recorder = new Recorder(1);
    recorder.completed(0, 1, false, 0); // in the warm-up
    recorder.open(100 * second);
    for (const reply of replies) recorder.completed(0, 1, false, (100 + reply) * second);
    recorder.close(110 * second);
    recorder.completed(0, 1, false, 200 * second);
    expect(recorder.counts.longestStall).toBe(expected * second);
  });
});

test.each(["the shorter", "the longer"])("adding recorders adds counts and histograms site by site; of stalls the longer counts, added to %s", (which) => {
  const recorders = [1000, 2000].map((latency, i) => {
    const recorder = new Recorder(2);
    recorder.open(0);
    recordAll(recorder, (i + 1) * second, latency);
    recorder.close((i + 1) * second);
    return recorder;
  });
  const [sum, other] = (which === "the shorter" ? recorders : recorders.toReversed()) as [Recorder, Recorder];
  sum.add(other);
  expect(sum.counts).toEqual({
    completed: 4, shared: 2, fast: 4, slow: 2, leaderChanges: 2, messages: 2, bytes: 200, arrived: 4, dropped: 2, longestStall: 2 * second,
  });
  expect(summarize(sum.histogram("response", 0))).toMatchObject({ count: 2, max: 8.003 });
  expect(summarize(sum.histogram("commit", 0)).count).toBe(0);
});

test("the timeline counts replies by window, empty ones too, and adds up over recorders", () => {
  const [one, other] = [new Recorder(1), new Recorder(1)];
  for (const [recorder, start, replies] of [[one, 7_000, [0, 99_999, 100_000, 350_000]], [other, 900_000, [350_000, 410_000]]] as const) {
    recorder.completed(0, 1, false, start - 1);
    recorder.open(start);
    for (const reply of replies) recorder.completed(0, 1, false, start + reply);
    recorder.close(start + 550_000);
    recorder.completed(0, 1, false, start + 560_000);
  }
  expect(one.timeline).toEqual([2, 1, 0, 1, 0, 0]);
  one.add(other);
  expect(one.timeline).toEqual([2, 1, 0, 2, 1, 0]);
});
