import type { TopLevelSpec } from "vega-lite";
import type { RunResult } from "../experiment/result.ts";
import type { Swept } from "./families.ts";
import type { Figure } from "./figures.ts";
import { latencyAxis } from "./latency-axis.ts";
import { distinct } from "./list.ts";
import { type Setting, suffix } from "./setting.ts";
import { spread, spreadName } from "./spread.ts";
import { frame, seriesColour, unit, wrapped } from "./theme.ts";

interface Measure {
  readonly name: string;
  readonly title: string;
  readonly axis: string;
  readonly share?: true;
  /** Null: the run has none. */
  of(run: RunResult): number | null;
}

/** Latencies of no replies are none. */
const response = (which: "p50" | "p99") => (run: RunResult) =>
  run.latencyMs.response.count === 0 ? null : run.latencyMs.response[which];

const measures: readonly Measure[] = [
  { name: "throughput", title: "Throughput", axis: "commands per second", of: (run) => run.throughputOpsPerSec },
  { name: "p50", title: "Median response latency", axis: "response p50, ms", of: response("p50") },
  { name: "p99", title: "99th percentile of response latency", axis: "response p99, ms", of: response("p99") },
  { name: "fast-path", title: "Commands committed on the fast path", axis: "share of commands", share: true, of: (run) => run.paths?.fastRate ?? null },
];

/** Values beyond this ratio of largest to smallest are doubled rather than added to. */
const logarithmicFrom = 16;

/** Each measure over what is varied: a line for each protocol, a figure for each setting. */
export function sweepLines({ key, settings }: Swept): Figure[] {
  return settings.flatMap((setting) =>
    measures.flatMap((measure) => {
      const spec = lines(measure, key, setting);
      return spec === null ? [] : [{ name: `${measure.name}-by-${encodeURIComponent(key)}${suffix(setting)}`, spec }];
    }),
  );
}

function lines(measure: Measure, key: string, setting: Setting): TopLevelSpec | null {
  const points = setting.series.flatMap(({ label, runs }) =>
    [...Map.groupBy(runs, ({ result }) => result.varied![key] as number)].flatMap(([x, repeats]) => {
      const values = repeats.flatMap(({ result }) => measure.of(result) ?? []);
      return values.length === 0 ? [] : [{ series: label, x, ...spread(values), runs: values.length }];
    }),
  );
  const xs = distinct(points.map((point) => point.x)).toSorted((a, b) => a - b);
  // One point alone draws no line.
  if (xs.length < 2) return null;

  // A protocol without this measure has no place in the legend.
  const series = setting.series.filter(({ label }) => points.some((point) => point.series === label));
  const domain = series.map((one) => one.label);
  const legend = { ...wrapped(domain), symbolSize: 80, symbolStrokeWidth: 0 };
  const colour = { ...seriesColour(series), legend };
  const repeated = points.filter((point) => point.runs > 1);
  const most = Math.max(...points.map((point) => point.runs));
  // What the bars are stands where they are measured.
  const withBounds = (title: string): string | string[] => (repeated.length > 0 ? [title, `bars: ${spreadName(most)}`] : title);
  const y = measure.share
    ? { field: "median", type: "quantitative" as const, axis: { title: withBounds(measure.axis), format: "~%", tickCount: 5 }, scale: { domain: [0, 1] } }
    : latencyAxis("median", withBounds(unit(measure.axis, setting)), points.flatMap(({ median, high }) => [median, high]));
  return {
    ...frame(`${measure.title} by ${titleOf(key)}${repeated.length > 0 ? `: median of ${most} runs` : ""}`, setting),
    width: 600,
    height: 320,
    data: { values: points },
    encoding: { x: axisOf(key, xs), color: colour },
    layer: [
      {
        data: { values: repeated },
        mark: { type: "rule", strokeWidth: 1.5, opacity: 0.7 },
        encoding: { y: { field: "low", type: "quantitative" }, y2: { field: "high" } },
      },
      {
        mark: { type: "line", strokeWidth: 2 },
        encoding: {
          y,
          strokeDash: { field: "series", type: "nominal", scale: { domain, range: series.map((one) => [...one.look.dash]) }, legend },
        },
      },
      {
        mark: { type: "point", filled: true, size: 60, opacity: 1 },
        encoding: {
          y: { field: "median", type: "quantitative" },
          shape: { field: "series", type: "nominal", scale: { domain, range: series.map((one) => one.look.shape) }, legend },
        },
      },
    ],
  };
}

const titles: Readonly<Record<string, string>> = { conflict: "conflict rate", clients: "clients per site" };

const titleOf = (key: string): string => titles[key] ?? key;

/** With a tick at each value where they are few; doubling where they span much. */
function axisOf(key: string, xs: readonly number[]) {
  const [low, high] = [xs[0]!, xs.at(-1)!];
  const doubling = low > 0 && high / low >= logarithmicFrom;
  const axis = { title: titleOf(key), format: ",~r", labelOverlap: "greedy" as const, ...(xs.length <= 12 ? { values: [...xs] } : {}) };
  const scale = doubling ? { type: "log" as const, base: 2, nice: false } : { type: "linear" as const, zero: false, nice: false };
  return { field: "x", type: "quantitative" as const, axis, scale: { ...scale, domain: [low, high] } };
}
