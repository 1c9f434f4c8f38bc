import { comparedUnder, type Conditions, conditions, varying } from "./conditions.ts";
import type { Casting } from "./look.ts";
import { type PlacedRun, type Setting, settings } from "./setting.ts";
import { allRuns, type MeasuredRun, measuredRuns, type Source } from "./source.ts";
import { comparedKeys, type SweepAxis, sweepAxis } from "./sweep.ts";

/** Settings over which one thing is varied; what else a sweep varied makes panels (`panelOf`). */
export interface Swept extends SweepAxis {
  readonly settings: readonly Setting[];
}

/** Results of sweeps: runs that agree in all that was not varied are one setting, from whatever result they come. */
export function sweptSettings(sources: readonly Source[], casting: Casting): Swept[] {
  const sweeps = sources.flatMap((source) => {
    const axis = sweepAxis(source.result);
    return axis === undefined ? [] : [{ axis, runs: placedAlong(axis.key, source) }];
  });
  return [...Map.groupBy(sweeps, ({ axis }) => `${axis.kind} ${axis.key}`).values()].map((own) => ({
    ...own[0]!.axis,
    settings: settings(own.flatMap(({ runs }) => runs), casting),
  }));
}

/** All other results, and the points of sweeps that have no order: runs that agree in everything. */
export function plainSettings(sources: readonly Source[], casting: Casting): Setting[] {
  const plain = sources.filter(({ result }) => {
    const axis = sweepAxis(result);
    return axis === undefined || (axis.kind === "bars" && axis.key !== "replicas");
  });
  const runs = allRuns(plain);
  return settings(plain.flatMap(measuredRuns).map((run) => ({ run, conditions: comparedUnder(run.result, runs) })), casting);
}

/** What varies beside `key` in a setting: a panel for each combination; nothing where there is only one. */
export function panelOf(run: MeasuredRun, key: string, setting: Setting): Conditions {
  const keys = varying(setting.runs.map(({ varied }) => varied!)).filter((other) => other !== key && other !== "seed");
  return Object.fromEntries(keys.map((other) => [other, run.result.varied![other] ?? "none"]));
}

/** The conditions that do not vary: those that follow from `key`, as the leader's site may, set no runs of a sweep apart. */
function placedAlong(key: string, source: Source): PlacedRun[] {
  const keys = comparedKeys(source.result);
  const runs = measuredRuns(source);
  const all = runs.map(({ result }) => conditions(result));
  const shared = all.length === 0 ? {} : without(all[0]!, [...varying(all), key]);
  return runs.map((run) => ({ run: withoutOptions(run, keys), conditions: shared }));
}

/** A protocol keeps its look and its name while its options vary. */
function withoutOptions({ result, curves }: MeasuredRun, keys: readonly string[]): MeasuredRun {
  return { result: { ...result, options: without(result.options, keys) }, curves };
}

function without<T>(values: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
