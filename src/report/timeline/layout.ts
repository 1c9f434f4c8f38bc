import type { ViewedOperation, ViewedStep, WitnessView } from "../../check/linearizability/witness-view.ts";
import { fitted } from "./label.ts";

/** Px. Of a long text at least so much is told. */
const barLabel = 120;
const stateLabel = 52;
const padding = 16;
const eventGap = 10;
const badgeGap = 3;
/** What comes after the refutation. */
const afterwards = 28;

/** `blocked`: cannot follow. `open`: could, but would not help. */
export type Kind = "placed" | "blocked" | "open";

/** An operation as it is drawn; lengths in px from the left end of the axis. */
export interface Bar {
  readonly operation: ViewedOperation;
  readonly kind: Kind;
  readonly label: string;
  readonly from: number;
  /** `returned`: in the picture; `later`: after the refutation; `unknown`: nobody knows. */
  readonly end: "returned" | "later" | "unknown";
  readonly to: number;
  /** Where it takes effect, if it has a place in the order. */
  readonly point: number | undefined;
  readonly step: ViewedStep | undefined;
  /** Among the lanes of its process. */
  readonly lane: number;
}

/** A stretch of the order over which the state stays the same. */
export interface Segment {
  readonly state: string;
  readonly label: string;
  readonly from: number;
  readonly to: number;
}

export interface Layout {
  readonly width: number;
  readonly rows: readonly { readonly process: number; readonly lanes: number; readonly bars: readonly Bar[] }[];
  readonly segments: readonly Segment[];
  /** Calls and returns by line, with the recorded time, ns. */
  readonly events: readonly { readonly line: number; readonly time: number | null; readonly x: number }[];
  /** Where the culprit returns. */
  readonly refuted: number;
}

/** A place on the axis that something is drawn at. */
interface Mark {
  /** Line; for the instant at which an operation takes effect, between two of them. */
  readonly at: number;
  readonly event: { readonly line: number; readonly time: number | null } | undefined;
  /** Of what is drawn around it. */
  readonly width: number;
  x: number;
}

/** At least this far from one mark to another. */
interface Distance {
  readonly from: Mark;
  readonly to: Mark;
  readonly width: number;
}

interface Draft {
  readonly operation: ViewedOperation;
  readonly kind: Kind;
  readonly call: Mark;
  readonly back: Mark;
  readonly point: Mark | undefined;
  readonly step: ViewedStep | undefined;
}

/**
 * Places the last `count` steps and all operations without a place. Every call, return and step has its own place on the
 * axis, in the order of lines, with room for what is written there; what then is left of `width` is given out by time.
 */
export const layout = (view: WitnessView, count: number, width: number): Layout => {
  const culprit = view.cannotFollow[0]!;
  const steps = view.steps.slice(view.steps.length - count);
  const edge: Mark = { at: Infinity, event: undefined, width: 2 * afterwards, x: 0 };
  const points = pointsOf(steps, culprit);
  const drafts = [
    ...steps.map((step, i) => draft(step, step.number === view.culpritStep ? "blocked" : "placed", culprit, edge, points[i], step)),
    ...view.cannotFollow.slice(steps.some((step) => step.number === view.culpritStep) ? 1 : 0).map((one) => draft(one, "blocked", culprit, edge)),
    ...view.open.map((one) => draft(one, "open", culprit, edge)),
  ];
  const events = drafts.flatMap(({ call, back }) => (back === edge ? [call] : [call, back]));
  const marks = [...events, ...points].sort((a, b) => a.at - b.at);
  marks.push(edge);

  const start = view.steps[view.steps.length - count - 1]?.state ?? view.stateBefore;
  const runs = runsOf(start, steps, points, marks[0]!, edge);
  place(marks, [
    ...drafts.map(({ operation, call, back }) => ({ from: call, to: back, width: roomFor(operation.text, barLabel) })),
    ...runs.map(({ state, from, to }) => ({ from, to, width: roomFor(state, stateLabel) })),
  ]);
  spread(marks, width);

  const bars = drafts.map((one): Bar => ({
    operation: one.operation,
    kind: one.kind,
    label: inside(one.operation.text, one.call, one.back),
    from: one.call.x,
    end: one.back !== edge ? "returned" : one.operation.returned === Infinity ? "unknown" : "later",
    to: one.back.x,
    point: one.point?.x,
    step: one.step,
    lane: 0,
  }));
  return {
    width: edge.x,
    rows: rowsOf(bars),
    segments: runs.map(({ state, from, to }) => ({ state, label: inside(state, from, to), from: from.x, to: to.x })),
    events: marks.flatMap(({ event, x }) => (event === undefined ? [] : [{ ...event, x }])),
    refuted: marks.find(({ at }) => at === culprit.returned)!.x,
  };
};

