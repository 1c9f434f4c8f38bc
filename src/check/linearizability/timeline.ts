import type { Interval } from "./model.ts";

/**
 * The real-time order of one partition, as numbers that a search can walk along.
 *
 * Operations that returned come first, in the order of their returns; those with unknown outcome follow, in the order of
 * their calls. So the first operation not yet taken is also the first that must be taken, and the place of a search in
 * the history is one number.
 */
export interface Timeline<Op> {
  readonly operations: readonly Op[];
  /** How many of them returned. */
  readonly returned: number;
  /** Numbers of the operations that returned, in the order of their calls. */
  readonly byCall: Int32Array;
  /** By return: how many of `byCall` were called before it, and how many of those with unknown outcome. */
  readonly callsBefore: Int32Array;
  readonly unknownBefore: Int32Array;
  /** By operation that returned: its slot. No two that are open at one time share a slot. */
  readonly slot: Int32Array;
  /** By operation that returned: who had its slot before, or -1. */
  readonly before: Int32Array;
  readonly slots: number;
}

export const timelineOf = <Op extends Interval>(operations: readonly Op[]): Timeline<Op> => {
  const closed = operations.filter((operation) => operation.returned < Infinity).sort((a, b) => a.returned - b.returned);
  const unknown = operations.filter((operation) => operation.returned === Infinity).sort((a, b) => a.called - b.called);
  const returned = closed.length;
  const byCall = Int32Array.from(closed.keys()).sort((a, b) => closed[a]!.called - closed[b]!.called);
  const callsBefore = new Int32Array(returned);
  const unknownBefore = new Int32Array(returned);
  const slot = new Int32Array(returned);
  const before = new Int32Array(returned);

  const occupants: number[] = [];
  const vacant: number[] = [];
  let calls = 0;
  let unknowns = 0;
  for (let i = 0; i < returned; i++) {
    const at = closed[i]!.returned;
    for (; calls < returned && closed[byCall[calls]!]!.called < at; calls++) {
      const called = byCall[calls]!;
      const free = vacant.pop() ?? occupants.length;
      slot[called] = free;
      before[called] = occupants[free] ?? -1;
      occupants[free] = called;
    }
    while (unknowns < unknown.length && unknown[unknowns]!.called < at) unknowns++;
    callsBefore[i] = calls;
    unknownBefore[i] = unknowns;
    vacant.push(slot[i]!);
  }
  return { operations: [...closed, ...unknown], returned, byCall, callsBefore, unknownBefore, slot, before, slots: occupants.length };
};
