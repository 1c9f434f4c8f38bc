/** What makes a run's numbers less than they seem: each rule in words, with what was seen. Faults aside: those are wanted. */
import type { RunResult } from "./result.ts";

export interface Warning {
  readonly rule: keyof typeof rules;
  /** What was seen, and the rule. */
  readonly detail: string;
}

/** Told together, in this order. Null: nothing to tell. */
const rules = {
  generator: ({ nodes }: Told): string | null => {
    const load = busiest(nodes, "load");
    const replica = busiest(nodes, "replica");
    if (load === null || load.busy <= most || (replica !== null && replica.busy > most)) return null;
    const others = replica === null ? "" : `, no replica more than ${percent(replica.busy)}`;
    return `the load generator was the bottleneck: ${load.node} was busy ${percent(load.busy)} of the time${others} (rule: it more than ${percent(most)}, they not)`;
  },
  behind: ({ openLoop, throughputOpsPerSec: answered }: Told): string | null => {
    if (openLoop === null || openLoop.arrived < fewest) return null;
    const { offeredOpsPerSec: offered } = openLoop;
    return answered >= answeredOfOffered * offered
      ? null
      : `${percent(answered / offered)} of what was offered was answered in time: the cluster, or the generator, was over its limit (rule: less than ${percent(answeredOfOffered)})`;
  },
  dropped: ({ openLoop }: Told): string | null =>
    openLoop === null || openLoop.dropped === 0
      ? null
      : `${openLoop.dropped} requests, ${percent(openLoop.dropped / openLoop.arrived)} of those that arrived, were dropped: no latency knows of them (rule: any)`,
  late: ({ openLoop, latencyMs: { response } }: Told): string | null => {
    if (openLoop === null) return null;
    const { p99 } = openLoop.lateMs;
    const tenth = response.p99 / 10;
    return p99 <= Math.max(1, tenth)
      ? null
      : `one request of a hundred was sent ${ms(p99)} late or more, which its latency includes (rule: more than 1 ms and a tenth of response p99)`;
  },
  unsteady: ({ steady }: Told): string | null =>
    steady === null || steady.found ? null : `noisy: throughput did not become steady within ${steady.limitMs / 1000} s of warm-up (rule: ${steady.rule})`,
  dispersion: ({ timeline, faults }: Told): string | null => {
    const counts = faults === null ? parts(timeline.completed) : null;
    if (counts === null) return null;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    const deviation = Math.sqrt(counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (counts.length - 1));
    // Where few are answered, chance alone disperses: by √mean, did they come as a Poisson process.
    if (mean === 0 || deviation <= dispersed * mean || deviation <= 3 * Math.sqrt(mean)) return null;
    return `noisy: throughput of the ${counts.length} tenths of the time has a deviation of ${percent(deviation / mean)} (rule: more than ${percent(dispersed)}, and three times what chance makes)`;
  },
  machine: ({ machine }: Told): string | null => {
    if (machine === null) return null;
    const others = machine.usedCores - machine.ownCores;
    return others <= othersCores
      ? null
      : `noisy: other programs used ${others.toFixed(1)} of ${machine.cores} cores meanwhile (rule: more than ${othersCores})`;
  },
  profiler: ({ profiled }: Told): string | null => (profiled ? "measured under a profiler, which takes time of its own (rule: --cpu-prof)" : null),
} satisfies Readonly<Record<string, (told: Told) => string | null>>;

/** Share of the time. */
const most = 0.9;
const answeredOfOffered = 0.95;
/** Arrivals, below which chance alone makes more than that difference. */
const fewest = 1000;
const dispersed = 0.2;
const othersCores = 0.25;

type Told = Pick<RunResult, "nodes" | "machine" | "steady" | "openLoop" | "throughputOpsPerSec" | "latencyMs" | "timeline" | "faults"> & { readonly profiled: boolean };

export const warningsOf = (told: Told): Warning[] =>
  (Object.keys(rules) as Warning["rule"][]).flatMap((rule) => {
    const detail = rules[rule](told);
    return detail === null ? [] : [{ rule, detail }];
  });

const busiest = (nodes: Told["nodes"], role: string): NonNullable<Told["nodes"]>[number] | null =>
  (nodes ?? []).filter(({ node }) => node.startsWith(role)).toSorted((a, b) => b.busy - a.busy)[0] ?? null;

/** Sums of ten equal parts of the windows, a rest left out. Null: there are too few. */
const parts = (windows: readonly number[]): number[] | null => {
  const length = Math.floor(windows.length / 10);
  if (length === 0) return null;
  return Array.from({ length: 10 }, (_, part) => windows.slice(part * length, (part + 1) * length).reduce((sum, count) => sum + count, 0));
};

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${value.toPrecision(3)} ms`;
