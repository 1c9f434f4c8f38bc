import type { HistoryOperation } from "../check/history.ts";
import { checkLinearizability } from "../check/linearizability/check.ts";
import { kv } from "../check/linearizability/kv.ts";
import { witnessText } from "../check/linearizability/witness-text.ts";
import { viewOf } from "../check/linearizability/witness-view.ts";
import { isCut } from "../check/recorded-history.ts";
import type { Violation } from "../check/violation.ts";
import type { RunHistory } from "./outcome.ts";

export interface JudgedHistory {
  readonly history: RunHistory;
  readonly violations: readonly Violation[];
}

/** ms and bytes. */
const patience = 60_000;
const memory = 2 ** 30;

/** Is what the clients of a run saw linearizable? `invoked`: operations called, also those that failed. */
export const judgeHistory = (operations: readonly HistoryOperation[], invoked: number, jsonLines: string): JudgedHistory => {
  const limits = { clock: () => performance.now(), deadline: performance.now() + patience, memory };
  const verdict = checkLinearizability(operations, kv, limits);
  const keys = new Set(operations.flatMap(kv.keysIn(operations))).size;
  const linearizable = verdict.linearizable === true && isCut(jsonLines) ? "unknown" : verdict.linearizable;
  const seen = { linearizable, jsonLines, operations: invoked, keys };
  if (verdict.linearizable !== false) return { history: { ...seen, witness: null }, violations: [] };
  return {
    history: { ...seen, witness: viewOf(verdict.witness, kv) },
    violations: [{ check: "linearizable", detail: witnessText(verdict.witness, kv).trim() }],
  };
};
