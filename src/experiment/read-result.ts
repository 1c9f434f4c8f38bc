import { statSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { latencyKinds } from "../measure/latency.ts";
import { UsageError } from "../core/errors.ts";
import { readShaped } from "./input.ts";
import type { ResultFile } from "./result.ts";

const count = z.number().min(0);
const summary = z.looseObject({
  count, mean: count, min: count, p50: count, p90: count, p95: count, p99: count, p999: count, max: count,
});

/** What readers of a result rely on; newer versions may add to it. */
const shape = z.looseObject({
  schema: z.literal("paxbench.result/1", { error: 'allowed is "paxbench.result/1"' }),
  incomplete: z.boolean().default(false),
  runs: z.array(
    z.looseObject({
      protocol: z.string(),
      transport: z.string(),
      simulated: z.boolean(),
      topology: z.string().nullable(),
      replicas: count,
      clientsPerSite: count,
      workload: z.looseObject({ name: z.string() }),
      throughputOpsPerSec: count,
      latencyMs: z.looseObject(Object.fromEntries(latencyKinds.map((kind) => [kind, summary]))),
      messages: z.looseObject({ perCommand: count }).nullable(),
      longestStallMs: count,
      leaderChanges: count.nullable(),
      unknown: count,
      environment: z.looseObject({ durability: z.string() }),
    }),
  ),
});

/** A result folder, or the `result.json` in it. Throws a `UsageError` that says where in the file something is wrong. */
export const readResult = (path: string, cwd: string): ResultFile => {
  const given = resolve(cwd, path);
  const stats = statSync(given, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`${path}: no such result; allowed is a result folder or its result.json`);
  return readShaped(stats.isDirectory() ? join(given, "result.json") : given, shape) as unknown as ResultFile;
};
