import { expect, test } from "vitest";
import { Ledger } from "../../src/check/ledger.ts";
import { ExecutionLog, ExecutionReader, type ExecutionChunk } from "../../src/runtime/executions.ts";

/** A log per replica, all into one ledger; `chunks` counts what crossed. */
const connect = (replicas: number): { logs: ExecutionLog[]; ledger: Ledger; chunks: ExecutionChunk[] } => {
  const ledger = new Ledger(replicas, { restarts: false });
  const chunks: ExecutionChunk[] = [];
  const logs = Array.from({ length: replicas }, (_, replica) => {
    const reader = new ExecutionReader(ledger, replica);
    return new ExecutionLog((chunk) => {
      chunks.push(chunk);
      reader.take(structuredClone(chunk));
    });
  });
  return { logs, ledger, chunks };
};

test("nothing is delivered before a chunk is full, or it is asked for", () => {
  const { logs, chunks } = connect(1);
  logs[0]!.add("a", false, 0, 0);
  expect(chunks).toEqual([]);
  logs[0]!.flush();
  logs[0]!.flush();
  expect(chunks).toHaveLength(1);
});

test("equal histories over many chunks and keys are clean, whatever numbers the keys have", () => {
  const { logs, ledger, chunks } = connect(2);
  const entries = Array.from({ length: 20_000 }, (_, i) => ({ key: `k${i % 300}`, readOnly: i % 5 === 0, sequence: i }));
  // The other replica meets the keys in another order: it executes each key's requests in turn.
  const byKey = entries.toSorted((a, b) => b.key.localeCompare(a.key) || a.sequence - b.sequence);
  for (const { key, readOnly, sequence } of entries) logs[0]!.add(key, readOnly, 7, sequence);
  for (const { key, readOnly, sequence } of byKey) logs[1]!.add(key, readOnly, 7, sequence);
  for (const log of logs) log.flush();
  expect(chunks.length).toBeGreaterThan(4);
  expect(chunks.reduce((keys, { newKeys }) => keys + newKeys.length, 0)).toBe(600);
  expect(ledger.violations).toEqual([]);
});

test("the ledger sees key, request and order as they were", () => {
  const { logs, ledger } = connect(2);
  logs[0]!.add("x", false, 1, 10);
  logs[0]!.add("y", false, 2_000_000, 4_000_000_000);
  logs[0]!.addScan(3, 31);
  logs[1]!.add("y", false, 3, 30);
  logs[1]!.add("x", false, 1, 10);
  logs[1]!.addScan(3, 31);
  for (const log of logs) log.flush();
  expect(ledger.violations).toEqual([
    {
      check: "ledger",
      detail: 'key "y" position 0: replica 1 executed 3.30, but replica 0 executed 2000000.4000000000 there before',
    },
    { check: "ledger", detail: "replica 1 executed scan 3.31 after 2 writes, but replica 0 after others" },
  ]);
});

test("a request on several keys is one request", () => {
  const { logs, ledger } = connect(1);
  for (const key of ["x", "y"]) logs[0]!.add(key, false, 1, 10, key === "y");
  logs[0]!.flush();
  expect(ledger.violations).toEqual([]);
});
