import type { TopLevelSpec } from "vega-lite";
import { second } from "../core/ids.ts";
import type { RunResult } from "../experiment/result.ts";
import { bandsOf } from "../faults/bands.ts";
import { faultText } from "./faults.ts";
import type { Series, Setting } from "./setting.ts";
import { duration } from "./text.ts";
import { alarm, frame, ink, seriesColour, unit } from "./theme.ts";

/** A line of more points than this is drawn from windows taken together. */
const mostPoints = 300;
/** Fewer windows show no course. */
const fewestWindows = 5;
/** Faults at a time that have a label of their own. */
const tracks = 4;
const trackHeight = 15;
const panelHeight = 130;

/** Replies a second over the measured time: a panel for each series, its faults as bands; a line for each run. */
export function throughputOverTime(setting: Setting): TopLevelSpec | null {
  const { series, runs } = setting;
  if (runs.every(({ timeline, completed }) => completed === 0 || timeline.completed.length < fewestWindows)) return null;
  const end = Math.max(...runs.map((run) => run.durationMs)) / 1000;
  const most = Math.max(...runs.flatMap((run) => pointsOf(run).map((point) => point.rate)));
  return {
    ...frame("Throughput over time", setting),
    spacing: 14,
    vconcat: series.map((one, index) => panel(one, setting, end, most, index === series.length - 1)),
  };
}

function panel(series: Series, setting: Setting, end: number, most: number, last: boolean) {
  const lines = series.runs.flatMap(({ result }, run) => pointsOf(result).map((point) => ({ run, ...point })));
  // Of repeated runs, which may differ in who led and how long a restart took, the first one's.
  const { result } = series.runs[0]!;
  const bands = faultBands(result);
  const x = { type: "quantitative" as const, scale: { domain: [0, end], nice: false } };
  const colour = seriesColour(setting.series);
  const xAxis = { title: last ? unit("seconds", setting) : null, labels: last, ticks: last, grid: false, tickCount: 10 };
  return {
    title: { text: series.label, subtitle: told(result), fontSize: 13, offset: 6, anchor: "start" as const, frame: "group" as const },
    width: 640,
    height: panelHeight,
    layer: [
      {
        data: { values: bands },
        mark: { type: "rect" as const, color: alarm, opacity: 0.1, clip: true },
        encoding: { x: { ...x, field: "from", axis: xAxis }, x2: { field: "until" } },
      },
      {
        data: { values: bands },
        mark: { type: "rule" as const, color: alarm, strokeWidth: 1, clip: true },
        encoding: { x: { ...x, field: "from" } },
      },
      {
        data: { values: lines },
        mark: { type: "line" as const, clip: true, strokeWidth: 1.8, interpolate: "step-after" as const },
        encoding: {
          x: { ...x, field: "at" },
          y: {
            field: "rate",
            type: "quantitative" as const,
            // Room above the line for the labels of faults.
            scale: { domain: [0, most * (1 + (headroom(setting) * trackHeight) / panelHeight)], nice: false },
            axis: { title: "commands/s", format: ",~r", tickCount: 3 },
          },
          color: { datum: series.label, type: colour.type, scale: colour.scale, legend: null },
          detail: { field: "run", type: "nominal" as const },
        },
      },
      {
        data: { values: bands.filter((band) => band.track < tracks) },
        mark: { type: "text" as const, align: "left" as const, baseline: "top" as const, dx: 4, dy: 3, color: ink, fontSize: 12, clip: true },
        encoding: {
          x: { ...x, field: "from" },
          y: { field: "track", type: "quantitative" as const, scale: { domain: [panelHeight / trackHeight, 0], nice: false }, axis: null },
          text: { field: "text" },
        },
      },
    ],
    resolve: { scale: { y: "independent" as const } },
  };
}

/** Down-time and time to recover, in words. */
function told({ faults, longestStallMs }: RunResult): string {
  if (faults === null) return "";
  const recovered = faults.recoveredAfterMs === null ? "no recovery seen" : `recovered ${duration(faults.recoveredAfterMs)} after all was mended`;
  return `longest time without a reply ${duration(longestStallMs)} · ${recovered}`;
}

interface Labelled {
  /** s. */
  readonly from: number;
  readonly until: number;
  readonly text: string;
  /** From the top; those of one time have different ones. */
  readonly track: number;
}

function faultBands({ faults, replicas, durationMs }: RunResult): Labelled[] {
  const events = (faults?.events ?? []).map(({ atMs, fault }) => ({ at: atMs * 1000, fault }));
  const end = durationMs * 1000;
  const bands = bandsOf(events, replicas, end).filter(({ fault, from }) => !ends.has(fault.type) && from < end);
  const busy: number[] = [];
  return bands.map(({ fault, from, until }) => {
    const text = faultText(fault);
    const free = busy.findIndex((occupied) => occupied <= from);
    const track = free === -1 ? busy.length : free;
    busy[track] = Math.max(until, from + text.length * widthOf(durationMs));
    return { from: from / second, until: Math.min(until, end) / second, text, track };
  });
}

const ends: ReadonlySet<string> = new Set(["restart", "heal"]);

/** µs that a character covers, about. */
const widthOf = (durationMs: number): number => (durationMs * 1000) / 95;

/** Tracks that labels need. */
function headroom({ series }: Setting): number {
  const needed = series.flatMap(({ runs }) => faultBands(runs[0]!.result).map((band) => band.track + 1));
  return Math.min(tracks, Math.max(0, ...needed)) + 1;
}

/** Windows as points at their beginnings, taken together where they are many; the last one once more at its end. */
function pointsOf({ timeline: { windowMs, completed } }: RunResult): { readonly at: number; readonly rate: number }[] {
  const together = Math.ceil(completed.length / mostPoints);
  const ms = windowMs * together;
  const points = Array.from({ length: Math.floor(completed.length / together) }, (_, point) => {
    const replies = completed.slice(point * together, (point + 1) * together).reduce((sum, count) => sum + count, 0);
    return { at: (point * ms) / 1000, rate: (replies * 1000) / ms };
  });
  const last = points.at(-1);
  return last === undefined ? [] : [...points, { ...last, at: (points.length * ms) / 1000 }];
}
