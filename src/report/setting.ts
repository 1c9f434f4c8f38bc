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
  const name = namer(results);
  // Variants are counted over all settings: one that is missing from a figure must not shift the looks of the others.
  const identities = distinct(results.map(identity)).sort(byNumbers);
  const variantOf = (id: string): number => identities.filter((other) => protocolOf(other) === protocolOf(id)).indexOf(id);

  const groups = [...Map.groupBy(placed, ({ conditions }) => canonical(conditions)).values()];
  const varied = telling(groups.map((group) => group[0]!.conditions));
  return groups.map((group) => {
    const bySeries = Map.groupBy(group, ({ run }) => identity(run.result));
    return {
      apart: Object.fromEntries(varied.map((key) => [key, group[0]!.conditions[key] ?? "none"])),
      runs: group.map(({ run }) => run.result),
      series: identities.flatMap((id) => {
        const members = bySeries.get(id)?.map(({ run }) => run);
        if (members === undefined) return [];
        const own = members.map((run) => run.result);
        return [{ label: label(name, own), name: name(own[0]!), look: look(casting.get(protocolOf(id))!, variantOf(id)), runs: members }];
      }),
    };
  });
}

/** A simulated run that stands in two results is the same one, and no repeat. */
function once(placed: readonly PlacedRun[]): PlacedRun[] {
  const seen = new Set<string>();
  return placed.filter(({ run: { result } }) => {
    if (!result.simulated) return true;
    const content = JSON.stringify({ ...result, repeat: null, files: null, replay: null, environment: null });
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
 * result's other series.
 */
export function namer(runs: readonly RunResult[]): (run: RunResult) => string {
  return (run) => {
    const homonym = runs.some((other) => other.title === run.title && other.protocol !== run.protocol);
    const siblings = runs.filter((other) => other.protocol === run.protocol);
    // An option that only some have came with a version, which is told by itself.
    const told = varying(siblings.map((sibling) => sibling.options)).filter((key) => siblings.some(({ options }) => differs(options[key], run.options[key])));
    const options = told.map((key) => `${key}=${run.options[key]}`);
    const versions = distinct(siblings.map((sibling) => sibling.environment.git));
    const version = versions.length > 1 ? [`at ${run.environment.git}`] : [];
    return [run.title, ...(homonym ? [`(${run.protocol})`] : []), ...options, ...version].join(" ");
  };
}

/** As people order names: batch=8 before batch=64. */
export const byNumbers = new Intl.Collator("en", { numeric: true }).compare;

function differs(one: unknown, other: unknown): boolean {
  return one !== undefined && other !== undefined && one !== other;
}

/** Other code is another protocol, whatever it is called. */
function identity(run: RunResult): string {
  return JSON.stringify([run.protocol, run.options, run.environment.git]);
}

function protocolOf(id: string): string {
  return (JSON.parse(id) as [string])[0];
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
