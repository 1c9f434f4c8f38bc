/** Between the search for an order and what the order is of: a model says what operations do, the search knows nothing of it. */

/** What the search must know of any operation: its place in real time. `returned` is `Infinity` for an unknown outcome. */
export interface Interval {
  readonly called: number;
  readonly returned: number;
}

/** A sequential object. */
export interface Model<Op extends Interval> {
  readonly name: string;
  /**
   * What each of `operations` touches, given all of them. Those that share a key, if only through others, are judged
   * together; what touches nothing always holds.
   */
  keysIn(operations: readonly Op[]): (operation: Op) => readonly string[];
  /** Simpler histories, one on each key, that hold if this one does: what refutes one of them refutes it. Or none. */
  projections(operations: readonly Op[]): readonly { readonly key: string; readonly operations: readonly Op[] }[];
  /** The specification, for the operations of one partition on `keys`. States are immutable and meant for people. */
  initial(keys: readonly string[]): unknown;
  /** The state after `operation`, or undefined where its result rules it out. With an unknown outcome any result will do. */
  apply(state: unknown, operation: Op): unknown;
  /** The specification again, as a machine for the search. An operation's name is its place in `operations`. */
  machine(operations: readonly Op[]): Machine;
  /** One line, for people. */
  describe(operation: Op): string;
  describeState(state: unknown): string;
}

/**
 * A state as the search sees it: a small whole number. States that no operation still to come can tell apart may share
 * one, so what a state means depends on what was taken so far.
 */
export type State = number;
/** No state: the operation cannot come next. */
export const refused = -1;
/** The state that allows nothing that another state would not: whatever can follow it can follow any other. */
export const lost = 0;

/**
 * The operations of one partition with everything about them precomputed. The search tells it which operations it has
 * taken, so it can look at what remains: it may merge states, and refuse a step after which no order can be completed.
 */
export interface Machine {
  /** `refused` where certainly no order begins. */
  readonly initial: State;
  /** Where that shows by one operation: the first to return of those that can stand in no order, or -1. */
  readonly impossible: number;
  /** States of which one allows whatever any state would, had there been other operations before; null: cannot be told. */
  readonly starts: readonly State[] | null;
  /** The state after `operation`, or `refused`. */
  step(state: State, operation: number): State;
  /** `operation` was taken by a step that was not refused. */
  take(operation: number): void;
  /** Undoes the last `take`. */
  putBack(operation: number): void;
  /** Whether taking `operation` in `state` costs nothing: any order from here can be rearranged to begin with it. */
  free(state: State, operation: number): boolean;
  /** Whether `operation`, its outcome unknown, can be left out: an order that has it holds without it as well. */
  pointless(operation: number): boolean;
  /** Whether `operation` is possible in any state and leads to the same one from all. */
  overwrites(operation: number): boolean;
  /** Equal for operations that do the same in every state. */
  kind(operation: number): number;
  /** Whether the two touch nothing in common: either may go first, without a difference. */
  independent(operation: number, other: number): boolean;
  /** What states have grown to. */
  readonly bytes: number;
}
