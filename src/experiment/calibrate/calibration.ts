/** What work costs on this machine: live runs under loads that differ, and costs that explain their CPU time. */
import { UsageError } from "../../core/errors.ts";
import { evenTopology } from "../../network/topology.ts";
import { costOf } from "../../sim/costs.ts";
import { costsOf, type CostFile } from "../cost-file.ts";
import { jobsOf, runExperiment, type ExperimentHooks, type Job } from "../experiment.ts";
import { planOf, type Plan, type RunFlags } from "../plan.ts";
import type { RunResult } from "../result.ts";
import { fitCosts, significant, type Fit, type Fitted, type Sample } from "./fit.ts";

/** A load, and what distinguishes it. */
export interface CalibrationPoint {
  readonly clients: number;
  /** Options and durability other than those that were asked for: "batch=1". */
  readonly other: string;
  readonly plan: Plan;
}

/** A run of a point, live, or its twin in virtual time. */
export interface CalibrationRun {
  readonly point: CalibrationPoint;
  readonly result: RunResult;
}

/** Requests one by one, larger values, more conflicts; more replicas too: so that each kind of work has its share in some run. */
const variants: readonly string[] = ["batch=1", "valueBytes=1024", "conflict=0.3"];

/** Throws a `UsageError`. `clients`: by load, rising. */
export const planCalibration = async (flags: RunFlags, clients: readonly number[], cwd: string): Promise<CalibrationPoint[]> => {
  if (flags.transport === "sim") throw new UsageError("--transport sim: in virtual time work takes what it is told; allowed: inproc, tcp");
  const point = async (count: number, other: string, more: Partial<RunFlags>): Promise<CalibrationPoint> => ({
    clients: count,
    other,
    plan: await planOf({ ...flags, clients: String(count), ...more }, cwd),
  });
  const plain = await Promise.all(clients.map((count) => point(count, "", {})));
  const { workload, protocols, harness } = plain[0]!.plan;
  if (protocols.some(({ external }) => external !== null)) throw new UsageError("--protocol: of an external system nobody knows what it does; allowed are protocols of paxbench");
  const optional = variants.filter((setting) => {
    const [name] = setting.split("=") as [string];
    return (name in workload.options || name in harness) && !flags.set.some((given) => given.startsWith(`${name}=`)) && !(name === "conflict" && flags.conflict !== undefined);
  });
  const loads = clients.slice(-2);
  const varied = optional.flatMap((setting) => loads.map((count) => point(count, setting, { set: [...flags.set, setting] })));
  const volatile = flags.durability === "none" ? [] : loads.map((count) => point(count, "durability=none", { durability: "none" }));
  const wider = flags.replicas === undefined ? loads.map((count) => point(count, "replicas=5", { replicas: "5" })) : [];
  return [...plain, ...(await Promise.all([...varied, ...wider, ...volatile]))];
};

/** Runs all points; null: `signal` cut it short. */
export const runPoints = async (
  points: readonly CalibrationPoint[],
  scratch: string,
  progress: NonNullable<ExperimentHooks["progress"]>,
  signal: AbortSignal,
): Promise<CalibrationRun[] | null> => {
  const pointOf = new Map<Job, CalibrationPoint>();
  for (const point of points) for (const job of jobsOf(point.plan)) pointOf.set({ ...job, index: pointOf.size }, point);
  const runs: CalibrationRun[] = [];
  const finished: ExperimentHooks["finished"] = (job, result) => {
    if (result.violations.length > 0) throw new UsageError(`a run that is not sound calibrates nothing: ${result.replay}`);
    runs[job.index] = { point: pointOf.get(job)!, result };
  };
  const completed = await runExperiment([...pointOf.keys()], scratch, { progress, finished }, signal);
  return completed ? runs : null;
};

/** The same points in virtual time, all nodes on a machine of so many cores. */
export const twinsOf = (points: readonly CalibrationPoint[], costs: CostFile, cores: number): CalibrationPoint[] =>
  points.map((point) => {
    const { replicas, sites } = point.plan;
    const topology = { ...evenTopology(sites.length, 0), name: "one machine", replicas };
    const harness = { ...point.plan.harness, cores };
    return { ...point, plan: { ...point.plan, transport: "sim", topology, costs, harness, warmup: twinWarmup, duration: twinDuration } };
  });

/** µs: virtual time is exact sooner than real time. */
const twinWarmup = 100_000;
const twinDuration = 400_000;

export interface Calibrated {
  readonly file: CostFile;
  /** By how much the CPU time of a replica in a run is off, as a share of it: over all that were fitted. */
  readonly errors: { readonly samples: number; readonly unknowns: number; readonly median: number; readonly most: number };
}

export const calibrate = (runs: readonly CalibrationRun[], name: string, source: string): Calibrated => {
  const samples = runs.flatMap(({ result }) => samplesOf(result));
  const { shared, own } = fitCosts(samples);
  const file: CostFile = { name, source, costs: { ...shared, ...meanOf(own) }, protocols: own, load: loadCosts(runs), judge: judgeCosts(runs) };
  const off = samples.map(({ protocol, cpu, done }) => Math.abs(costOf(costsOf(file, protocol, "fsync"), done) / cpu - 1)).sort((a, b) => a - b);
  const unknowns = Object.keys(shared).length + Object.values(own).reduce((sum, costs) => sum + Object.keys(costs).length, 0);
  return { file, errors: { samples: off.length, unknowns, median: off[Math.floor(off.length / 2)] ?? 0, most: off.at(-1) ?? 0 } };
};

const samplesOf = ({ protocol, work }: RunResult): Sample[] =>
  (work?.replicas ?? []).map(({ cpuMs, done }) => ({ protocol, cpu: cpuMs * 1000, done })).filter(({ cpu }) => cpu > 0);

/** All clients are one node, which reads replies and writes requests. */
const loadCosts = (runs: readonly CalibrationRun[]): Fitted => {
  const samples = runs.flatMap(({ result }) => (result.work?.loads ?? []).map(({ cpuMs, done }): Sample => ({ protocol: "load", cpu: cpuMs * 1000, done })));
  const { shared, own } = fitCosts(samples.filter(({ cpu }) => cpu > 0));
  return { ...shared, ...own["load"] };
};

/** Who leads a run reads what each replica executed: so much for each. */
const judgeCosts = (runs: readonly CalibrationRun[]): Fitted => {
  const sum = (of: (result: RunResult) => number): number => runs.reduce((total, { result }) => total + of(result), 0);
  const executed = sum(({ work }) => (work?.replicas ?? []).reduce((all, { done }) => all + done.execute, 0));
  return executed === 0 ? {} : { execute: significant((sum(({ work }) => work?.judge?.cpuMs ?? 0) * 1000) / executed) };
};

/** For a protocol that was not measured: between those that were. */
const meanOf = (own: Fit["own"]): Fitted => {
  const all = Object.values(own);
  const kinds = Object.keys(all[0] ?? {}) as (keyof Fitted)[];
  return Object.fromEntries(kinds.map((kind) => [kind, significant(all.reduce((sum, costs) => sum + costs[kind]!, 0) / all.length)]));
};
