import type { HistoryOperation } from "../history.ts";
import { describer } from "./describer.ts";
import type { Model } from "./model.ts";
import { reasonOf } from "./witness-reason.ts";
import type { Witness } from "./witness.ts";

/** Of a long prefix, its end; and of many operations without a place, those called last. */
const stepsShown = 40;
const othersShown = 12;

/** What a picture of a refutation shows: texts instead of states, and no second copy of the history. Plain data. */
export interface WitnessView {
  readonly keys: readonly string[];
  readonly exact: boolean;
  /** Why the culprit has no place, in sentences: that it has none, then what stands against it. */
  readonly reason: readonly string[];
  /** Length of the whole order. */
  readonly stepCount: number;
  /** Its end, and the state before that. */
  readonly steps: readonly ViewedStep[];
  readonly stateBefore: string;
  readonly stateAfter: string;
  /** The first is the culprit; it may stand among the steps, too. */
  readonly cannotFollow: readonly ViewedOperation[];
  /** Its number there. */
  readonly culpritStep: number | null;
  readonly cannotFollowCount: number;
  readonly open: readonly ViewedOperation[];
  readonly openCount: number;
}

/** `called`, `returned`: lines, `Infinity` for an unknown outcome; `calledAt`, `returnedAt`: ns, or null. */
export interface ViewedOperation extends Pick<HistoryOperation, "called" | "returned" | "calledAt" | "returnedAt"> {
  readonly process: number;
  /** What it was, and what came of it. */
  readonly text: string;
}

export interface ViewedStep extends ViewedOperation {
  /** Place in the order, from 1. */
  readonly number: number;
  /** The state after it. */
  readonly state: string;
}

export const viewOf = (witness: Witness<HistoryOperation>, model: Model<HistoryOperation>): WitnessView => {
  const { keys, exact, prefix, state, culprit, cannotFollow, open } = witness;
  const describe = describer(keys, model);
  const culpritStep = prefix.findIndex(({ operation }) => operation === culprit) + 1;
  const first = Math.max(0, prefix.length - stepsShown);
  const viewed = (operation: HistoryOperation): ViewedOperation => {
    const { client, called, returned, calledAt, returnedAt } = operation;
    return { process: client, text: describe(operation), called, returned, calledAt, returnedAt };
  };
  return {
    keys,
    exact,
    reason: reasonOf(witness, model),
    stepCount: prefix.length,
    steps: prefix.slice(first).map(({ operation, returned, state }, i) => ({
      ...viewed(operation),
      // A result that was not known yet need not fit here.
      ...(!returned && operation !== culprit && { text: describe({ ...operation, returned: Infinity }) }),
      number: first + i + 1,
      state: model.describeState(state),
    })),
    stateBefore: model.describeState(first === 0 ? model.initial(keys) : prefix[first - 1]!.state),
    stateAfter: model.describeState(state),
    cannotFollow: [culprit, ...latest(cannotFollow.filter((operation) => operation !== culprit))].map(viewed),
    culpritStep: culpritStep === 0 ? null : culpritStep,
    cannotFollowCount: cannotFollow.length,
    open: latest(open).map(viewed),
    openCount: open.length,
  };
};

const latest = (operations: readonly HistoryOperation[]): HistoryOperation[] =>
  operations.toSorted((a, b) => a.called - b.called).slice(-othersShown);
