/** What of a result can be asked for by name: by thresholds and comparisons. */
import { latencyKinds } from "../measure/latency.ts";
import type { RunResult } from "./result.ts";

export interface Metric {
  readonly name: string;
  /** "ms", "ops/s" or "" for a count or share. */
  readonly unit: string;
  /** Which way is good. */
  readonly better: "less" | "more";
  /** Null: this run has none, a protocol without a fast path for example. */
  of(run: RunResult): number | null;
}

const points = ["mean", "min", "p50", "p90", "p95", "p99", "p999", "max"] as const;

const latencies: readonly Metric[] = latencyKinds.flatMap((kind) =>
  points.map((point): Metric => ({
    name: `${kind}.${point}`,
    unit: "ms",
    better: "less",
    of: (run) => (run.latencyMs[kind].count === 0 ? null : run.latencyMs[kind][point]),
  })),
);

export const metrics: readonly Metric[] = [
  { name: "throughput", unit: "ops/s", better: "more", of: (run) => run.throughputOpsPerSec },
  ...latencies,
  { name: "fastRate", unit: "", better: "more", of: (run) => run.paths?.fastRate ?? null },
  { name: "messages", unit: "", better: "less", of: (run) => run.messages?.perCommand ?? null },
  { name: "longestStall", unit: "ms", better: "less", of: (run) => run.longestStallMs },
  { name: "leaderChanges", unit: "", better: "less", of: (run) => run.leaderChanges },
  { name: "dropped", unit: "", better: "less", of: (run) => run.openLoop?.dropped ?? null },
  { name: "unknown", unit: "", better: "less", of: (run) => run.unknown },
];
