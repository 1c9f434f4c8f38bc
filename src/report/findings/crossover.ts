import { spread, type Spread } from "../spread.ts";
import type { Contender } from "./rank.ts";
import { alike } from "./rank.ts";

/** Two contenders at each of the values over which something is varied, rising. */
export interface Course {
  readonly x: number;
  readonly a: Contender;
  readonly b: Contender;
}

/** Where the one that was larger becomes the smaller. */
export interface Crossover {
  /** The values beside it at which one is clearly ahead, and then the other. */
  readonly from: number;
  readonly to: number;
  /** Who is larger after it. */
  readonly larger: "a" | "b";
  /** Where lines through what each repeat measured cross, and how many repeats these are. */
  readonly at: Spread;
  readonly repeats: number;
}

/** Only between values at which intervals lie apart: where they overlap, nobody is ahead. */
export function crossovers(course: readonly Course[]): Crossover[] {
  const clear = course.filter(({ a, b }) => !alike(a.spread, b.spread));
  return clear.slice(1).flatMap((after, i) => {
    const before = clear[i]!;
    const larger = signOf(after) > 0 ? "a" : "b";
    if (signOf(before) === signOf(after)) return [];
    const between = course.filter(({ x }) => x >= before.x && x <= after.x);
    const crossings = repeatsOf(between).flatMap((differences) => crossing(between.map(({ x }) => x), differences));
    return crossings.length === 0 ? [] : [{ from: before.x, to: after.x, larger, at: spread(crossings), repeats: crossings.length }];
  });
}

function signOf({ a, b }: Course): number {
  return Math.sign(a.spread.median - b.spread.median);
}

/** Differences along the course, of each repeat that both have everywhere; of medians where there is none. */
function repeatsOf(course: readonly Course[]): number[][] {
  const repeats = [...course[0]!.a.values.keys()].filter((repeat) => course.every(({ a, b }) => a.values.has(repeat) && b.values.has(repeat)));
  const paired = repeats.map((repeat) => course.map(({ a, b }) => a.values.get(repeat)! - b.values.get(repeat)!));
  return paired.length > 0 ? paired : [course.map(({ a, b }) => a.spread.median - b.spread.median)];
}

/** The first change of sign, between two values by a straight line. */
function crossing(xs: readonly number[], differences: readonly number[]): number[] {
  const start = Math.sign(differences[0]!);
  const after = differences.findIndex((difference) => Math.sign(difference) !== start);
  if (start === 0 || after < 0) return [];
  const [x0, x1] = [xs[after - 1]!, xs[after]!];
  const [d0, d1] = [differences[after - 1]!, differences[after]!];
  return [x0 + ((x1 - x0) * d0) / (d0 - d1)];
}
