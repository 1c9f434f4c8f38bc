import { median } from "../list.ts";
import { type Measure, measures } from "../measures.ts";
import type { Series, Setting } from "../setting.ts";
import { duration, number, percent } from "../text.ts";
import { contenders, ranked, standing } from "./rank.ts";
import { list, sentence } from "./words.ts";

/** Executions this much later than commits are told. */
const later = 1.05;
/** Nearer than this to the floor is on it. */
const onFloor = 1.02;

const stall: Measure = {
  name: "stall", title: "Longest time without a reply", axis: "ms", best: "the shortest time without any reply", unit: "ms", timed: true, better: "less",
  of: (run) => (run.completed === 0 ? null : run.longestStallMs),
};

/** Who leads in what, by how much, of those that were run under the same conditions. */
export function plainFindings(setting: Setting): string[] {
  const faulty = setting.runs.some(({ faults }) => faults !== null);
  return [
    ...[...measures, ...(faulty ? [stall] : [])].flatMap((measure) => {
      const all = contenders(measure, setting.series);
      const told = all.length === 0 ? null : standing(measure, ranked(all, measure.better));
      return told === null ? [] : [`${sentence(measure.best)}: ${told}.`];
    }),
    ...bySite(setting),
    ...setting.series.flatMap(executedLater),
    ...setting.series.flatMap(hidden),
  ];
}

/** Where clients wait least, and who is on the floor that the network sets. */
function bySite({ series }: Setting): string[] {
  const sites = [...new Set(series.flatMap(({ runs }) => runs.flatMap(({ result }) => result.sites.map(({ site }) => site))))];
  const floorAt = (site: string): number | null => series[0]!.runs[0]!.result.sites.find((other) => other.site === site)?.floorMs ?? null;
  if (sites.length < 2 || sites.every((site) => floorAt(site) === null)) return [];
  const onIt = series.flatMap((one) => {
    const there = sites.filter((site) => {
      const [seen, floor] = [medianAt(one, site), floorAt(site)];
      return seen !== null && floor !== null && seen <= floor * onFloor;
    });
    return there.length === 0 ? [] : [`${one.name} at ${there.length === sites.length ? `all ${sites.length} sites` : list(there)}`];
  });
  return onIt.length === 0 ? [] : [`Median response within ${percent(onFloor - 1)} of the round trip to the nearest majority: ${onIt.join("; ")}.`];
}

function medianAt(one: Series, site: string): number | null {
  const there = one.runs.flatMap(({ result }) => result.sites.filter((other) => other.site === site && other.latencyMs.response.count > 0));
  return there.length === 0 ? null : median(there.map(({ latencyMs }) => latencyMs.response.p50));
}

function executedLater({ name, runs }: Series): string[] {
  const answered = runs.filter(({ result }) => result.latencyMs.commit.count > 0 && result.latencyMs.execute.count > 0);
  if (answered.length === 0) return [];
  const told = (["p50", "p99"] as const).flatMap((at) => {
    const [commit, execute] = (["commit", "execute"] as const).map((kind) => median(answered.map(({ result }) => result.latencyMs[kind][at])));
    return execute! < commit! * later ? [] : [`${at} ${duration(execute!)} against ${duration(commit!)}, ${number(execute! / commit!)} ×`];
  });
  return told.length === 0 ? [] : [`${name} executes later than it commits: ${told.join("; ")}.`];
}

/** What a closed loop would not have shown of an open one. */
function hidden({ name, runs }: Series): string[] {
  const open = runs.flatMap(({ result }) => (result.openLoop === null || result.openLoop.coordinatedMs.count === 0 ? [] : [{ seen: result.latencyMs.response.p99, shown: result.openLoop.coordinatedMs.p99 }]));
  if (open.length === 0) return [];
  const [seen, shown] = [median(open.map((one) => one.seen)), median(open.map((one) => one.shown))];
  return seen < shown * later ? [] : [`${name}: measured as a closed loop does, the 99th percentile of response would have been ${duration(shown)}; from the intended send it is ${duration(seen)}.`];
}
