import type { Random } from "./random.ts";

/** Draws a rank in 0 … items-1; 0 is the likeliest. */
export type Ranks = (random: Random) => number;

/**
 * Zipf's law: rank k has a probability in proportion to 1 / (k+1)^exponent. Any exponent from 0 (uniform) on, up to 2^53
 * items, without a table: rejection-inversion (Hörmann, Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 6(3), 1996), less than 1.1 draws a rank on average.
 */
export const zipf = (items: number, exponent: number): Ranks => {
  const density = (x: number): number => Math.exp(-exponent * Math.log(x));
  /** Of the density; near an exponent of 1 by its series, which has no hole there. */
  const integral = (x: number): number => {
    const log = Math.log(x);
    return log * relativeExp((1 - exponent) * log);
  };
  const inverse = (y: number): number => {
    const t = Math.max(-1, y * (1 - exponent));
    return Math.exp(y * relativeLog(t));
  };
  const top = integral(1.5) - 1;
  const bottom = integral(items + 0.5);
  const squeeze = 2 - inverse(integral(2.5) - density(2));
  return (random) => {
    for (;;) {
      const u = bottom + fine(random) * (top - bottom);
      const x = inverse(u);
      const k = Math.min(items, Math.max(1, Math.round(x)));
      if (k - x <= squeeze || u >= integral(k + 0.5) - density(k)) return k - 1;
    }
  };
};

/** 53 random bits: 32 would leave gaps among a great many items. */
const fine = (random: Random): number => (random.below(2 ** 21) * 2 ** 32 + random.below(2 ** 32)) / 2 ** 53;

/** (e^x - 1) / x. */
const relativeExp = (x: number): number => (Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2);

/** ln(1 + x) / x. */
const relativeLog = (x: number): number => (Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2);
