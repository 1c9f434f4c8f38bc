import type { Operation, OperationResult } from "paxbench";
import { expect, test } from "vitest";
import { HistoryReader } from "../../src/check/history-reader.ts";
import { isCut, RecordedHistory } from "../../src/check/recorded-history.ts";
import { judgeHistory } from "../../src/experiment/judge-history.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const done: OperationResult = { ok: true, value: null };

const calls: readonly (readonly [Operation, OperationResult | "failed" | null])[] = [
  [{ type: "put", key: "x", value: bytes("1") }, done],
  [{ type: "get", key: "x" }, { ok: true, value: bytes("1") }],
  [{ type: "get", key: "y" }, done],
  [{ type: "cas", key: "x", expected: bytes("1"), value: bytes("2") }, done],
  [{ type: "cas", key: "x", expected: null, value: bytes("3") }, { ok: false, value: null }],
  [{ type: "append", key: "x", value: bytes("a") }, done],
  [{ type: "swap", key: "x", value: bytes("4") }, { ok: true, value: bytes("2a") }],
  [{ type: "scan", key: "w", limit: 3 }, { ok: true, entries: [{ key: "x", value: bytes("4") }] }],
  [
    { type: "txn", operations: [{ type: "get", key: "x" }, { type: "put", key: "y", value: bytes("5") }, { type: "swap", key: "y", value: bytes("6") }, { type: "delete", key: "x" }] },
    { ok: true, results: [{ ok: true, value: bytes("4") }, { ok: true, value: null }, { ok: true, value: bytes("5") }, { ok: true, value: null }] },
  ],
  [{ type: "txn", operations: [{ type: "cas", key: "x", expected: bytes("9"), value: bytes("7") }] }, { ok: false, results: [] }],
  [{ type: "append", key: "x", value: bytes("c") }, "failed"],
  [{ type: "txn", operations: [{ type: "append", key: "y", value: bytes("b") }, { type: "get", key: "y" }] }, null],
  [{ type: "scan", key: "", limit: 9 }, null],
  [{ type: "delete", key: "y" }, null],
];

test("what was recorded is what a reader of its lines finds", () => {
  const history = new RecordedHistory();
  calls.forEach(([operation, result], i) => {
    history.called(i, operation, 10 * i);
    if (result === "failed") history.failed(i, 10 * i + 5);
    else if (result !== null) history.returned(i, result, 10 * i + 5);
  });
  const reader = new HistoryReader("h");
  const lines = history.toJsonLines().trimEnd().split("\n");
  for (const line of lines) reader.read(line);
  reader.end();
  expect(reader.operations.toSorted((a, b) => a.called - b.called)).toEqual(history.operations);
  expect([reader.invoked, reader.operations.length]).toEqual([calls.length, calls.length - 3]);
  expect(JSON.parse(lines.at(-8)!)).toEqual({
    index: lines.length - 8, process: 8, type: "ok", f: "txn", key: null, time: 85_000,
    value: [["r", "x", "4"], ["w", "y", "5"], ["swap", "y", "5"], ["delete", "x", null]],
  });
});

test("who gave an operation up goes on as another process", () => {
  const history = new RecordedHistory();
  const put = (client: number, text: string): void => history.called(client, { type: "put", key: "x", value: bytes(text) }, 0);
  put(0, "1");
  put(1, "2");
  history.abandoned(1, 2, 1);
  put(1, "3");
  history.abandoned(1, 2, 2);
  put(1, "4");
  history.returned(1, done, 3);
  history.returned(0, done, 3);
  const events = history.toJsonLines().trimEnd().split("\n").map((line) => JSON.parse(line) as { process: number; type: string; value: string });
  expect(events.map(({ process, type, value }) => `${process} ${type} ${value}`)).toEqual([
    "0 invoke 1", "1 invoke 2", "1 info 2", "3 invoke 3", "3 info 3", "5 invoke 4", "5 ok 4", "0 ok 1",
  ]);
  const reader = new HistoryReader("h");
  for (const event of events) reader.read(JSON.stringify(event));
  reader.end();
  expect(reader.operations.toSorted((a, b) => a.called - b.called)).toEqual(history.operations);
  expect(history.operations.length).toBe(4);
});

test("without room for more it is the history of what happened until then, and says so", () => {
  const history = new RecordedHistory(1000);
  for (let sequence = 0; sequence < 50; sequence++) {
    history.called(sequence % 2, { type: "put", key: "x", value: bytes(String(sequence)) }, 2 * sequence);
    if (sequence > 0) history.returned((sequence - 1) % 2, done, 2 * sequence + 1);
  }
  const text = history.toJsonLines();
  expect(isCut(text)).toBe(true);
  expect(text.length).toBeLessThan(1500);
  const reader = new HistoryReader("x");
  for (const line of text.trimEnd().split("\n")) reader.read(line);
  reader.end();
  expect(reader.operations).toEqual(history.operations);
  expect(reader.operations.filter(({ returned }) => returned === Infinity).length, "open when it ended").toBeGreaterThan(0);
  const { history: judged } = judgeHistory(history.operations, history.invoked, text);
  expect([judged.linearizable, judged.operations]).toEqual(["unknown", history.invoked]);
});
