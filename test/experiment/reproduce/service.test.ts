import { expect, it } from "vitest";
import type { HistoryOperation } from "../../../src/check/history.ts";
import type { Fault } from "../../../src/faults/scenario.ts";
import { firstReply, servedAfter } from "../../../src/experiment/reproduce/service.ts";
import type { RunResult } from "../../../src/experiment/result.ts";
import { run } from "../../report/fixture.ts";

/** By client, ms of call and answer. */
const jsonLines = (calls: readonly (readonly [client: number, called: number, returned: number])[]): string =>
  calls
    .flatMap(([process, called, returned]) => [
      { process, type: "invoke", f: "write", key: "k", value: called, time: called * 1e6 },
      { process, type: "ok", f: "write", key: "k", value: called, time: returned * 1e6 },
    ])
    .toSorted((a, b) => a.time - b.time)
    .map((event) => `${JSON.stringify(event)}\n`)
    .join("");

const cut = (atMs: number) => ({ atMs, fault: { type: "cut" as const, from: 0, to: 1 } });
const faulty = (...events: readonly { readonly atMs: number; readonly fault: Fault }[]): RunResult =>
  run(0, { warmupMs: 100, durationMs: 1000, faults: { injected: {}, excluded: {}, events, recoveredAfterMs: null } });

const after = (calls: Parameters<typeof jsonLines>[0], result = faulty(cut(200), cut(250), { atMs: 1000, fault: { type: "heal" } })): number =>
  servedAfter(result, { linearizable: true, jsonLines: jsonLines(calls), operations: calls.length, keys: 1, witness: null });

it("service counts from the first fault to the first reply to what was asked after the last one, while it lasts", () => {
  expect(after([[0, 290, 360], [0, 370, 500], [1, 355, 600]])).toBe(200);
  expect(after([[0, 340, 900], [1, 345, 346]])).toBe(Infinity); // asked between the two
  expect(after([[0, 400, 1101]])).toBe(Infinity); // answered once all was mended
  expect(after([[0, 400, 1099]])).toBe(799);
});

const operation = (client: number, calledAt: number, returnedAt: number | null) => ({ client, calledAt, returnedAt }) as HistoryOperation;

it("first reply of one client", () => {
  const operations = [operation(0, 5, 9), operation(1, 1, 3), operation(1, 5, null), operation(1, 6, 12)];
  expect([firstReply(operations, 4, 20), firstReply(operations, 4, 20, 1), firstReply(operations, 4, 12, 1)]).toEqual([9, 12, Infinity]);
});
