import type { Value } from "../history.ts";
import { lost, type State } from "./model.ts";

/**
 * The values a key can have, as states. What matters of a value is what somebody will see of it: a value that equals
 * nothing observed, and of which nothing observed is an extension by appends, is `lost`. So there are no more states than
 * observed values, or, with appends, than prefixes of them that were reached; a string that grows is never built.
 */
export class KvStates {
  readonly #exact = new Map<Value, State>();
  #count = lost + 1;

  /** Only with appends: the strings observed, each once, sorted. Those that share a prefix stand side by side. */
  readonly #sorted: readonly string[];
  readonly #appends: boolean;
  /** By string: how many characters it shares with the one before. */
  readonly #shared: Int32Array;
  /** By state that is a prefix: the strings that begin with it, `low` … `high`-1 of `sorted`, and its length. */
  readonly #low: number[] = [];
  readonly #high: number[] = [];
  readonly #length: number[] = [];
  readonly #prefixes = new Map<number, State>();

  constructor(observed: ReadonlySet<Value>, appends: boolean) {
    this.#appends = appends;
    this.#sorted = appends ? [...observed].filter((value) => typeof value === "string").sort() : [];
    this.#shared = Int32Array.from(this.#sorted, (text, i) => (i === 0 ? 0 : sharedLength(this.#sorted[i - 1]!, text)));
    // Absent is where a string may begin to grow, observed or not.
    if (appends) this.#exact.set(null, this.#count++);
    for (const value of observed) {
      if (!(appends && typeof value === "string") && !this.#exact.has(value)) this.#exact.set(value, this.#count++);
    }
  }

  /** States are numbered below this; appends add to them. */
  get count(): number {
    return this.#count;
  }

  /** Roughly, what was added to those observed. */
  get bytes(): number {
    return this.#prefixes.size * 64;
  }

  of(value: Value): State {
    if (this.#appends && typeof value === "string") return this.#extend(0, this.#sorted.length, 0, value);
    return this.#exact.get(value) ?? lost;
  }

  /** The last `length` characters of a string; undefined if the state is none, or shorter. */
  ending(state: State, length: number): string | undefined {
    const end = this.#length[state];
    return end === undefined || end < length ? undefined : this.#sorted[this.#low[state]!]!.slice(end - length, end);
  }

  /** A string without its last `length` characters. */
  without(state: State, length: number): State {
    const end = this.#length[state]! - length;
    let low = this.#low[state]!;
    let high = this.#high[state]!;
    while (low > 0 && this.#shared[low]! >= end) low--;
    while (high < this.#sorted.length && this.#shared[high]! >= end) high++;
    return this.#prefix(low, high, end);
  }

  append(state: State, text: string): State {
    if (state === lost) return lost;
    const low = this.#low[state];
    // Not a prefix: absent, which counts as empty.
    return low === undefined ? this.of(text) : this.#extend(low, this.#high[state]!, this.#length[state]!, text);
  }

  /** The state for strings `low` … `high`-1, which share their first `length` characters, narrowed to those where `text` is next. */
  #extend(low: number, high: number, length: number, text: string): State {
    if (low === high) return lost;
    const end = length + text.length;
    const sorted = this.#sorted;
    const next = (i: number): string => sorted[i]!.slice(length, end);
    // Mostly all go on alike, except that the first may end here.
    const from = low + 1 < high && sorted[low]!.length === length && text !== "" ? low + 1 : low;
    if (next(from) === next(high - 1)) return next(from) === text ? this.#prefix(from, high, end) : lost;
    const first = lowerBound(from, high, (i) => next(i) < text);
    const last = lowerBound(first, high, (i) => next(i) === text);
    return first === last ? lost : this.#prefix(first, last, end);
  }

  #prefix(low: number, high: number, length: number): State {
    const key = low * 2 ** 30 + length; // V8's strings are shorter than 2^30
    let state = this.#prefixes.get(key);
    if (state === undefined) {
      state = this.#count++;
      this.#prefixes.set(key, state);
      this.#low[state] = low;
      this.#high[state] = high;
      this.#length[state] = length;
    }
    return state;
  }
}

/** The first number in `low` … `high` for which `before` no longer holds. */
const lowerBound = (low: number, high: number, before: (i: number) => boolean): number => {
  let from = low;
  let to = high;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (before(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
};

const sharedLength = (a: string, b: string): number => {
  const limit = Math.min(a.length, b.length);
  let length = 0;
  while (length < limit && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
};
