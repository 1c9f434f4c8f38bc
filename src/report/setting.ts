import type { LatencyCurve, ResultFile, RunResult } from "../experiment/result.ts";
import type { LatencyKind } from "../measure/latency.ts";
import { comparedUnder, type Conditions, varying } from "./conditions.ts";
import { distinct } from "./list.ts";
import { type Look, look } from "./look.ts";
import { checksThat, checkTitle } from "./verdict.ts";

/** The runs that may share a figure, since they were made under the same conditions. */
export interface Setting {
  /** What sets it apart from the result's other settings, fit for a file name; empty when it is the only one. */
  readonly suffix: string;
  readonly series: readonly Series[];
  /** Those of all series; at least one. */
  readonly runs: readonly RunResult[];
}

/** One protocol with one set of options: what has one colour. Several runs when it was repeated. */
export interface Series {
  /** Unique within its setting; says where there is nothing to see, and which checks did not hold. */
  readonly label: string;
  readonly look: Look;
  readonly runs: readonly MeasuredRun[];
}

interface MeasuredRun {
  readonly result: RunResult;
  readonly curves: Readonly<Partial<Record<LatencyKind, LatencyCurve>>>;
}

/** `conditionsOf`: what runs of one setting must share. */
export function settings(
  result: ResultFile,
  curves: readonly LatencyCurve[],
  conditionsOf: (run: RunResult) => Conditions = (run) => comparedUnder(run, result.runs),
): Setting[] {
  const runs = result.runs.map((run, index) => ({
    result: run,
    curves: Object.fromEntries(curves.filter((curve) => curve.run === index).map((curve) => [curve.kind, curve])),
  }));
  const name = namer(result.runs);
  // Colours go by the whole result: a series missing from one figure must not shift those of the others.
  const identities = distinct(result.runs.map(identity)).sort();

  const groups = [...Map.groupBy(runs, (run) => JSON.stringify(conditionsOf(run.result))).values()];
  const shared = groups.map((group) => conditionsOf(group[0]!.result));
  const varied = varying(shared);
  return groups.map((group, index) => {
    const bySeries = Map.groupBy(group, (run) => identity(run.result));
    return {
      suffix: suffix(varied, shared[index]!),
      runs: group.map((run) => run.result),
      series: identities.flatMap((id, order) => {
        const members = bySeries.get(id);
        if (members === undefined) return [];
        return [{ label: label(name, members.map((run) => run.result)), look: look(order), runs: members }];
      }),
    };
  });
}

/**
 * How each run is called: by its protocol's title, with whatever else it takes to tell it from the
 * result's other series.
 */
export function namer(runs: readonly RunResult[]): (run: RunResult) => string {
  return (run) => {
    const homonym = runs.some((other) => other.title === run.title && other.protocol !== run.protocol);
    const siblings = runs.filter((other) => other.protocol === run.protocol);
    const options = varying(siblings.map((sibling) => sibling.options)).map((key) => `${key}=${run.options[key]}`);
    return [run.title, ...(homonym ? [`(${run.protocol})`] : []), ...options].join(" ");
  };
}

function identity(run: RunResult): string {
  return JSON.stringify([run.protocol, run.options]);
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

/** Escaped like part of an address, so that no two settings share a file name and none leaves the folder. */
function suffix(keys: readonly string[], values: Conditions): string {
  return keys.map((key) => `,${encodeURIComponent(key)}=${encodeURIComponent(String(values[key]))}`).join("");
}
