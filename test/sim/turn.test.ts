import { expect, test } from "vitest";
import { noCosts, type Costs } from "../../src/sim/costs.ts";
import { Turn } from "../../src/sim/turn.ts";

/** Each cost another power of two: a sum tells what was charged. */
const names = ["turn", "read", "write", "receive", "send", "byte", "request", "execute", "record", "sync"] as const;
const costs: Costs = { ...noCosts, ...Object.fromEntries(names.map((name, bit) => [name, 16 ** bit])) };

const charged = (work: number): Record<string, number> =>
  Object.fromEntries(names.map((name, bit) => [name, Math.floor(work / 16 ** bit) % 16]).filter(([, times]) => times !== 0));

const frame = (bytes: number): Uint8Array => new Uint8Array(bytes);

test.each<[string, (turn: Turn) => void, Record<string, number>]>([
  ["an empty one", () => {}, {}],
  ["messages of two replicas: each read once", (turn) => [1, 2, 1].map((from) => turn.received(from, 2)), { read: 2, receive: 3, byte: 6 }],
  ["requests: all clients are one node", (turn) => [1, 2, 3].map(() => turn.requested()), { read: 1, request: 3 }],
  ["messages to two replicas: each written to once", (turn) => [1, 2, 2].map((to) => turn.send(to, frame(1))), { write: 2, send: 3, byte: 3 }],
  ["replies cost a write, the rest came with their requests", (turn) => [7, 8].map((client) => turn.reply(client, 0, null)), { write: 1 }],
  ["records: one sync", (turn) => [1, 2].map((bytes) => turn.persisted(bytes)), { record: 2, byte: 3, sync: 1 }],
  ["executions", (turn) => [1, 2].map(() => turn.executed()), { execute: 2 }],
])("%s", (_, happens, expected) => {
  const turn = new Turn(costs, 3);
  happens(turn);
  expect(charged(turn.work)).toEqual({ turn: 1, ...expected });
});

test("31 replicas and their clients are 32 nodes", () => {
  const turn = new Turn(costs, 31);
  for (let from = 0; from < 31; from++) turn.received(from, 0);
  turn.requested();
  turn.requested();
  const reads = 32 * costs.read + 31 * costs.receive + 2 * costs.request + costs.turn;
  expect(turn.work).toBe(reads);
});

test("what is less than a µs is the next turn's", () => {
  const first = new Turn({ ...noCosts, turn: 0.75 }, 3);
  const second = new Turn({ ...noCosts, turn: 0.75 }, 3, first.owed);
  expect([first.work, second.work, second.owed]).toEqual([0, 1, 0.5]);
});
