import { expect, test } from "vitest";
import { WorkCounter, workKinds, workSince } from "../../src/measure/work.ts";

const counted = (happens: (work: WorkCounter) => void) => {
  const work = new WorkCounter(3);
  happens(work);
  return Object.fromEntries(workKinds.map((kind) => [kind, work.done[kind]]).filter(([, times]) => times !== 0));
};

test.each<[string, (work: WorkCounter) => void, Record<string, number>]>([
  ["turns", (work) => [1, 2].map(() => work.endTurn()), { turn: 2 }],
  ["messages of two replicas: each read once", (work) => [1, 2, 1].map((from) => work.received(from, 2)), { read: 2, receive: 3, byteIn: 6 }],
  ["requests: all clients are one node", (work) => [1, 2, 3].map((bytes) => work.requested(bytes)), { read: 1, request: 3, byteIn: 6 }],
  ["messages to two replicas: each written to once", (work) => [1, 2, 2].map((to) => work.sent(to, 1)), { write: 2, send: 3, byteOut: 3 }],
  ["replies: one write, the rest came with their requests", (work) => [1, 2].map(() => work.replied()), { write: 1 }],
  ["records: one sync", (work) => [1, 2].map((bytes) => work.persisted(bytes)), { record: 2, byteOut: 3, sync: 1 }],
  ["executions", (work) => [1, 2].map(() => work.executed()), { execute: 2 }],
  ["the next turn reads, writes and syncs anew", (work) => [1, 2].map(() => {
    work.received(1, 0);
    work.sent(1, 0);
    work.persisted(0);
    work.endTurn();
  }), { turn: 2, read: 2, receive: 2, write: 2, send: 2, record: 2, sync: 2 }],
])("%s", (_, happens, expected) => {
  expect(counted(happens)).toEqual(expected);
});

test("31 replicas and their clients are 32 nodes", () => {
  const work = new WorkCounter(31);
  for (let from = 0; from < 31; from++) work.received(from, 0);
  work.requested(0);
  work.requested(0);
  expect(work.done).toMatchObject({ read: 32, receive: 31, request: 2 });
});

test("a window is what was done between its ends", () => {
  const work = new WorkCounter(3);
  work.executed();
  const before = { cpu: 10, done: work.snapshot() };
  work.executed();
  work.endTurn();
  const { cpu, done } = workSince(before, { cpu: 15, done: work.snapshot() });
  expect([cpu, done.execute, done.turn, done.send]).toEqual([5, 1, 1, 0]);
});
