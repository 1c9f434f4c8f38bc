import type { HistoryOperation, Value } from "../history.ts";
import type { Witness } from "./witness.ts";

/** Of a long prefix, its end: so many operations. Enough to draw, and no second copy of the history. */
const shown = 200;

/** An operation in the terms of a history file. */
interface OperationJson {
  readonly process: number;
  readonly f: HistoryOperation["f"];
  readonly key: string;
  /** As invoked: for a cas [expected, new]. */
  readonly value: Value | readonly [Value, Value];
  /** What a read saw and a swap found. */
  readonly result: Value;
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
  readonly prefix: readonly (OperationJson & { readonly resultKnown: boolean; readonly stateAfter: Value })[];
  readonly state: Value;
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
    stateAfter: state as Value,
  })),
  state: state as Value,
  culprit: operationJson(culprit),
  cannotFollow: cannotFollow.map(operationJson),
  open: open.map(operationJson),
});

const operationJson = ({ client, f, key, value, expected, result, called, returned, calledAt, returnedAt }: HistoryOperation): OperationJson => ({
  process: client,
  f,
  key,
  value: f === "cas" ? [expected, value] : value,
  result,
  called,
  returned: returned === Infinity ? null : returned,
  calledAt,
  returnedAt,
});
