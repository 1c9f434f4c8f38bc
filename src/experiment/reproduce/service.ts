/** When a cluster served its clients again. */
import type { HistoryOperation } from "../../check/history.ts";
import { HistoryReader } from "../../check/history-reader.ts";
import { millisecond } from "../../core/ids.ts";
import type { RunHistory } from "../outcome.ts";
import type { RunResult } from "../result.ts";

const nanos = (ms: number): number => ms * millisecond * 1000;

/** ns. The first reply, before `until`, to a request that was made after `after`, by `client` or anybody. Infinity: none. */
export const firstReply = (operations: readonly HistoryOperation[], after: number, until: number, client?: number): number => {
  let first = Infinity;
  for (const operation of operations) {
    const { calledAt, returnedAt } = operation;
    if (client !== undefined && operation.client !== client) continue;
    if (calledAt! > after && returnedAt !== null && returnedAt < until) first = Math.min(first, returnedAt);
  }
  return first;
};

/**
 * ms from a run's first fault until somebody was answered what he asked after the last one, all while it lasted. Infinity: nobody.
 * The scenario's last step heals.
 */
export const servedAfter = ({ faults, warmupMs, durationMs }: RunResult, { jsonLines }: RunHistory): number => {
  const reader = new HistoryReader("history");
  for (const line of jsonLines.split("\n")) if (line !== "") reader.read(line);
  reader.end();
  const events = faults!.events.filter(({ fault }) => fault.type !== "heal");
  const [first, last] = [events[0]!, events.at(-1)!].map(({ atMs }) => atMs + warmupMs);
  return firstReply(reader.operations, nanos(last!), nanos(warmupMs + durationMs)) / nanos(1) - first!;
};
