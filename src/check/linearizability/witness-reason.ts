import type { HistoryOperation } from "../history.ts";
import { describer } from "./describer.ts";
import type { Model } from "./model.ts";
import type { Placed, Witness } from "./witness.ts";

/** Why a history has no order, in sentences: first what has no place, then what stands against it, and since when. */
export const reasonOf = (witness: Witness<HistoryOperation>, model: Model<HistoryOperation>): string[] => {
  const { keys, exact, prefix, state, culprit } = witness;
  const name = `${describer(keys, model)(culprit)} (${placeOf(culprit)})`;
  const last = culprit.returned - 1;
  if (!exact) {
    return [
      `No order explains all operations; ${name} is where the search stopped.`,
      `The order shown, up to line ${last}, is the longest found in time; whether a longer one exists was not decided.`,
    ];
  }
  const claim = `${name} has no place: an order exists for what returned up to line ${last}, but none that takes this in.`;
  const place = prefix.findIndex(({ operation }) => operation === culprit);
  if (place < 0) {
    const lost = missing(witness, model);
    if (lost !== undefined) return [claim, lost];
    const result = `After the order shown the state is ${model.describeState(state)}${contrast(culprit, state)}.`;
    return [claim, result, sinceWhen(witness, model)];
  }
  const before = place === 0 ? model.initial(keys) : prefix[place - 1]!.state;
  return [
    claim,
    `Others need its effect, so it is step ${place + 1} of the order shown, but its result does not fit there: before it the state is ${model.describeState(before)}${contrast(culprit, before)}.`,
  ];
};

const placeOf = ({ client, called, returned }: HistoryOperation): string =>
  `process ${client}, lines ${called}–${returned === Infinity ? "?" : returned}`;

/** Where in the order it would have fitted, and why it cannot stand there. */
const sinceWhen = ({ keys, prefix, culprit }: Witness<HistoryOperation>, model: Model<HistoryOperation>): string => {
  const fits = (state: unknown): boolean => model.apply(state, culprit) !== undefined;
  const last = prefix.findLastIndex(({ state }) => fits(state));
  if (last < 0 && !fits(model.initial(keys))) return "In this order no state ever fits it.";
  if (last === prefix.length - 1) return "By itself it fits there, but not together with what returned at the same time.";
  const next = prefix[last + 1]!.operation;
  const end = `The last state that it fits ended with step ${last + 2}, ${describer(keys, model)(next)} (${placeOf(next)})`;
  return next.returned < culprit.called ? `${end}, which had returned before this was called.` : `${end}.`;
};

/** An append that had returned before, and of which the result has nothing. */
const missing = ({ keys, prefix, culprit }: Witness<HistoryOperation>, model: Model<HistoryOperation>): string | undefined => {
  const { result, called } = culprit;
  if (typeof result !== "string") return undefined;
  const lost = ({ operation: { f, value, returned } }: Placed<HistoryOperation>): boolean =>
    f === "append" && returned < called && !result.includes(value as string);
  const at = prefix.findLastIndex(lost);
  if (at < 0 || prefix.slice(at).some(({ operation: { f } }) => f !== "append" && f !== "read")) return undefined;
  const { operation } = prefix[at]!;
  return `Step ${at + 1}, ${describer(keys, model)(operation)} (${placeOf(operation)}), had returned before this was called, and is not in the result.`;
};

/** Texts up to this long are told whole. */
const long = 60;

/** Long texts are told by their ends: where they part says more. */
const contrast = ({ result }: HistoryOperation, state: unknown): string => {
  if (typeof result !== "string" || typeof state !== "string" || Math.max(result.length, state.length) < long) return "";
  let at = 0;
  while (at < result.length && result[at] === state[at]) at++;
  if (at === result.length && at === state.length) return "";
  return `; the result differs from character ${at + 1} on, where it has ${around(result, at)} for ${around(state, at)}`;
};

const around = (text: string, at: number): string => {
  if (at >= text.length) return "nothing";
  const from = Math.max(0, at - 8);
  return `${from > 0 ? "…" : ""}${JSON.stringify(text.slice(from, at + 16))}${at + 16 < text.length ? "…" : ""}`;
};