const roomFor = (text: string, most: number): number => fitted(text, most).width + padding;

const inside = (text: string, from: Mark, to: Mark): string => fitted(text, to.x - from.x - padding).text;

const eventAt = (line: number, time: number | null): Mark => ({ at: line, event: { line, time }, width: eventGap, x: 0 });

const draft = (operation: ViewedOperation, kind: Kind, culprit: ViewedOperation, edge: Mark, point?: Mark, step?: ViewedStep): Draft => {
  const { called, calledAt, returned, returnedAt } = operation;
  return {
    operation,
    kind,
    call: eventAt(called, calledAt),
    back: returned <= culprit.returned ? eventAt(returned, returnedAt) : edge,
    point,
    step,
  };
};

/**
 * When each step takes effect: half-way between the earliest instant, when it and all before it were called, and the
 * latest, when it or one behind it returns.
 */
const pointsOf = (steps: readonly ViewedStep[], culprit: ViewedOperation): Mark[] => {
  const latest: number[] = [];
  let limit = culprit.returned;
  for (const step of steps.toReversed()) latest.unshift((limit = Math.min(limit, step.returned)));
  let earliest = -Infinity;
  return steps.map(({ called, number }, i) => {
    earliest = Math.max(earliest, called);
    return { at: (earliest + latest[i]!) / 2, event: undefined, width: badgeWidth(number) + badgeGap, x: 0 };
  });
};

/** Of a step's number in its round frame, px. */
export const badgeWidth = (number: number): number => Math.max(16, String(number).length * 7.5 + 6);

/** The states one after the other, each from the step that made it to the next that changes it. */
const runsOf = (before: string, steps: readonly ViewedStep[], points: readonly Mark[], start: Mark, edge: Mark) => {
  const runs = [{ state: before, from: start }];
  steps.forEach(({ state }, i) => state !== runs.at(-1)!.state && runs.push({ state, from: points[i]! }));
  return runs.map(({ state, from }, i) => ({ state, from, to: runs[i + 1]?.from ?? edge }));
};

const place = (marks: readonly Mark[], distances: readonly Distance[]): void => {
  const ending = Map.groupBy(distances, ({ to }) => to);
  marks.forEach((mark, i) => {
    const before = marks[i - 1];
    const least = before === undefined ? 0 : before.x + (before.width + mark.width) / 2;
    mark.x = Math.max(least, ...(ending.get(mark) ?? []).map(({ from, width }) => from.x + width));
  });
};

/** Gives out what is left of `width`: by time, or evenly where times are missing. Between two events evenly, too. */
const spread = (marks: readonly Mark[], width: number): void => {
  const left = width - marks.at(-1)!.x;
  const times = timesOf(marks);
  const [first, last] = [times[0]!, times.at(-1)!];
  if (left > 0 && last > first) marks.forEach((mark, i) => (mark.x += (left * (times[i]! - first)) / (last - first)));
};

/** Never decreasing: clocks may disagree with the order of lines, which is what counts. */
const timesOf = (marks: readonly Mark[]): number[] => {
  const events = marks.flatMap(({ event }, i) => (event === undefined ? [] : [{ i, time: event.time }]));
  if (events.some(({ time }) => time === null)) return marks.map((_, i) => i);
  const times = [events[0]!.time!];
  let before = 0;
  for (const { i, time } of events.slice(1)) {
    const from = times[before]!;
    const gap = Math.max(0, time! - from) / (i - before);
    for (let j = before + 1; j <= i; j++) times[j] = from + gap * (j - before);
    before = i;
  }
  return marks.map((_, i) => times[Math.min(i, before)]!);
};

/** A row for each process. Its operations have several lanes where one of unknown outcome did not keep it from the next. */
const rowsOf = (bars: readonly Bar[]): Layout["rows"] =>
  [...Map.groupBy(bars, ({ operation }) => operation.process)]
    .sort(([a], [b]) => a - b)
    .map(([process, own]) => {
      const ends: number[] = [];
      const placed = own
        .toSorted((a, b) => a.from - b.from)
        .map((bar) => {
          const free = ends.findIndex((end) => end < bar.from);
          const lane = free < 0 ? ends.length : free;
          ends[lane] = bar.to;
          return { ...bar, lane };
        });
      return { process, lanes: ends.length, bars: placed };
    });
