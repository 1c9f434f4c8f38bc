import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ResultFile, RunFiles, RunResult } from "../../src/experiment/result.ts";
import { distributionOf } from "../../src/measure/distribution.ts";
import { createHistogram, latencyKinds, record } from "../../src/measure/latency.ts";

/** Leaves a result as `run` does: with the histograms that it names. */
export const leaveResult = (folder: string, result: ResultFile): void => {
  mkdirSync(join(folder, "histograms"), { recursive: true });
  const runs = result.runs.map((run, index): RunResult => ({ ...run, files: filesOf(`${index}-${run.protocol}`) }));
  for (const { files } of runs) for (const kind of latencyKinds) writeFileSync(join(folder, files!.histograms[kind]), distribution);
  writeFileSync(join(folder, "result.json"), JSON.stringify({ ...result, runs }, null, 2));
};

const filesOf = (name: string): RunFiles => {
  const of = (kind: string): string => join("histograms", `${name}-${kind}.hgrm`);
  return { histograms: { commit: of("commit"), execute: of("execute"), response: of("response") }, history: null, timeline: null };
};

const histogram = createHistogram();
for (let i = 1; i <= 1000; i++) record(histogram, 10_000 + i * 50);
const distribution = distributionOf(histogram);
