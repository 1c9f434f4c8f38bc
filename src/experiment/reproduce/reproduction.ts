/** The shapes of `reproduction.json` (schema `paxbench.reproduce/1`), and the comparison: pure. */
import { askedFrom, clientTrip, fastPath, leaderDecides, slowPath, type Spread } from "../../network/closed-forms.ts";
import { clientSites } from "../../network/topology.ts";
import type { Plan } from "../plan.ts";
import type { RunResult } from "../result.ts";
import type { Found } from "./carry-out.ts";
import type { PlannedFigure, PlannedPoint, PlannedReproduction, Work } from "./plan.ts";
import type { Measure, Published, PublishedPoint, Theory } from "./published.ts";

export interface ReproductionFile {
  readonly schema: "paxbench.reproduce/1";
  /** True while runs are missing: it was cut short. */
  readonly incomplete: boolean;
  /** Every time of ours is virtual. */
  readonly simulated: true;
  readonly seed: number;
  readonly figures: readonly ReproducedFigure[];
}

export interface ReproducedFigure extends Pick<Published, "id" | "title" | "paper" | "figure" | "setup" | "inferred" | "differs" | "tolerance" | "unit" | "x" | "y"> {
  /** Values are multiples of this series' at the same place of the paper, or of ours. Null: they are in `unit`. */
  readonly relativeTo: string | null;
  /** What work takes in ours, and what that rests on. */
  readonly costs: string | null;
  readonly points: readonly ReproducedPoint[];
}

/** A value of the paper beside ours. */
export interface ReproducedPoint {
  readonly series: string;
  readonly at: string | number;
  readonly printed: number | string;
  readonly readOffPlot: boolean;
  readonly note: string | null;
  /** What is compared: as printed, or relative; and the error of reading it, alike. */
  readonly paper: number | string;
  readonly error: number;
  readonly atLeast: boolean;
  /** The closed form. Null: there is none. */
  readonly theory: number | null;
  /** Null: not measured. A range where an input of the paper is not known, and then `ours` is null. */
  readonly ours: number | string | null;
  readonly range: readonly [low: number, high: number] | null;
  /** Absolute, in `unit`, where values are relative. */
  readonly measured: number | null;
  /** Shares by which ours is above (below 0: below) the paper's value, and the closed form. Null where either is no number. */
  readonly offPaper: number | null;
  readonly offTheory: number | null;
  /** Within tolerance. Null: not measured. */
  readonly agrees: boolean | null;
  /** More on ours than a number. */
  readonly remark: string | null;
  /** Command lines that run ours again, each once. */
  readonly replay: readonly string[];
}

export const reproductionOf = (
  { figures }: PlannedReproduction,
  found: ReadonlyMap<Work, Found>,
  seed: number,
  incomplete: boolean,
): ReproductionFile => ({
  schema: "paxbench.reproduce/1",
  incomplete,
  simulated: true,
  seed,
  figures: figures.map((figure) => reproduced(figure, found)),
});

const reproduced = ({ published, points }: PlannedFigure, found: ReadonlyMap<Work, Found>): ReproducedFigure => {
  const { id, title, paper, figure, setup, inferred, differs, tolerance, unit, x, y, relativeTo = null } = published;
  const ours = points.map((planned) => oursOf(planned, planned.works.map((work) => found.get(work))));
  const baseIndex = relativeTo === null ? -1 : points.findIndex(({ series }) => series.name === relativeTo);
  const base = baseIndex < 0 ? null : { point: points[baseIndex]!.point, ours: ours[baseIndex]!.value };
  const costs = points.flatMap(({ works }) => works).find((work) => work.kind === "run" && work.job.plan.costs !== null);
  return {
    id, title, paper, figure, setup, inferred, differs, tolerance, unit, x, y, relativeTo,
    costs: costs?.kind === "run" ? `${costs.job.plan.costs!.name}: ${costs.job.plan.costs!.source}` : null,
    points: points.map((planned, i) => comparedPoint(planned, ours[i]!, base, tolerance.share)),
  };
};

interface Ours {
  readonly value: number | string | null;
  readonly range: readonly [number, number] | null;
  readonly remark: string | null;
  readonly replay: readonly string[];
}

const comparedPoint = (
  { series, point, works }: PlannedPoint,
  ours: Ours,
  base: { readonly point: PublishedPoint; readonly ours: number | string | null } | null,
  tolerance: number,
): ReproducedPoint => {
  const { at, value: printed, readOffPlot, note = null, atLeast } = point;
  const paper = base === null ? printed : Number(printed) / Number(base.point.value);
  // Of a ratio: relative errors add up.
  const error = base === null ? point.error : Number(paper) * (point.error / Number(printed) + base.point.error / Number(base.point.value));
  const own = base === null || ours.value === null ? ours.value : base.ours === null ? null : Number(ours.value) / Number(base.ours);
  const theory = series.theory === undefined ? null : theoryOf(series.theory, series.measure, point, works[0]!);
  const above = (reference: number | string | null): number | null =>
    typeof own === "number" && Number.isFinite(own) && typeof reference === "number" ? own / reference - 1 : null;
  return {
    series: series.name, at, printed, readOffPlot, note, paper, error, atLeast, theory,
    ours: own,
    range: ours.range,
    measured: base !== null && typeof ours.value === "number" ? ours.value : null,
    offPaper: above(paper),
    offTheory: above(theory),
    agrees: agreement(paper, error + tolerance * Number(paper), atLeast, own, ours.range),
    remark: ours.remark,
    replay: ours.replay,
  };
};

