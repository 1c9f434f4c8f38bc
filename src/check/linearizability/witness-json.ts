import type { HistoryOperation } from "../history.ts";
import { answerValue, callValue } from "../operation-json.ts";
import { Store } from "./store.ts";
import type { Witness } from "./witness.ts";

/** Of a long prefix, its end: so many operations. Enough to draw, and no second copy of the history. */
const shown = 200;

/** An operation in the terms of a history file. */
interface OperationJson {
  readonly process: number;
  readonly f: HistoryOperation["f"];
  readonly key: string | null;
  /** As invoked: for a cas [expected, new]. */
  readonly value: unknown;
  /** What a read saw, a swap found, a scan listed; for a transaction its list with that. Null for all others. */
  readonly result: unknown;
  /** Lines; `returned` is null for an unknown outcome. */
  readonly called: number;
  readonly returned: number | null;
  /** As recorded, ns; null where there was none. */
  readonly calledAt: number | null;
  readonly returnedAt: number | null;
}

/** A refutation as data: see `Witness`. */
export interface WitnessJson {
  readonly keys: readonly string[];
  readonly exact: boolean;
  readonly prefixLength: number;
  /** Its end, in order. `resultKnown` is false where an operation was still open and needed only for its effect. */
  readonly prefix: readonly (OperationJson & { readonly resultKnown: boolean; readonly stateAfter: unknown })[];
  /** What the key holds; of several keys, `{key: value}` of those that are there. */
  readonly state: unknown;
  readonly culprit: OperationJson;
  readonly cannotFollow: readonly OperationJson[];
  readonly open: readonly OperationJson[];
}

export const witnessJson = ({ keys, exact, prefix, state, culprit, cannotFollow, open }: Witness<HistoryOperation>): WitnessJson => ({
  keys,
  exact,
  prefixLength: prefix.length,
  prefix: prefix.slice(-shown).map(({ operation, returned, state }) => ({
    ...operationJson(operation),
    resultKnown: returned,
    stateAfter: stateJson(state),
  })),
  state: stateJson(state),
  culprit: operationJson(culprit),
  cannotFollow: cannotFollow.map(operationJson),
  open: open.map(operationJson),
});

const operationJson = (operation: HistoryOperation): OperationJson => {
  const { client, f, key, result, called, returned, calledAt, returnedAt } = operation;
  return {
    process: client,
    f,
    key,
    value: callValue(operation),
    result: f === "txn" && returned < Infinity ? answerValue(operation) : result,
    called,
    returned: returned === Infinity ? null : returned,
    calledAt,
    returnedAt,
  };
};

const stateJson = (state: unknown): unknown => (state instanceof Store ? Object.fromEntries(state.entries) : state);
