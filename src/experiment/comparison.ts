/** Two results side by side: where B differs from A, by how much, and whether that is more than chance. */
import { metrics, type Metric } from "./metric.ts";
import type { RunResult } from "./result.ts";

/** What `compare` looks at; each is larger than 0 where there was any load. */
export const compared = ["throughput", "response.p50", "response.p99", "commit.p50", "execute.p50"] as const;

export interface MetricComparison {
  readonly metric: string;
  readonly unit: string;
  /** Medians over the repeats. */
  readonly a: number;
  readonly b: number;
  /** b / a: of geometric means. */
  readonly ratio: number;
  /** Of the ratio, 95 %, after Welch on logarithms; null below two repeats on either side. */
  readonly interval: readonly [low: number, high: number] | null;
  readonly verdict: "better" | "worse" | "same" | "unclear";
}

export interface PointComparison {
  /** What both sides have in common: protocol, transport, load. */
  readonly point: string;
  readonly repeats: readonly [a: number, b: number];
  readonly metrics: readonly MetricComparison[];
}

export interface Comparison {
  readonly points: readonly PointComparison[];
  /** Points that only one side has. */
  readonly unmatched: readonly { readonly side: "A" | "B"; readonly point: string }[];
}

export const compareResults = (a: readonly RunResult[], b: readonly RunResult[]): Comparison => {
  const [left, right] = [byPoint(a), byPoint(b)];
  const points = [...left].flatMap(([point, runs]) => {
    const others = right.get(point);
    return others === undefined ? [] : [{ point, repeats: [runs.length, others.length] as const, metrics: compareMetrics(runs, others) }];
  });
  return { points, unmatched: [...only("A", left, right), ...only("B", right, left)] };
};

const only = <S extends "A" | "B">(side: S, own: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>) =>
  [...own.keys()].filter((point) => !other.has(point)).map((point) => ({ side, point }));

/** Repeats of one point, whatever their seeds. */
const byPoint = (runs: readonly RunResult[]): Map<string, RunResult[]> => {
  const points = new Map<string, RunResult[]>();
  for (const run of runs) {
    const point = nameOf(run);
    const repeats = points.get(point);
    if (repeats === undefined) points.set(point, [run]);
    else repeats.push(run);
  }
  return points;
};

const nameOf = ({ protocol, transport, topology, replicas, clientsPerSite, workload, environment }: RunResult): string => {
  const { name, ...options } = workload;
  const load = Object.entries(options).map(([option, value]) => `${option}=${value}`);
  return [
    protocol, topology === null ? transport : `${transport} on ${topology}`, `${replicas} replicas`, `${clientsPerSite} clients a site`,
    [name, ...load].join(" "), ...(environment.durability === "none" ? [] : [environment.durability]),
  ].join(", ");
};

const compareMetrics = (a: readonly RunResult[], b: readonly RunResult[]): MetricComparison[] =>
  compared.flatMap((name) => {
    const metric = metrics.find((each) => each.name === name)!;
    const [left, right] = [samplesOf(metric, a), samplesOf(metric, b)];
    return left.length === 0 || right.length === 0 ? [] : [compareSamples(metric, left, right)];
  });

const samplesOf = (metric: Metric, runs: readonly RunResult[]): number[] =>
  runs.map((run) => metric.of(run)).filter((value) => value !== null && value > 0) as number[];

const compareSamples = ({ name, unit, better }: Metric, a: readonly number[], b: readonly number[]): MetricComparison => {
  const [left, right] = [a.map(Math.log), b.map(Math.log)];
  const difference = mean(right) - mean(left);
  const margin = a.length < 2 || b.length < 2 ? null : marginOf(left, right);
  const interval = margin === null ? null : ([Math.exp(difference - margin), Math.exp(difference + margin)] as const);
  return { metric: name, unit, a: median(a), b: median(b), ratio: Math.exp(difference), interval, verdict: verdictOf(interval, better) };
};

const verdictOf = (interval: readonly [number, number] | null, better: Metric["better"]): MetricComparison["verdict"] => {
  if (interval === null) return "unclear";
  const [low, high] = interval;
  if (low <= 1 && high >= 1) return low === 1 && high === 1 ? "same" : "unclear";
  return low > 1 === (better === "more") ? "better" : "worse";
};

/** Half of the 95 % interval of the difference of two means (Welch). */
const marginOf = (a: readonly number[], b: readonly number[]): number => {
  const [left, right] = [variance(a) / a.length, variance(b) / b.length];
  const total = left + right;
  if (total === 0) return 0;
  const freedom = total ** 2 / (left ** 2 / (a.length - 1) + right ** 2 / (b.length - 1));
  return quantile(freedom) * Math.sqrt(total);
};

/** Student's t, two-sided 95 %, by degrees of freedom, rounded down; beyond the table that of the next lower entry. */
const table: readonly (readonly [freedom: number, t: number])[] = [
  [1, 12.706], [2, 4.303], [3, 3.182], [4, 2.776], [5, 2.571], [6, 2.447], [7, 2.365], [8, 2.306], [9, 2.262], [10, 2.228],
  [12, 2.179], [15, 2.131], [20, 2.086], [30, 2.042], [60, 2.0], [120, 1.98],
];

const quantile = (freedom: number): number => table.findLast(([least]) => least <= Math.max(1, freedom))![1];

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const variance = (values: readonly number[]): number => {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
};

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};
