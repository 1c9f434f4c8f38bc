import type { Measure } from "../measures.ts";
import type { Series } from "../setting.ts";
import { type Spread, spread } from "../spread.ts";
import { number, percent } from "../text.ts";
import { bounded, list } from "./words.ts";

/** One of those that are set side by side. */
export interface Contender {
  readonly name: string;
  /** What each run measured, by what only its repeats have in common with those of others: its seed and its count. */
  readonly values: ReadonlyMap<string, number>;
  readonly spread: Spread;
}

export interface Ranking {
  /** The best, and those that it cannot be told apart from. */
  readonly leaders: readonly Contender[];
  /** From the best to the worst. */
  readonly others: readonly Contender[];
}

/** Of those that have the measure. */
export function contenders(measure: Measure, series: readonly Series[]): Contender[] {
  return series.flatMap(({ name, runs }) => {
    const values = runs.flatMap(({ result }) => {
      const value = measure.of(result);
      return value === null ? [] : [[`${result.seed} ${result.repeat}`, value] as const];
    });
    return values.length === 0 ? [] : [{ name, values: new Map(values), spread: spread(values.map(([, value]) => value)) }];
  });
}

export function ranked(all: readonly Contender[], better: Measure["better"]): Ranking {
  const sorted = all.toSorted((a, b) => (better === "more" ? b.spread.median - a.spread.median : a.spread.median - b.spread.median));
  const tied = sorted.filter((one) => alike(one.spread, sorted[0]!.spread));
  return { leaders: tied, others: sorted.filter((one) => !tied.includes(one)) };
}

/** Nearer to each other than this, values are the same for whoever chooses. */
export const negligible = 0.01;

/** Intervals that overlap, or a difference that nobody would notice: nobody is ahead. */
export function alike(a: Spread, b: Spread): boolean {
  return (a.low <= b.high && b.low <= a.high) || Math.abs(a.median - b.median) < negligible * Math.max(a.median, b.median);
}

/** "EPaxos with 613 ops/s; Raft has 0.79 × that". Null where there is nobody to compare with. */
export function standing(measure: Measure, { leaders, others }: Ranking): string | null {
  if (leaders.length + others.length < 2) return null;
  const value = ({ spread }: Contender): string => `${bounded(spread, measure.share ? percent : number)}${measure.unit === "" ? "" : ` ${measure.unit}`}`;
  return [leading(leaders, value), ...followers(leaders[0]!, others)].join("; ");
}

function leading(leaders: readonly Contender[], value: (one: Contender) => string): string {
  const names = leaders.map(({ name }) => name);
  if (leaders.length === 1) return `${names[0]!} with ${value(leaders[0]!)}`;
  const same = new Set(leaders.map(value)).size === 1;
  return same ? `a tie of ${list(names)}, with ${value(leaders[0]!)}` : `a tie of ${list(leaders.map((one) => `${one.name} (${value(one)})`))}`;
}

/** Those that have the same multiple of the best, as far as it is shown, together. */
function followers(best: Contender, others: readonly Contender[]): string[] {
  if (others.length === 0) return [];
  const byMultiple = Map.groupBy(others, (one) => multiple(one, best));
  return [list([...byMultiple].map(([text, group]) => `${list(group.map(({ name }) => name))} ${group.length === 1 ? "has" : "have"} ${text} that`))];
}

/** Of repeats with the same seeds, which had the same load: run by run. Else of the medians. */
export function multiple(one: Contender, best: Contender): string {
  if (best.spread.median === 0) return "more than";
  const pairs = [...one.values].flatMap(([repeat, value]) => {
    const other = best.values.get(repeat) ?? 0;
    return other === 0 ? [] : [value / other];
  });
  const paired = pairs.length === one.values.size && pairs.length === best.values.size;
  return `${bounded(paired ? spread(pairs) : spread([one.spread.median / best.spread.median]))} ×`;
}