/** `allowance`: by which ours may be off; of words nothing may. */
const agreement = (paper: number | string, allowance: number, atLeast: boolean, own: number | string | null, range: Ours["range"]): boolean | null => {
  if (own === null && range === null) return null;
  if (typeof paper === "string" || typeof own === "string") return paper === own;
  const [low, high] = range ?? [own!, own!];
  return low <= paper + allowance && high >= paper - allowance || (atLeast && low >= paper);
};

const nothing: Ours = { value: null, range: null, remark: null, replay: [] };

/** `found`: undefined where it was not carried out. */
const oursOf = ({ series: { measure }, point }: PlannedPoint, found: readonly (Found | undefined)[]): Ours => {
  const all = found.filter((one) => one !== undefined);
  if (all.length < found.length) return nothing;
  const results = all.flatMap(({ result }) => result ?? []);
  const replay = [...new Set(results.map((result) => result.replay))];
  switch (measure.kind) {
    case "latency":
      return { ...nothing, value: latencyOf(results[0]!, measure, point), replay };
    case "throughput":
      return { ...nothing, value: results[0]!.throughputOpsPerSec, replay };
    case "election":
      return electionOf(all.map(({ electedAfterMs }) => electedAfterMs!), measure);
    case "service":
      return { ...serviceOf(all.map(({ servedAfterMs }) => servedAfterMs! / measure.timeoutMs), results, measure.statistic), replay };
  }
};

/** Over a run's sites that have what is measured, as the measure says. */
const overSites = (over: "site" | "mean" | "min" | "max", at: PublishedPoint["at"], sites: readonly { readonly site: string; readonly value: number }[]): number => {
  const values = sites.map(({ value }) => value);
  switch (over) {
    case "site": return sites.find(({ site }) => site === at)?.value ?? Number.NaN;
    case "mean": return mean(values);
    case "min": return Math.min(...values);
    case "max": return Math.max(...values);
  }
};

type LatencyMeasure = Extract<Measure, { kind: "latency" }>;

const latencyOf = ({ sites }: RunResult, { of, statistic, over }: LatencyMeasure, { at }: PublishedPoint): number =>
  overSites(over, at, sites.flatMap(({ site, latencyMs }) => (latencyMs[of].count === 0 ? [] : [{ site, value: latencyMs[of][statistic] }])));

const electionOf = (lines: readonly (readonly number[])[], { statistic, rttMs, trials, limitMs }: Extract<Measure, { kind: "election" }>): Ours => {
  // Given up: it would have taken at least so long.
  const values = lines.map((times) => statisticOf(times.map((time) => Math.min(time, limitMs)), statistic)).toSorted((a, b) => a - b);
  const givenUp = lines.flat().filter((time) => time === Infinity).length;
  const remark = [
    rttMs.length > 1 ? `${trials} trials at each of ${rttMs.join(" and ")} ms round trip` : `${trials} trials`,
    ...(givenUp === 0 ? [] : [`${givenUp} given up after ${limitMs / 1000} s`]),
  ].join(", ");
  return values.length === 1 ? { ...nothing, value: values[0]!, remark } : { ...nothing, range: [values[0]!, values.at(-1)!], remark };
};

/** Election timeouts in which a service that is stable must be back. */
const promptly = 5;

const turnsText = (turns: number): string => (turns === Infinity ? "never" : `${turns.toFixed(1)} T`);

/** `turns`: by run, in election timeouts. */
const serviceOf = (turns: readonly number[], results: readonly RunResult[], statistic: "median" | "verdict"): Ours => {
  const worst = Math.max(...turns);
  const changes = Math.max(...results.map(({ leaderChanges }) => leaderChanges ?? 0));
  const middle = statisticOf(turns, "median");
  const remark = `served after ${turnsText(middle)}, at worst ${turnsText(worst)}; at most ${changes} changes of leader`;
  if (statistic === "median") return { ...nothing, value: middle === Infinity ? "never" : middle, remark };
  return { ...nothing, value: worst <= promptly && changes <= 1 ? "progress" : "unavailable", remark };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const statisticOf = (values: readonly number[], statistic: "median" | "mean" | "min" | "max"): number => {
  const sorted = values.toSorted((a, b) => a - b);
  switch (statistic) {
    case "median": return sorted[Math.floor((sorted.length - 1) / 2)]!;
    case "mean": return mean(values);
    case "min": return sorted[0]!;
    case "max": return sorted.at(-1)!;
  }
};

/** ms. Null where the measure is no latency. */
const theoryOf = ({ form, quorum }: Theory, measure: Measure, point: PublishedPoint, work: Work): number | null => {
  if (measure.kind !== "latency" || work.kind !== "run") return null;
  const { plan } = work.job;
  const spread = spreadOf(plan);
  const decided = (asked: number): number => {
    switch (form) {
      case "leader": return leaderDecides(spread, asked, quorum);
      case "fast": return fastPath(spread, asked);
      case "slow": return slowPath(spread, asked);
    }
  };
  const sites = clientSites(spread.topology, plan.replicas).map((site) => {
    const trip = measure.of === "response" ? clientTrip(spread, site) : 0;
    return { site: plan.sites[site]!, value: (trip + decided(askedFrom(spread, site))) / 1000 };
  });
  return overSites(measure.over, point.at, sites);
};

const spreadOf = ({ topology, replicas, initialLeader: leader, harness }: Plan): Spread => ({ topology: topology!, replicas, leader, ask: harness.ask });
