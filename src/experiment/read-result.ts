/** Reads results back. Whatever is damaged is said in one line, with its place. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { curveOf } from "../measure/distribution.ts";
import { latencyKinds } from "../measure/latency.ts";
import { readShaped } from "./input.ts";
import { SweepFolder, sweepFile } from "./sweep/folder.ts";
import type { LatencyCurve, ResultFile, RunResult } from "./result.ts";

const count = z.number().min(0);
const scalar = z.union([z.string(), z.number(), z.boolean()]);
const ofKinds = <T extends z.ZodType>(shape: T) => z.looseObject(Object.fromEntries(latencyKinds.map((kind) => [kind, shape])));
const summary = z.looseObject({
  count, mean: count, min: count, p50: count, p90: count, p95: count, p99: count, p999: count, max: count,
});
const site = z.looseObject({ site: z.string(), replica: count.nullable(), throughputOpsPerSec: count, latencyMs: ofKinds(summary), floorMs: count.nullable() });
const end = z.union([z.string(), z.number()]);
const fault = z.discriminatedUnion("type", [
  z.looseObject({ type: z.enum(["crash", "crashBeforeSync", "restart", "wipe", "isolate"]), replica: end }),
  z.looseObject({ type: z.literal("pause"), replica: end, for: count }),
  z.looseObject({ type: z.literal("slow"), replica: end, each: count }),
  z.looseObject({ type: z.literal("slowDisk"), replica: end, sync: count }),
  z.looseObject({ type: z.literal("clock"), replica: end, rate: z.number(), jump: z.number() }),
  z.looseObject({ type: z.literal("cut"), from: end, to: end }),
  z.looseObject({ type: z.enum(["loss", "duplicate", "reorder"]), from: end, to: end, share: count }),
  z.looseObject({ type: z.literal("delay"), from: end, to: end, extra: count }),
  z.looseObject({ type: z.literal("only"), pairs: z.array(z.tuple([end, end])) }),
  z.looseObject({ type: z.literal("heal"), from: end.optional(), to: end.optional() }),
]);
const faults = z.looseObject({
  injected: z.record(z.string(), count),
  excluded: z.record(z.string(), count),
  events: z.array(z.looseObject({ atMs: z.number(), fault })),
  recoveredAfterMs: count.nullable(),
});
const openLoop = z.looseObject({
  rateOpsPerSec: count, arrivals: z.string(), outstanding: count, arrived: count, offeredOpsPerSec: count, dropped: count, lateMs: summary, coordinatedMs: summary,
});
const node = z.looseObject({ node: z.string(), cpu: count, busy: count, pauses: z.looseObject({ count, totalMs: count, longestMs: count }) });

const run = z.looseObject({
  protocol: z.string(),
  title: z.string(),
  external: z.boolean(),
  transport: z.string(),
  simulated: z.boolean(),
  costs: z.looseObject({ name: z.string(), source: z.string() }).nullable().default(null),
  topology: z.string().nullable(),
  replicas: count,
  leader: z.string(),
  workload: z.looseObject({ name: z.string() }),
  options: z.record(z.string(), scalar),
  clientsPerSite: count,
  openLoop: openLoop.nullable().default(null),
  seed: z.number(),
  repeat: count,
  varied: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  durationMs: count,
  warmupMs: count,
  steady: z.looseObject({ found: z.boolean(), transientMs: count.nullable() }).nullable().default(null),
  completed: count,
  failed: count,
  unknown: count,
  throughputOpsPerSec: count,
  timeline: z.looseObject({ windowMs: z.number().positive(), completed: z.array(count) }),
  latencyMs: ofKinds(summary),
  sites: z.array(site),
  paths: z.looseObject({ fast: count, slow: count, fastRate: count }).nullable(),
  conflictRate: z.looseObject({ nominal: count, measured: count }).nullable(),
  messages: z.looseObject({ count, bytes: count, perCommand: count }).nullable(),
  leaderChanges: count.nullable(),
  longestStallMs: count,
  faults: faults.nullable(),
  nodes: z.array(node).nullable().default(null),
  warnings: z.array(z.looseObject({ rule: z.string(), detail: z.string() })).default([]),
  gone: z.array(count),
  lost: z.array(z.looseObject({ replica: count, reason: z.string() })),
  checks: z.record(z.string(), z.union([z.boolean(), z.literal("unknown")])),
  violations: z.array(z.looseObject({ check: z.string(), detail: z.string() })),
  thresholds: z.array(z.looseObject({ threshold: z.string(), held: z.boolean() })),
  files: z.looseObject({ histograms: ofKinds(z.string()), history: z.string().nullable(), timeline: z.string().nullable() }).optional(),
  replay: z.string(),
  // In the order in which they are written: what is read back is shown as it was.
  environment: z.looseObject({
    paxbench: z.string(), git: z.string(), node: z.string(), cpu: z.string(), cores: count, load: count, durability: z.string(),
  }),
});

const knee = z.looseObject({
  protocol: z.string(), rateOpsPerSec: count.nullable(), answeredOpsPerSec: count.nullable(), responseP99Ms: count.nullable(),
  brokeAtOpsPerSec: count.nullable(), broke: z.string().nullable(), rule: z.string(),
});

/** What readers of a result rely on; newer versions may add to it. */
const fields = z.looseObject({
  schema: z.literal("paxbench.result/1", { error: 'allowed is "paxbench.result/1"' }),
  incomplete: z.boolean().default(false),
  sweep: z.looseObject({ vary: z.array(z.looseObject({ key: z.string(), values: z.array(z.union([z.string(), z.number()])) })) }).optional(),
  knees: z.array(knee).optional(),
  runs: z.array(run),
});

