import type { RunResult } from "../experiment/result.ts";
import type { Conditions } from "./conditions.ts";
import { panelOf } from "./families.ts";
import { distinct } from "./list.ts";
import type { Measure } from "./measures.ts";
import { byNumbers, type Series, type Setting } from "./setting.ts";
import { type Spread, spread } from "./spread.ts";

/** What a series measured at one point of a sweep. */
export interface SweepPoint extends Spread {
  readonly series: string;
  /** Value of what is varied. */
  readonly x: string | number;
  /** What else varies, in words; empty where nothing does. */
  readonly panel: string;
  /** How many runs these are the median of. */
  readonly runs: number;
}

/** In the order of panels, series and values. */
export function sweepPoints(measure: Measure, key: string, setting: Setting): SweepPoint[] {
  const points = setting.series.flatMap((series) =>
    [...Map.groupBy(series.runs, (run) => JSON.stringify([panelName(panelOf(run, key, setting)), run.result.varied![key]]))].flatMap(([place, repeats]) => {
      const [panel, x] = JSON.parse(place) as [string, string | number];
      const values = repeats.flatMap(({ result }) => measure.of(result) ?? []);
      return values.length === 0 ? [] : [{ series: series.label, x, panel, ...spread(values), runs: values.length }];
    }),
  );
  const xs = valuesOf(points);
  const panels = panelsOf(points);
  return points.toSorted((a, b) => panels.indexOf(a.panel) - panels.indexOf(b.panel) || xs.indexOf(a.x) - xs.indexOf(b.x));
}

export function valuesOf(points: readonly SweepPoint[]): (string | number)[] {
  return rising(points.map((point) => point.x));
}

/** What a key of what is varied has for values in these runs. */
export function valuesIn(runs: readonly RunResult[], key: string): (string | number)[] {
  return rising(runs.map((run) => run.varied![key]!));
}

/** Numbers rising, words as they came. */
function rising(all: readonly (string | number)[]): (string | number)[] {
  const values = distinct(all);
  return values.every((value) => typeof value === "number") ? values.toSorted((a, b) => a - b) : values;
}

export function panelsOf(points: readonly SweepPoint[]): string[] {
  return sorted(points.map((point) => point.panel));
}

export function panelsIn(setting: Setting, key: string): string[] {
  return sorted(setting.series.flatMap(({ runs }) => runs.map((run) => panelName(panelOf(run, key, setting)))));
}

function sorted(panels: readonly string[]): string[] {
  return distinct(panels).sort(byNumbers);
}

/** Those that have the measure. */
export function seriesOf(points: readonly SweepPoint[], { series }: Setting): Series[] {
  return series.filter(({ label }) => points.some((point) => point.series === label));
}

/** In words; empty where nothing else varies. */
export function panelName(panel: Conditions): string {
  return Object.entries(panel).map(([other, value]) => (other === "replicas" ? `${value} replicas` : `${titleOf(other)} ${value}`)).join(", ");
}

const titles: Readonly<Record<string, string>> = { conflict: "conflict rate", clients: "clients per site", rate: "commands offered per second" };

/** What varies, as an axis or a panel calls it. */
export function titleOf(key: string): string {
  return titles[key] ?? key;
}
