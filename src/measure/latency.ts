import { build, type Histogram } from "hdr-histogram-js";
import type { Micros } from "../core/ids.ts";

/**
 * The three latencies of a command.
 * `commit`: request's arrival at its replica → decision there. `execute`: → execution there.
 * `response`: intended send → reply, as the client sees it.
 */
export const latencyKinds = ["commit", "execute", "response"] as const;
export type LatencyKind = (typeof latencyKinds)[number];

/**
 * What an open loop has besides. `late`: intended send → actual send. `coordinated`: what a closed-loop client would have
 * measured in place of each client, for it sends nothing while it waits, and starts its clock when it sends: actual send →
 * reply, of one request a client at a time. What is not in it, coordinated omission hides (Tene, "How NOT to Measure
 * Latency", 2013).
 */
export const openLoopKinds = ["late", "coordinated"] as const;
export type OpenLoopKind = (typeof openLoopKinds)[number];

export const recordedKinds = [...latencyKinds, ...openLoopKinds] as const;
export type RecordedKind = LatencyKind | OpenLoopKind;

/** A latency distribution, in ms. `count` is the number of samples; all else is 0 when there are none. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Longest latency that a histogram tells from longer ones: an hour. */
const ceiling: Micros = 3_600_000_000;

/** Of whole µs, three significant digits. 64-bit buckets: narrower ones overflow in silence. */
export const createHistogram = (): Histogram =>
  build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: ceiling,
    numberOfSignificantValueDigits: 3,
    useWebAssembly: false,
  });

/** `count` times. */
export const record = (histogram: Histogram, latency: Micros, count = 1): void =>
  histogram.recordValueWithCount(Math.min(Math.max(Math.round(latency), 0), ceiling), count);

export const merged = (histograms: readonly Histogram[]): Histogram => {
  const sum = createHistogram();
  for (const histogram of histograms) sum.add(histogram);
  return sum;
};

const milliseconds = (micros: Micros): number => micros / 1000;

export const summarize = (histogram: Histogram): LatencySummary => {
  const count = histogram.totalCount;
  const at = (percentile: number): number => (count === 0 ? 0 : milliseconds(histogram.getValueAtPercentile(percentile)));
  return {
    count,
    // A bucket's middle stands for its values: 0.05 % off at most.
    mean: count === 0 ? 0 : Math.round(histogram.mean) / 1000,
    min: at(0),
    p50: at(50),
    p90: at(90),
    p95: at(95),
    p99: at(99),
    p999: at(99.9),
    max: at(100),
  };
};
