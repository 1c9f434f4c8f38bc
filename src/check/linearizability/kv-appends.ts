import type { KvStates } from "./kv-states.ts";
import { lost, type State } from "./model.ts";

/** As a guard: holds in any state. */
export const any = -1;

/**
 * Most appends can be told apart by their text, and then what was seen of a string says where each of them stood. This
 * turns such appends into operations with a guard and an effect, like a cas:
 *
 * - An append that alone can make a string that was there for certain did make it, of that string without its end. Which
 *   then was there for certain, too, and in turn may have been made by one append alone, and so on back to a write.
 * - An append that makes nothing that is asked for, nor what others could make such a thing of, leads to `lost`.
 *
 * What is left, by and large texts that were appended more than once, stays an append.
 *
 * `texts`: what is appended, by operation. `certain`: states that were there for certain. Completes `guards` and
 * `effects`; returns the appends that took effect for certain, whether they returned or not.
 */
export const settleAppends = (
  states: KvStates,
  texts: ReadonlyMap<number, string>,
  certain: readonly State[],
  guards: Int32Array,
  effects: Int32Array,
): ReadonlySet<number> => {
  const unsettled = new Map<string, Set<number>>();
  for (const [operation, text] of texts) unsettled.set(text, (unsettled.get(text) ?? new Set()).add(operation));
  const appended = new Set(unsettled.keys());
  const lengths = [...new Set(Array.from(unsettled.keys(), ({ length }) => length))];
  /** Made by an operation that is no append. */
  const written = new Set(effects.filter((effect, operation) => !texts.has(operation) && effect !== guards[operation]));

  const empty = states.of("");
  const endsWithOneOf = (state: State, ends: { has(text: string): boolean }): string[] =>
    lengths.map((length) => states.ending(state, length)).filter((text) => text !== undefined && ends.has(text)) as string[];
  /** Whether anything at all may have made `state`. */
  const possible = (state: State): boolean => state === empty || written.has(state) || endsWithOneOf(state, appended).length > 0;
  /** The texts not settled that `state` ends with, and that something may have come before. */
  const endings = (state: State): string[] => endsWithOneOf(state, unsettled).filter((text) => possible(states.without(state, text.length)));
  /** What `state` was before `text` came to its end, if that can only have been one thing. */
  const before = (state: State, text: string): State | undefined => {
    const shorter = states.without(state, text.length);
    if (shorter !== empty) return shorter;
    return written.has(empty) || appended.has("") ? undefined : states.of(null);
  };

  const settled = new Set<number>();
  const visited = new Set<State>();
  for (let todo = [...certain], state = todo.pop(); state !== undefined; state = todo.pop()) {
    if (visited.has(state) || written.has(state)) continue;
    visited.add(state);
    const [text, another] = endings(state);
    if (text === undefined || another !== undefined) continue;
    const [operation, twin] = unsettled.get(text)!;
    const from = before(state, text);
    if (twin !== undefined || from === undefined) continue;
    guards[operation!] = from;
    effects[operation!] = state;
    settled.add(operation!);
    unsettled.delete(text);
    todo.push(from);
  }

  const useful = new Set<string>();
  visited.clear();
  for (let todo = [...guards].filter((guard) => guard !== any), state = todo.pop(); state !== undefined; state = todo.pop()) {
    if (visited.has(state)) continue;
    visited.add(state);
    for (const text of endings(state)) {
      useful.add(text);
      todo.push(states.without(state, text.length));
    }
  }
  for (const [text, operations] of unsettled) {
    if (!useful.has(text)) for (const operation of operations) effects[operation] = lost;
  }
  return settled;
};
