/** Beyond this ratio of largest to smallest, a linear axis would press the fast ones into its origin. */
const logarithmicFrom = 100;

/** About as many ticks, and an axis that ends on one. */
const tickCount = 6;

/** An axis of latencies in ms, wide enough for `values`. */
export function latencyAxis(field: string, title: string | string[], values: Iterable<number>) {
  let low = Infinity;
  let high = 0;
  for (const value of values) {
    if (value > 0) low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const logarithmic = high / low > logarithmicFrom;
  const ticks = logarithmic ? steps(low, high) : [];
  return {
    field,
    type: "quantitative" as const,
    axis: { title, format: ",~r", ...(logarithmic ? { values: ticks } : { tickCount }) },
    scale: logarithmic
      ? // A zero has no place on a logarithmic axis: it is drawn at the axis' lower end.
        { type: "log" as const, domain: [ticks[0]!, ticks.at(-1)!], nice: false, clamp: true }
      : { type: "linear" as const, domain: [0, high || 1], nice: tickCount, clamp: false },
  };
}

/** 1, 2 and 5 times each power of ten, from the last one below `low` to the first above `high`. */
function steps(low: number, high: number): number[] {
  const all: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    // Through text, since 5 * 10 ** -2 is not 0.05.
    all.push(...[1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
  }
  const first = all.findLastIndex((step) => step <= low);
  const last = all.findIndex((step) => step >= high);
  return all.slice(first, last + 1);
}
