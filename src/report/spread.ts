import { median } from "./list.ts";

/** The middle of repeated measurements, and between what bounds it lies. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Fewer measurements have no interval of 95 %: their smallest and largest are told, and called so. */
export const fewestForInterval = 6;

/**
 * Bounds of the median without assumptions on how the values are distributed: those of the sorted values between which it
 * lies with at least 95 % confidence, by the binomial distribution (Conover, Practical Nonparametric Statistics, ch. 3.2).
 */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = values.length < fewestForInterval ? 0 : leftOut(values.length);
  return { median: median(values), low: sorted[cut]!, high: sorted[sorted.length - 1 - cut]! };
}

/** What `spread` of so many values gives, in words. */
export function spreadName(count: number): string {
  return count < fewestForInterval ? "smallest to largest" : "95 % confidence interval of the median";
}

/** Of `count` sorted values, how many may be left out at each end: the median lies beyond them in at most 2.5 % of cases. */
function leftOut(count: number): number {
  let probability = 0.5 ** count;
  let below = probability;
  let cut = 0;
  while (below <= 0.025) {
    cut++;
    probability *= (count - cut + 1) / cut;
    below += probability;
  }
  return cut - 1;
}
