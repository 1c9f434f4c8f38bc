import type { RunResult } from "../experiment/result.ts";
import { type Conditions, varying } from "./conditions.ts";
import { distinct } from "./list.ts";
import { type Casting, type Look, look } from "./look.ts";
import type { MeasuredRun } from "./source.ts";
import { checksThat, checkTitle } from "./verdict.ts";

/** The runs that may share a figure, since they were made under the same conditions. */
export interface Setting {
  /** What sets it apart from the other settings of its kind; nothing when it is the only one. */
  readonly apart: Conditions;
  readonly series: readonly Series[];
  /** Those of all series; at least one. */
  readonly runs: readonly RunResult[];
}

/** One protocol in one version with one set of options: what has one look. Several runs when it was repeated. */
export interface Series {
  /** Unique within its setting; says where there is nothing to see, and which checks did not hold. */
  readonly label: string;
  /** Without these remarks. */
  readonly name: string;
  readonly look: Look;
  readonly runs: readonly MeasuredRun[];
}

/** A run, and what its setting's runs share. */
export interface PlacedRun {
  readonly run: MeasuredRun;
  readonly conditions: Conditions;
}

export function settings(all: readonly PlacedRun[], casting: Casting): Setting[] {
  const placed = once(all);
  const results = placed.map(({ run }) => run.result);
  const told = optionTeller(results);
  const identity = (run: RunResult): string => JSON.stringify([run.protocol, told(run), run.environment.git]);
  const identities = distinct(results.map(identity)).sort(byNumbers);

  const groups = [...Map.groupBy(placed, ({ conditions }) => canonical(conditions)).values()];
  const varied = telling(groups.map((group) => group[0]!.conditions));
  return groups.map((group) => {
    const shown = group.map(({ run }) => run.result);
    const name = namer(results, shown);
    const bySeries = Map.groupBy(group, ({ run }) => identity(run.result));
    return {
      apart: Object.fromEntries(varied.map((key) => [key, group[0]!.conditions[key] ?? "none"])),
      runs: shown,
      series: identities.flatMap((id) => {
        const members = bySeries.get(id)?.map(({ run }) => run);
        if (members === undefined) return [];
        const own = members.map((run) => run.result);
        return [{ label: label(name, own), name: name(own[0]!), look: look(casting.get(own[0]!.protocol)!, variantOf(own[0]!, results, shown)), runs: members }];
      }),
    };
  });
}

/**
 * Sets of options are counted over all settings, for one that is missing from a figure must not shift the looks of the others;
 * versions over what is shown together, for only there they are told apart.
 */
function variantOf(run: RunResult, all: readonly RunResult[], shown: readonly RunResult[]): number {
  const told = optionTeller(all);
  const sets = distinct(all.filter((other) => other.protocol === run.protocol).map((other) => told(other).join(" "))).sort(byNumbers);
  const versions = versionsOf(run.protocol, shown);
  return sets.indexOf(told(run).join(" ")) * versions.length + versions.indexOf(run.environment.git);
}

/** A simulated run that stands in two results is the same one, and no repeat. */
function once(placed: readonly PlacedRun[]): PlacedRun[] {
  const seen = new Set<string>();
  return placed.filter(({ run: { result } }) => {
    if (!result.simulated) return true;
    const content = JSON.stringify({ ...result, repeat: null, files: null, replay: null, environment: result.environment.git });
    if (seen.has(content)) return false;
    seen.add(content);
    return true;
  });
}

/** Of the keys that vary, the first ones that suffice to tell all apart. */
function telling(all: readonly Conditions[]): string[] {
  const chosen: string[] = [];
  const told = (keys: readonly string[]): number => new Set(all.map((one) => JSON.stringify(keys.map((key) => one[key] ?? null)))).size;
  for (const key of varying(all)) if (told([...chosen, key]) > told(chosen)) chosen.push(key);
  return chosen;
}

/** Fit for a file name; empty for the only setting. Escaped like part of an address, so that no two share a name and none leaves the folder. */
export function suffix({ apart }: Setting): string {
  return Object.entries(apart).map(([key, value]) => `,${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`).join("");
}

/**
 * How each run is called: by its protocol's title, with whatever else it takes to tell it from the
 * result's other series, and by its version where several are `shown` together.
 */
export function namer(runs: readonly RunResult[], shown = runs): (run: RunResult) => string {
  const told = optionTeller(runs);
  return (run) => {
    const homonym = runs.some((other) => other.title === run.title && other.protocol !== run.protocol);
    const version = versionsOf(run.protocol, shown).length > 1 ? [`at ${run.environment.git}`] : [];
    return [run.title, ...(homonym ? [`(${run.protocol})`] : []), ...told(run), ...version].join(" ");
  };
}

/** As people order names: batch=8 before batch=64. */
export const byNumbers = new Intl.Collator("en", { numeric: true }).compare;

/** The options that tell a run from others of its protocol. One that only some have came with a version, which is told by itself. */
function optionTeller(runs: readonly RunResult[]): (run: RunResult) => string[] {
  const keys = new Map(
    [...Map.groupBy(runs, (run) => run.protocol)].map(([protocol, siblings]) => {
      const differs = (key: string): boolean => distinct(siblings.flatMap(({ options }) => options[key] ?? [])).length > 1;
      return [protocol, varying(siblings.map(({ options }) => options)).filter(differs)] as const;
    }),
  );
  return ({ protocol, options }) => (keys.get(protocol) ?? []).filter((key) => options[key] !== undefined).map((key) => `${key}=${options[key]}`);
}

function versionsOf(protocol: string, runs: readonly RunResult[]): string[] {
  return distinct(runs.filter((run) => run.protocol === protocol).map((run) => run.environment.git)).sort();
}

/** The same whatever order the keys came in. */
function canonical(conditions: Conditions): string {
  return JSON.stringify(Object.entries(conditions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function label(name: (run: RunResult) => string, runs: readonly RunResult[]): string {
  const silent = runs.every((run) => run.latencyMs.response.count === 0);
  const broken = checksThat("failed", runs).map(checkTitle);
  return [
    name(runs[0]!),
    ...(silent ? ["(no replies)"] : []),
    // Unbreakable, so that a cross stays with what it is about.
    ...(broken.length > 0 ? [`✗\u00a0${broken.join(", ")}`] : []),
  ].join(" ");
}
