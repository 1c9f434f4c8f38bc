import { comparedUnder, type Conditions, conditions, varying } from "./conditions.ts";
import type { Casting } from "./look.ts";
import { type PlacedRun, type Setting, settings } from "./setting.ts";
import { allRuns, type MeasuredRun, measuredRuns, type Source } from "./source.ts";
import { comparedKeys, lineKey } from "./sweep.ts";

/** Settings over which one thing is varied, in steps that are numbers. */
export interface Swept {
  /** A key of `RunResult.varied`. */
  readonly key: string;
  readonly settings: readonly Setting[];
}

/** Results of sweeps over numbers: runs that agree in all but `key` are one setting, from whatever result they come. */
export function sweptSettings(sources: readonly Source[], casting: Casting): Swept[] {
  const sweeps = sources.flatMap((source) => {
    const key = lineKey(source.result);
    return key === undefined ? [] : [{ key, runs: placedAlong(key, source) }];
  });
  return [...Map.groupBy(sweeps, ({ key }) => key)].map(([key, own]) => ({ key, settings: settings(own.flatMap(({ runs }) => runs), casting) }));
}

/** All other results: runs that agree in everything. */
export function plainSettings(sources: readonly Source[], casting: Casting): Setting[] {
  const plain = sources.filter(({ result }) => lineKey(result) === undefined);
  const runs = allRuns(plain);
  return settings(plain.flatMap(measuredRuns).map((run) => ({ run, conditions: comparedUnder(run.result, runs) })), casting);
}

/**
 * What varies beside `key`, and the conditions that do not vary with either: those that follow from `key`, as the leader's
 * site may, set no runs of one sweep apart.
 */
function placedAlong(key: string, source: Source): PlacedRun[] {
  const keys = comparedKeys(source.result);
  const groups = Map.groupBy(measuredRuns(source), ({ result }) => JSON.stringify(without(result.varied!, [key, "seed"])));
  return [...groups.values()].flatMap((group) => {
    const all = group.map(({ result }) => conditions(result));
    const shared: Conditions = { ...without(all[0]!, [...varying(all), key]), ...without(group[0]!.result.varied!, [key, "seed"]) };
    return group.map((run) => ({ run: withoutOptions(run, keys), conditions: shared }));
  });
}

/** A protocol keeps its look and its name while its options vary. */
function withoutOptions({ result, curves }: MeasuredRun, keys: readonly string[]): MeasuredRun {
  return { result: { ...result, options: without(result.options, keys) }, curves };
}

function without<T>(values: Readonly<Record<string, T>>, keys: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => !keys.includes(key)));
}
