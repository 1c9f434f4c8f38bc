/** Which rate to try next: doubled until one is too much, then between the highest that held and the lowest that did not. */

export interface Try {
  /** ops/s. */
  readonly rate: number;
  readonly held: boolean;
}

export interface Search {
  readonly from: number;
  readonly to: number;
  /** Where a run may break by chance: a rate has only broken when it has done so twice. */
  readonly confirms: boolean;
}

/** Rates are told apart to this. */
const precision = 1.1;
/** Where not even the first rate holds, it goes down to this part of it. */
const lowest = 1 / 1024;

export interface Bounds {
  /** The highest rate that held below any that broke; null: none. */
  readonly held: number | null;
  /** The lowest that broke; null: none. */
  readonly broken: number | null;
}

export const boundsOf = (tries: readonly Try[], { confirms }: Pick<Search, "confirms">): Bounds => {
  const byRate = Map.groupBy(tries, ({ rate }) => rate);
  const rates = (of: (attempts: readonly Try[]) => boolean): number[] => [...byRate].flatMap(([rate, attempts]) => (of(attempts) ? [rate] : []));
  const held = (attempts: readonly Try[]): boolean => attempts.some((each) => each.held);
  const broken = Math.min(...rates((attempts) => !held(attempts) && attempts.length >= (confirms ? 2 : 1)));
  const below = rates(held).filter((rate) => rate < broken);
  return { held: below.length === 0 ? null : Math.max(...below), broken: broken === Infinity ? null : broken };
};

/** ops/s; null: the knee is found, or there is none in these bounds. */
export const nextRate = (tries: readonly Try[], search: Search): number | null => {
  const last = tries.at(-1);
  if (last === undefined) return search.from;
  if (search.confirms && !last.held && tries.filter(({ rate }) => rate === last.rate).length === 1) return last.rate;
  const { held, broken } = boundsOf(tries, search);
  if (broken === null) return held! < search.to ? Math.min(held! * 2, search.to) : null;
  if (held === null) return broken / 2 < search.from * lowest ? null : rounded(broken / 2);
  return broken / held <= precision ? null : rounded(Math.sqrt(held * broken));
};

const rounded = (rate: number): number => Number(rate.toPrecision(3));
