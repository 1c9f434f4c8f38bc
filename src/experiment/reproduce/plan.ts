/** From published figures to the runs that stand beside them. */
import { millisecond } from "../../core/ids.ts";
import { createRandom } from "../../core/random.ts";
import type { Job } from "../experiment.ts";
import { planOf, runsOf, type Plan, type RunFlags } from "../plan.ts";
import { runDefaults } from "../run-defaults.ts";
import type { ElectionTask } from "./election-task.ts";
import type { GivenFlags, Published, PublishedPoint, PublishedSeries } from "./published.ts";

/** A run whose whole outcome is looked at. */
export interface RunWork {
  readonly kind: "run";
  readonly job: Job;
  /** Of a scenario: when somebody was served again counts, too. */
  readonly service: boolean;
}

/** Trials of an election, whose times alone are kept. */
export interface ElectionWork {
  readonly kind: "election";
  readonly task: ElectionTask;
}

export type Work = RunWork | ElectionWork;

export interface PlannedPoint {
  readonly series: PublishedSeries;
  readonly point: PublishedPoint;
  /** Several: repeats, or the ends of a range. */
  readonly works: readonly Work[];
}

export interface PlannedFigure {
  readonly published: Published;
  readonly points: readonly PlannedPoint[];
}

export interface PlannedReproduction {
  readonly figures: readonly PlannedFigure[];
  /** Each once: points may share it. */
  readonly works: readonly Work[];
}

/** Throws a `UsageError`. */
export const planReproduction = async (figures: readonly Published[], seed: number, cwd: string): Promise<PlannedReproduction> => {
  const works = new Map<string, Work>();
  const once = (key: unknown, make: () => Work): Work => {
    const text = JSON.stringify(key);
    const work = works.get(text) ?? make();
    works.set(text, work);
    return work;
  };
  const runWork = (plan: Plan, service: boolean): Work =>
    once(plan.typed, () => ({ kind: "run", job: { index: works.size, plan, run: runsOf(plan)[0]! }, service }));
  const electionWork = (plan: Plan, rttMs: number, trials: number, limitMs: number): Work =>
    once([plan.typed, rttMs, trials, limitMs], () => {
      const seeds = Array.from({ length: trials }, (_, trial) => seed + trial);
      return { kind: "election", task: { plan, run: runsOf(plan)[0]!, rttMs, limitMs, seeds } };
    });
  const worksOf = (plan: Plan, { measure }: PublishedSeries): Work[] => {
    switch (measure.kind) {
      case "latency":
      case "throughput":
        return [runWork(plan, false)];
      case "service":
        return Array.from({ length: measure.seeds }, (_, repeat) => runWork(inAnyPhase(plan, seed + repeat, measure.timeoutMs), true));
      case "election":
        return measure.rttMs.map((rttMs) => electionWork(plan, rttMs, measure.trials, measure.limitMs));
    }
  };
  const planned: PlannedFigure[] = [];
  for (const published of figures) {
    const points: PlannedPoint[] = [];
    for (const series of published.series) {
      for (const point of series.points) {
        const plan = await planOf(flagsOf(seed, published.run, series.run, point.run), cwd);
        points.push({ series, point, works: worksOf(plan, series) });
      }
    }
    planned.push({ published, points });
  }
  return { figures: planned, works: [...works.values()] };
};

/** Later ones stand above earlier ones; options add up. */
const flagsOf = (seed: number, ...given: readonly GivenFlags[]): RunFlags => {
  const present = given.map((flags) => Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)));
  const set = given.flatMap((flags) => flags.set ?? []);
  const flags = { ...runDefaults, protocol: [], transport: "sim", ...Object.assign({}, ...present), seed: String(seed), set };
  // The same flags are the same text, whoever set them.
  return Object.fromEntries(Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1))) as unknown as RunFlags;
};

/** Faults meet the protocol's timers in any phase: the warm-up is as much longer as a draw from the seed says. */
const inAnyPhase = (plan: Plan, seed: number, timeoutMs: number): Plan => {
  const warmup = 2 * timeoutMs + createRandom(seed, "phase").below(timeoutMs);
  return { ...plan, typed: { ...plan.typed, seed: String(seed), warmup: `${warmup}ms` }, seed, warmup: warmup * millisecond };
};
