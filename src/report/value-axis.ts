/** Beyond this ratio of largest to smallest, a linear axis would press the small ones into its origin. */
const logarithmicFrom = 100;

/** Values of what is varied that span more are doubled rather than added to. */
const doublingFrom = 16;

/** At most as many steps, and an axis that ends on one. */
const mostSteps = 7;

/** Where values are, from the bottom of an axis, 0, to its top, 1. */
export interface Range {
  readonly logarithmic: boolean;
  readonly ticks: readonly number[];
}

/** Wide enough for `values`: linear from zero, or logarithmic where they span too much for that. */
export function rangeOf(values: Iterable<number>): Range {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value > 0) low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return high / low > logarithmicFrom ? { logarithmic: true, ticks: decades(low, high) } : { logarithmic: false, ticks: even(high || 1) };
}

export function placeIn({ logarithmic, ticks }: Range, value: number): number {
  const [low, high] = [ticks[0]!, ticks.at(-1)!];
  const share = logarithmic ? Math.log(Math.max(value, low) / low) / Math.log(high / low) : (value - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

/** An axis of latencies, rates or counts, wide enough for `values`. */
export function valueAxis(field: string, title: string | string[], values: Iterable<number>, format = ",~r") {
  return axisOver(field, title, rangeOf(values), format);
}

export function axisOver(field: string, title: string | string[], { logarithmic, ticks }: Range, format = ",~r") {
  return {
    field,
    type: "quantitative" as const,
    axis: { title, values: [...ticks], labelExpr: labelled(format) },
    // A zero has no place on a logarithmic axis: it is drawn at the axis' lower end.
    scale: { type: logarithmic ? ("log" as const) : ("linear" as const), domain: [ticks[0]!, ticks.at(-1)!], nice: false, clamp: logarithmic },
  };
}

/** What is varied: with a tick at each value where they are few, doubling where they span much. `xs`: rising. */
export function numericAxis(title: string, xs: readonly number[]) {
  const [low, high] = [xs[0]!, xs.at(-1)!];
  const doubling = low > 0 && high / low >= doublingFrom;
  const axis = { title, labelExpr: labelled(",~r"), labelOverlap: "greedy" as const, ...(xs.length <= 12 ? { values: [...xs] } : {}) };
  const scale = doubling ? { type: "log" as const, base: 2, nice: false } : { type: "linear" as const, zero: false, nice: false };
  return { field: "x", type: "quantitative" as const, axis, scale: { ...scale, domain: [low, high] } };
}

/** Every digit of a tick. An axis' own format rounds to the step between its ticks, and makes 0.8 of 0.75. */
function labelled(format: string): string {
  return `format(datum.value, '${format}')`;
}

/** From zero in steps of 1, 2 or 5 times a power of ten, to the first one that is not below `high`. */
function even(high: number): number[] {
  const power = 10 ** Math.floor(Math.log10(high / mostSteps));
  const step = power * [1, 2, 5, 10].find((digit) => high / (power * digit) <= mostSteps)!;
  const count = Math.ceil(high / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, tick) => Number((tick * step).toPrecision(12)));
}

/** 1, 2 and 5 times each power of ten, from the last one below `low` to the first above `high`; of many decades, the powers alone. */
function decades(low: number, high: number): number[] {
  const digits = high / low > 1e4 ? [1] : [1, 2, 5];
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    // Through text, since 5 * 10 ** -2 is not 0.05.
    all.push(...digits.map((digit) => Number(`${digit}e${power}`)));
  }
  const first = all.findLastIndex((tick) => tick <= low);
  const last = all.findIndex((tick) => tick >= high);
  return all.slice(first, last + 1);
}
