/** What of a run is drawn, and where. */
import type { Micros } from "../../core/ids.ts";
import type { Lane, TracedRun, TraceEvent } from "../../sim/trace.ts";
import { axisOf, type Axis } from "./axis.ts";
import { causesOf } from "./steps.ts";

export interface Scene {
  readonly run: TracedRun;
  readonly axis: Axis;
  /** By lane, px from the left. */
  readonly xs: readonly number[];
  readonly width: number;
  readonly matters: readonly boolean[];
  readonly deliveries: ReadonlyMap<number, readonly number[]>;
  /** Events from `first` to before `end` are drawn. */
  readonly first: number;
  readonly end: number;
  /** By event, px from the top; outside of the window its edge. */
  y(event: number): number;
}

/** More than these makes no picture: the last ones are drawn. Behind the first violation only a few more. */
const most = 600;
const after = 20;

export const gutter = 250;
export const top = 56;
const clientWidth = 118;
const siteGap = 195;

export const sceneOf = (run: TracedRun): Scene => {
  const { events, replicas } = run;
  const { matters, deliveries } = causesOf(events, replicas);
  const [first, end] = windowOf(events, matters);
  const shown: number[] = [];
  for (let index = first; index < end; index++) if (matters[index]!) shown.push(index);
  const axis = axisOf(shown.map((index) => ({ at: events[index]!.at, column: columnOf(run, index), above: events[index]!.type === "violated" ? 1 : 0 })), top + 24);
  const rows = new Map(shown.map((index, place) => [index, axis.ys[place]!]));
  const xs = lanesOf(run);
  const y = (index: number): number => {
    if (index < first) return top + 8;
    if (index >= end) return axis.height - 8;
    return rows.get(index) ?? axis.place(events[index]!.at);
  };
  return { run, axis, xs, width: Math.max(...xs) + 210, matters, deliveries, first, end, y };
};

const windowOf = (events: readonly TraceEvent[], matters: readonly boolean[]): [first: number, end: number] => {
  const violation = events.findIndex(({ type }) => type === "violated");
  const shown = matters.flatMap((matter, index) => (matter ? [index] : []));
  const last = violation === -1 ? shown.length - 1 : Math.min(shown.length - 1, shown.indexOf(violation) + after);
  const end = last === shown.length - 1 ? events.length : shown[last]! + 1;
  return [last < most ? 0 : shown[last - most + 1]!, end];
};

/** Those of one site stand beside each other: their words need rows of their own. Faults have the margin. */
const columnOf = ({ events, replicas }: TracedRun, index: number): number | null => {
  const event = events[index]!;
  switch (event.type) {
    case "sent":
    case "persisted":
    case "decided":
    case "synced":
    case "returned": return null;
    case "executed": return executesMore(events, index) ? null : event.lane;
    case "delivered": return event.lane >= replicas || (events[event.message]!.lane) >= replicas ? null : event.lane;
    case "fault": return -1;
    default: return event.lane >= replicas ? (event.lane - replicas) % replicas : event.lane;
  }
};

/** Whether the step has executed something already: all of it is told in one place. */
export const executesMore = (events: readonly TraceEvent[], index: number): boolean => {
  let before = index - 1;
  while (events[before]?.type === "decided") before--;
  return events[before]?.type === "executed" && events[before]!.lane === events[index]!.lane;
};

/** A site after the other: its clients, then its replica. */
const lanesOf = ({ replicas, clients }: TracedRun): number[] => {
  const perSite = clients / replicas;
  const siteWidth = perSite * clientWidth + siteGap;
  const xs: number[] = [];
  for (let replica = 0; replica < replicas; replica++) xs[replica] = gutter + 20 + replica * siteWidth + perSite * clientWidth;
  for (let client = 0; client < clients; client++) {
    xs[replicas + client] = gutter + 20 + (client % replicas) * siteWidth + Math.floor(client / replicas) * clientWidth;
  }
  return xs;
};

/** `replica 0`, `client 3`. */
export const laneName = ({ replicas }: TracedRun, lane: Lane): string => (lane < replicas ? `replica ${lane}` : `client ${lane - replicas}`);

/** ms, to the µs where it is needed. */
export const clock = (at: Micros): string => `${(at / 1000).toFixed(1)} ms`;