const shape = fields.superRefine(({ sweep, runs }, context) => {
  for (const [index, { varied }] of runs.entries()) {
    const missing = sweep?.vary.find(({ key }) => varied?.[key] === undefined)?.key;
    if (missing !== undefined) context.addIssue({ code: "custom", path: ["runs", index, "varied"], message: `has no ${missing}; allowed is a value for each key that the sweep varies` });
  }
});

/** A result folder, or the `result.json` in it. Throws a `UsageError` that says where in the file something is wrong. */
export const readResult = (path: string, cwd: string): ResultFile => {
  const given = resolve(cwd, path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${path}: no such result; allowed is a result folder or its result.json`);
  return resultIn(stats.isDirectory() ? join(given, "result.json") : given);
};

/** All that a result folder has to show. */
export interface StoredResult {
  /** Its place, links followed. */
  readonly folder: string;
  readonly result: ResultFile;
  readonly curves: readonly LatencyCurve[];
}

/** Throws a `UsageError`. */
export const readFolder = (path: string, cwd: string): StoredResult => {
  const given = resolve(cwd, path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${path}: no such folder; allowed is a result folder`);
  if (!stats.isDirectory()) throw new UsageError(`${path}: is a file; allowed is a result folder`);
  const folder = realpathSync(given);
  const file = join(given, "result.json");
  if (!existsSync(file)) throw new UsageError(`${path}: has no result.json; allowed is a result folder of run or sweep`);
  const result = resultIn(file);
  // A sweep that was killed, or is under way, has more than its result says.
  if (result.incomplete && existsSync(join(given, sweepFile))) {
    const { results } = SweepFolder.resume(given);
    return { folder, result: results.result, curves: results.curves };
  }
  return { folder, result, curves: result.runs.flatMap((one, index) => curvesIn(given, one, index)) };
};

const resultIn = (file: string): ResultFile => {
  try {
    // Several times as fast as the parser that knows places, which is asked when something is wrong.
    return shape.parse(JSON.parse(readFileSync(file, "utf8"))) as unknown as ResultFile;
  } catch {
    return readShaped(file, shape) as unknown as ResultFile;
  }
};

const curvesIn = (folder: string, { files }: RunResult, index: number): LatencyCurve[] => {
  if (files === undefined) throw new UsageError(`${join(folder, "result.json")}: runs.${index}.files: missing; allowed are the names of its histograms`);
  return latencyKinds.map((kind) => {
    const file = join(folder, files.histograms[kind]);
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new UsageError(`${file}: missing, though runs.${index} names it; allowed is a result folder with all of its histograms`);
    }
    const curve = curveOf(readFileSync(file, "utf8"));
    if (curve === null) throw new UsageError(`${file}: damaged; allowed is a whole .hgrm file`);
    return { run: index, kind, ...curve };
  });
};
