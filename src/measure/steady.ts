/** When a warm-up is over, told by throughput alone. */
import type { Micros } from "../core/ids.ts";

/** Of throughput; MSER-5 takes five together. */
export const steadyWindow: Micros = 40_000;
const batch = 5;
/** Batches without which nothing is said: 2 s. */
const fewest = 10;

export const steadyRule =
  "MSER-5 over answers in windows of 40 ms: the truncation point that leaves the smallest error of the mean lies in the first half of at least 2 s, " +
  "and the means of the two halves of what it leaves differ by at most a tenth, or three times what chance makes of Poisson arrivals";

/**
 * MSER-5 (White, Cobb, Spratt, "A comparison of five steady-state truncation heuristics for simulation", WSC 2000): of means of
 * five windows each, cut off so many first ones that the variance of the rest, over its length, is least. A point in the second
 * half is no answer: there is not enough after it to tell. Here asked again with every batch that is added. A step or a rise that
 * has only begun can be too little of the whole to be seen so, hence the halves.
 */
export class SteadyState {
  readonly #batches: number[] = [];
  #open = 0;
  #windows = 0;

  /** So many were answered in the next window. Answers whether throughput is steady by now. */
  add(answered: number): boolean {
    this.#open += answered;
    if (++this.#windows % batch !== 0) return false;
    this.#batches.push(this.#open);
    this.#open = 0;
    return this.#batches.length >= fewest && this.#truncated < this.#batches.length / 2 && levelled(this.#batches.slice(this.#truncated));
  }

  /** From the beginning to the truncation point. */
  get transient(): Micros {
    return this.#truncated * batch * steadyWindow;
  }

  /** Batches to be cut off. From the last to the first, with sums of what is left. */
  get #truncated(): number {
    let best = 0;
    let least = Infinity;
    let sum = 0;
    let squares = 0;
    for (let from = this.#batches.length - 1; from >= 0; from--) {
      const value = this.#batches[from]!;
      sum += value;
      squares += value * value;
      const left = this.#batches.length - from;
      const error = (squares - (sum * sum) / left) / (left * left);
      // Of few there is always a lucky run; of equals the earliest.
      if (left >= batch && error <= least) {
        least = error;
        best = from;
      }
    }
    return best;
  }
}

const levelled = (values: readonly number[]): boolean => {
  const middle = Math.floor(values.length / 2);
  const [one, other] = [values.slice(0, middle), values.slice(middle)];
  const difference = Math.abs(mean(one) - mean(other));
  const chance = Math.sqrt(mean(one) / one.length + mean(other) / other.length);
  return difference <= 0.05 * (mean(one) + mean(other)) || difference <= 3 * chance;
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How a warm-up went. `transient`: how long throughput was not steady; null: nobody looked, or it never was. */
export interface WarmedUp {
  readonly took: Micros;
  readonly transient: Micros | null;
}

/** The same in real time, which comes in turns. */
export class SteadyWatch {
  readonly state = new SteadyState();
  #ends: Micros;
  /** Answers when the window began, and when it was looked last. */
  #before: number;
  #seen: number;

  constructor(now: Micros, answered: number) {
    this.#ends = now + steadyWindow;
    this.#before = answered;
    this.#seen = answered;
  }

  /** So many were answered up to now, those of this turn just now. Answers whether throughput is steady. */
  look(now: Micros, answered: number): boolean {
    let steady = false;
    for (; now >= this.#ends; this.#ends += steadyWindow) {
      steady = this.state.add(this.#seen - this.#before);
      this.#before = this.#seen;
    }
    this.#seen = answered;
    return steady;
  }
}
