/** Transactions' steps return together: which of them a refutation blames. */
import { expect, test } from "vitest";
import { HistoryReader } from "../../../src/check/history-reader.ts";
import { checkLinearizability } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { viewOf } from "../../../src/check/linearizability/witness-view.ts";

type Step = readonly [string, string, ...unknown[]];

/** A write of "old", then a transaction with these steps: as called, and as it returned. */
const blamed = (called: readonly Step[], returned: readonly Step[]): readonly string[] => {
  const events = [
    ["invoke", "write", "k", "old"], ["ok", "write", "k", "old"],
    ["invoke", "txn", null, called], ["ok", "txn", null, returned],
  ];
  const reader = new HistoryReader("history");
  for (const [type, f, key, value] of events) reader.read(JSON.stringify({ process: 0, type, f, key, value }));
  reader.end();
  const verdict = checkLinearizability(reader.operations, kv, { clock: () => 0, deadline: 1, memory: 2 ** 30 });
  if (verdict.linearizable !== false) throw new Error("not refuted");
  return viewOf(verdict.witness, kv).reason;
};

test("the step that does not fit, not one that would", () => {
  const steps: Step[] = [["w", "k", "first"], ["swap", "k", "second"]];
  const reason = blamed(steps, [steps[0]!, ["swap", "k", "second"]]);
  expect(reason[0]).toContain('swap "second" → was "second"');
});

test("two that fit by themselves, but not together", () => {
  const reason = blamed([["swap", "k", "first"], ["swap", "k", "second"]], [["swap", "k", "old"], ["swap", "k", "old"]]);
  expect(reason.at(-1)).toBe("By itself it fits there, but not together with what returned at the same time.");
});
