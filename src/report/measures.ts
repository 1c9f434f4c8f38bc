import type { RunResult } from "../experiment/result.ts";

/** What of a run is shown where several are set side by side. */
export interface Measure {
  /** Fit for a file name. */
  readonly name: string;
  readonly title: string;
  /** What an axis is called; times get their "of virtual time" where they are shown. */
  readonly axis: string;
  /** In words of one sentence: "the highest throughput". */
  readonly best: string;
  readonly unit: string;
  /** Time goes into it, so in a simulation it is in virtual time. */
  readonly timed: boolean;
  readonly share?: true;
  readonly better: "more" | "less";
  /** Null: the run has none. */
  of(run: RunResult): number | null;
}

/** Latencies of no replies are none. */
const response = (which: "p50" | "p99") => (run: RunResult) =>
  run.latencyMs.response.count === 0 ? null : run.latencyMs.response[which];

export const throughputMeasure: Measure = {
  name: "throughput", title: "Throughput", axis: "commands per second", best: "the highest throughput", unit: "ops/s", timed: true, better: "more",
  of: (run) => run.throughputOpsPerSec,
};

export const p50Measure: Measure = {
  name: "p50", title: "Median response latency", axis: "response p50, ms", best: "the lowest median response latency", unit: "ms", timed: true, better: "less",
  of: response("p50"),
};

export const p99Measure: Measure = {
  name: "p99", title: "99th percentile of response latency", axis: "response p99, ms", best: "the lowest 99th percentile of response latency", unit: "ms", timed: true, better: "less",
  of: response("p99"),
};

export const messagesMeasure: Measure = {
  name: "messages", title: "Messages between replicas", axis: "messages per command", best: "the fewest messages per command", unit: "messages", timed: false, better: "less",
  of: (run) => (run.messages === null || run.completed === 0 ? null : run.messages.perCommand),
};

export const bytesMeasure: Measure = {
  name: "bytes", title: "Bytes between replicas", axis: "bytes per command", best: "the fewest bytes per command", unit: "bytes", timed: false, better: "less",
  of: (run) => (run.messages === null || run.completed === 0 ? null : run.messages.bytes / run.completed),
};

/** What matters most. */
export const mainMeasures: readonly Measure[] = [throughputMeasure, p50Measure, p99Measure];

/** In the order in which they are shown. */
export const measures: readonly Measure[] = [
  ...mainMeasures,
  {
    name: "fast-path", title: "Commands committed on the fast path", axis: "share of commands", best: "the largest share on the fast path", unit: "", timed: false, share: true, better: "more",
    of: (run) => run.paths?.fastRate ?? null,
  },
  messagesMeasure,
  bytesMeasure,
];
