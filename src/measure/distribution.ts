/** Latency distributions as text, in HdrHistogram's percentile format (`.hgrm`), and as curves read from it. */
import type { Histogram } from "hdr-histogram-js";

export interface CurvePoint {
  /** 0 … 100. */
  readonly percentile: number;
  readonly ms: number;
}

/** Rising in both directions, ever denser towards 100 %, up to the last percentile that a sample supports. */
export interface Curve {
  readonly count: number;
  readonly points: readonly CurvePoint[];
}

/** Lines a halving of the distance to 100 %. */
const ticksPerHalving = 10;

const step = 2 ** (1 / ticksPerHalving);

const microsPerMs = 1000;

/** The text of an `.hgrm` file, values in ms. */
export const distributionOf = (histogram: Histogram): string => histogram.outputPercentileDistribution(ticksPerHalving, microsPerMs);

const row = /^ *([\d.]+) ([\d.]+) +(\d+)(?: +[\d.]+)?$/;
const total = /^#\[Max .*Total count += +(\d+)\]$/m;

/** Null: `text` is not all of such a file. */
export const curveOf = (text: string): Curve | null => {
  const count = total.exec(text)?.[1];
  if (count === undefined) return null;
  const [, ...lines] = text.slice(0, text.indexOf("#")).split("\n").filter((line) => line !== "");
  const rows = lines.flatMap((line) => {
    const [, ms, share, upTo] = row.exec(line) ?? [];
    return upTo === undefined ? [] : [{ ms: Number(ms), share: Number(share), upTo: Number(upTo) }];
  });
  const last = rows.at(-1);
  const whole = Number(count) === 0 ? last === undefined : rows.length > 1 && last?.share === 1 && last.upTo === Number(count);
  if (rows.length < lines.length || !whole) return null;
  return { count: Number(count), points: Number(count) === 0 ? [] : pointsOf(rows, Number(count)) };
};

interface Row {
  readonly ms: number;
  readonly share: number;
}

/** The lines end where the largest value is reached, with one more for 100 %: from there on the curve is flat. */
const pointsOf = (rows: readonly Row[], count: number): CurvePoint[] => {
  const before = rows.slice(0, -1);
  const { ms } = rows.at(-1)!;
  const flat: Row[] = [];
  for (let beyond = (1 - before.at(-1)!.share) / step; beyond >= 1 / count; beyond /= step) flat.push({ ms, share: 1 - beyond });
  return [...before, ...flat].filter(({ share }) => 1 - share >= 1 / count).map(({ ms, share }) => ({ percentile: 100 * share, ms }));
};
