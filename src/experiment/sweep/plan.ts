/** From what was typed, and a plan's file, to all runs of a sweep. Every mistake in any of them is found here. */
import { UsageError } from "../../core/errors.ts";
import type { Job } from "../experiment.ts";
import { planOf, runsOf, type Plan, type RunFlags } from "../plan.ts";
import type { ResultFile, Varied } from "../result.ts";
import { loadPlan, type PlanFile } from "./plan-file.ts";
import { parseAxis, pointsOf, valueOf, variedFlags, type Axis, type PointFlags } from "./vary.ts";

/** One of the combinations of what varies. */
export interface SweepPoint {
  readonly varied: Varied;
  readonly plan: Plan;
}

/** Plain data: what a sweep is made from, and made again. */
export interface SweepPlan {
  readonly name: string;
  readonly axes: readonly Axis[];
  readonly points: readonly SweepPoint[];
}

/** A run of a sweep. */
export interface SweepJob extends Job {
  readonly varied: Varied;
}

/** What was typed. */
export interface SweepFlags {
  /** Defaults filled in. */
  readonly flags: RunFlags;
  /** Names of flags that were really typed; they stand above a plan's. */
  readonly typed: ReadonlySet<string>;
  readonly vary: readonly string[];
  /** Name or file. */
  readonly plan?: string | undefined;
}

const mostRuns = 10_000;

/** Throws a `UsageError`. Relative paths are relative to `cwd`. */
export const planSweep = async (given: SweepFlags, cwd: string): Promise<SweepPlan> => {
  const file = given.plan === undefined ? null : loadPlan(given.plan);
  const typedAxes = typedAxesOf(given);
  if (file === null && typedAxes.length === 0) throw new UsageError("--vary is missing: allowed is KEY=LIST, such as conflict=0,0.1,1, or --plan NAME|FILE");
  const all = merged(given, file, typedAxes);
  const flags = withProtocols(all);
  const axes = all.axes.filter(({ key }) => key !== "protocol");
  const points: SweepPoint[] = [];
  refuseTooMany(axes, flags);
  for (const point of pointsOf(flags, axes)) points.push({ varied: point.varied, plan: await planOfPoint(point, file, cwd) });
  return { name: file?.name ?? (all.axes.map(({ key }) => key).join("-")), axes, points };
};

/** In the order in which live ones run: each repeat goes round all points, so that a drift of the machine hits them all alike. */
export const sweepJobs = ({ points }: SweepPlan): SweepJob[] => {
  const ofPoints = points.flatMap(({ varied, plan }) => runsOf(plan).map((run) => ({ varied, plan, run })));
  return ofPoints.toSorted((a, b) => a.run.repeat - b.run.repeat).map((job, index) => ({ ...job, index }));
};

export const sweepOf = ({ axes }: SweepPlan): NonNullable<ResultFile["sweep"]> => ({
  vary: axes.map(({ key, texts }) => ({ key, values: texts.map(valueOf) })),
});

const typedAxesOf = ({ vary, flags, typed }: SweepFlags): Axis[] => {
  const axes = vary.map(parseAxis);
  for (const [index, { key }] of axes.entries()) {
    const twice = axes.findIndex((axis) => axis.key === key) < index || typed.has(key) || flags.set.some((setting) => setting.startsWith(`${key}=`));
    if (twice) throw new UsageError(`--vary ${vary[index]!}: ${key} is given twice`);
  }
  return axes;
};

interface Merged {
  readonly flags: RunFlags;
  readonly axes: readonly Axis[];
}

/** What is typed stands above what the file says of the same flag or option, be it varied there or not. */
const merged = ({ flags, typed }: SweepFlags, file: PlanFile | null, typedAxes: readonly Axis[]): Merged => {
  if (file === null) return { flags, axes: typedAxes };
  const set = new Set(flags.set.map(keyOf));
  const overruled = (key: string): boolean => typed.has(key) || set.has(key);
  const axes = file.axes.filter(({ key }) => !overruled(key)).map((axis) => typedAxes.find(({ key }) => key === axis.key) ?? axis);
  const varied = new Set(typedAxes.map(({ key }) => key));
  const typedFlags = Object.fromEntries(Object.entries(flags).filter(([name]) => typed.has(name)));
  const fileSet = (file.run.set ?? []).filter((setting) => !overruled(keyOf(setting)) && !varied.has(keyOf(setting)));
  return {
    flags: { ...flags, ...file.run, ...typedFlags, set: [...fileSet, ...flags.set] },
    axes: [...axes, ...typedAxes.filter((axis) => !axes.includes(axis))],
  };
};

const keyOf = (setting: string): string => setting.split("=")[0]!;

/** Every point is run with each protocol, so protocols that vary are just several. */
const withProtocols = ({ flags, axes }: Merged): RunFlags => {
  const axis = axes.find(({ key }) => key === "protocol");
  return axis === undefined ? flags : { ...flags, protocol: axis.texts };
};

const refuseTooMany = (axes: readonly Axis[], { repeat }: RunFlags): void => {
  const runs = axes.reduce((product, { texts }) => product * texts.length, Number(repeat) || 1);
  if (runs > mostRuns) throw new UsageError(`the sweep has ${runs} runs of each protocol: allowed are ${mostRuns}`);
};

/** A mistake is told with the point that has it, and with the place in the file where it stands there. */
const planOfPoint = async ({ flags, varied }: PointFlags, file: PlanFile | null, cwd: string): Promise<Plan> => {
  try {
    return await planOf(flags, cwd);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const point = Object.entries(varied).map(([key, value]) => `${key}=${value}`).join(" ");
    const place = file === null ? [] : [file.placeOf(culprit(error.message, file))];
    throw new UsageError([...place, ...(point === "" ? [] : [`point ${point}`]), saidOfKeys(error.message, varied)].join(": "));
  }
};

/** A key that is no option might have been meant as a flag. */
const saidOfKeys = (message: string, varied: Varied): string => {
  const [, key, allowed] = /^--set (\S+): nothing here has this option; allowed: (.*)$/.exec(message) ?? [];
  return key !== undefined && key in varied ? `no flag or option ${key}; allowed: protocol, ${[...variedFlags, allowed].join(", ")}` : message;
};

const complaintsOn = (key: string): string[] => [`--${key} `, `--set ${key}:`, `unknown ${key} `, `no ${key} `, `cannot load ${key} `];

/**
 * The key that a complaint begins with (`--key value: …`, `--set key: …`, `owner: key=value: …`, `unknown protocol …`), if
 * the file has it.
 */
const culprit = (message: string, { axes, run }: PlanFile): string | undefined => {
  const keys = [...axes.map(({ key }) => key), ...Object.keys(run), ...(run.set ?? []).map(keyOf)].filter((key) => key !== "set");
  return keys.find((key) => complaintsOn(key).some((start) => message.startsWith(start)) || message.includes(`: ${key}=`));
};
