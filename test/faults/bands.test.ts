import { expect, test } from "vitest";
import { bandsOf } from "../../src/faults/bands.ts";
import type { Fault } from "../../src/faults/scenario.ts";

const cut = (from: number, to: number): Fault => ({ type: "cut", from, to });
const heal: Fault = { type: "heal" };
const restart = (replica: number | "all"): Fault => ({ type: "restart", replica });

/** Of the first fault, which comes at 10; the run ends at 100. */
const cases: readonly (readonly [string, readonly (readonly [number, Fault])[], until: number])[] = [
  ["a cut lasts until a heal of everything", [[10, cut(0, 1)], [20, cut(1, 2)], [30, heal]], 30],
  ["or of its link", [[10, cut(0, 1)], [20, { type: "heal", from: 1, to: 0 }], [30, { type: "heal", from: 0, to: 1 }]], 30],
  ["or to the end", [[10, { type: "isolate", replica: 1 }], [20, restart(1)]], 100],
  ["a pause ends by itself", [[10, { type: "pause", replica: 1, for: 5 }], [30, heal]], 15],
  ["or by a heal", [[10, { type: "pause", replica: 1, for: 50 }], [30, heal]], 30],
  ["a crash lasts until that replica is back", [[10, { type: "crash", replica: 1 }], [20, restart(0)], [30, heal], [40, restart(1)]], 40],
  ["or all are", [[10, { type: "crash", replica: 1 }], [20, restart("all")]], 20],
  ["a crash of all, until the last one is", [[10, { type: "crash", replica: "all" }], [20, restart(0)], [30, restart(2)], [40, restart(1)]], 40],
  ["and if one stays down, to the end", [[10, { type: "crash", replica: "all" }], [20, restart(0)], [30, restart(2)]], 100],
  ["a heal is a moment", [[10, heal], [20, heal]], 10],
];

test.each(cases)("%s", (_, events, until) => {
  const bands = bandsOf(events.map(([at, fault]) => ({ at, fault })), 3, 100);
  expect(bands[0]).toEqual({ fault: events[0]![1], event: 0, from: 10, until });
  expect(bands.map(({ event }) => event)).toEqual(events.map((_, place) => place));
});
