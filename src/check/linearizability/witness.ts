import type { Limits } from "./limits.ts";
import type { Interval, Model } from "./model.ts";
import type { Partition } from "./partitions.ts";
import { Decision } from "./decision.ts";

/** Why a history has no order: how far one goes, and what cannot follow. */
export interface Witness<Op> {
  /** The keys of the partition; all operations below are on them. */
  readonly keys: readonly string[];
  /** An order of everything that returned before `culprit` did, and of what it needs of the operations open by then. */
  readonly prefix: readonly Placed<Op>[];
  /** The state that it ends in. */
  readonly state: unknown;
  /**
   * The next to return; of several that return at once, one that does not fit by itself, if there is one. It may stand in
   * the prefix, because others need its effect; then that place does not fit its result, which was not known yet.
   */
  readonly culprit: Op;
  /** `culprit`, and what else is open at its return, has no place in the prefix and is impossible in `state`. */
  readonly cannotFollow: readonly Op[];
  /** What else is open at its return and has no place in the prefix. */
  readonly open: readonly Op[];
  /** Whether the prefix is the longest there is, and `culprit` fits into no order. Otherwise a limit ended the hunt. */
  readonly exact: boolean;
}

/** An operation in its place, and the state after it. */
export interface Placed<Op> {
  readonly operation: Op;
  /** Whether its result was known by then, and had to be right. */
  readonly returned: boolean;
  readonly state: unknown;
}

/** Steps of a search between two looks at the clock. */
const turn = 4096;
/** What an explanation may take when a refutation comes just before the deadline, ms. */
const grace = 2000;

/**
 * Finds the first return after which a refuted partition has no order. What begins an order is in order itself, so from
 * that return on there never is one, and it can be found by bisection. The hunt begins where the refuting search got
 * stuck, after `deepest` returns; as that search looks ahead it stops early, but seldom by much.
 */
export const explain = <Op extends Interval>(partition: Partition<Op>, model: Model<Op>, deepest: number, limits: Limits): Witness<Op> => {
  const deadline = Math.max(limits.deadline, limits.clock() + grace);
  const returned = partition.operations.filter((operation) => operation.returned < Infinity).sort((a, b) => a.returned - b.returned);
  const originals = new Map<Op, Op>();
  const endOf = (count: number): number => (count === 0 ? 0 : returned[count - 1]!.returned);

  /** An order of what was known after `count` returns; null where there is none, undefined where a limit was reached. */
  const orderAfter = (count: number): readonly Op[] | null | undefined => {
    const search = new Decision(knownAt(endOf(count), partition.operations, originals), model);
    for (;;) {
      const outcome = search.advance(turn);
      if (outcome !== "more") return outcome === "found" ? search.order : null;
      if (limits.clock() >= deadline || search.bytes > limits.memory) return undefined;
    }
  };

  let good = deepest;
  let order = orderAfter(good);
  let exact = order !== undefined;
  while (!order) order = orderAfter((good >>>= 1));
  let bad = returned.length;
  // A first guess; no more than that, as it comes from the whole history.
  let count = Math.max(good + 1, new Decision(partition.operations, model).impossible);
  for (let stride = 1; exact && bad - good > 1; count = Math.min(good + stride, (good + bad) >>> 1)) {
    const found = orderAfter(count);
    if (found) {
      good = count;
      order = found;
      stride *= 2;
    } else {
      if (found === undefined) exact = false;
      bad = count;
      stride = Infinity;
    }
  }

  let state = model.initial(partition.keys);
  /** Those in the prefix whose own result would not do where they stand. */
  const misplaced = new Set<Op>();
  const prefix = order.map((known) => {
    const operation = originals.get(known) ?? known;
    if (model.apply(state, operation) === undefined) misplaced.add(operation);
    state = model.apply(state, known);
    return { operation, returned: known.returned < Infinity, state };
  });
  const placed = new Set(prefix.map(({ operation }) => operation));
  const impossible = (operation: Op): boolean => model.apply(state, operation) === undefined;
  // A transaction's steps return together: the one that does not fit is to blame.
  const due = returned.filter((operation) => operation.returned === returned[good]!.returned);
  const culprit = due.find((operation) => (placed.has(operation) ? misplaced.has(operation) : impossible(operation))) ?? due[0]!;
  placed.add(culprit);
  const others = partition.operations.filter((operation) => operation.called < culprit.returned && !placed.has(operation));
  return {
    keys: partition.keys,
    prefix,
    state,
    culprit,
    cannotFollow: [culprit, ...others.filter(impossible)],
    open: others.filter((operation) => !impossible(operation)),
    exact,
  };
};

/** The history as it was known at `end`: what returned later was open. Notes in `originals` what such operations are. */
const knownAt = <Op extends Interval>(end: number, operations: readonly Op[], originals: Map<Op, Op>): Op[] =>
  operations
    .filter(({ called }) => called < end)
    .map((operation) => {
      if (operation.returned <= end) return operation;
      const open = { ...operation, returned: Infinity };
      originals.set(open, operation);
      return open;
    });
