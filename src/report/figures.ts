import type { TopLevelSpec } from "vega-lite";
import type { LatencyCurve, ResultFile } from "../experiment/result.ts";
import { latencyBySite } from "./latency-by-site.ts";
import { latencyCdf } from "./latency-cdf.ts";
import { latencyCommitExecute } from "./latency-commit-execute.ts";
import { type Setting, settings } from "./setting.ts";
import { lineKey } from "./sweep.ts";
import { sweepLines } from "./sweep-lines.ts";
import { throughputOverTime } from "./throughput-over-time.ts";
import { throughput } from "./throughput.ts";

export interface Figure {
  readonly name: string;
  readonly spec: TopLevelSpec;
}

/** A figure of one setting; null when it would show nothing. */
type Draw = (setting: Setting) => TopLevelSpec | null;

const kinds: Readonly<Record<string, Draw>> = {
  "latency-by-site": latencyBySite,
  "latency-cdf": latencyCdf,
  "latency-commit-execute": latencyCommitExecute,
  throughput,
  "throughput-over-time": throughputOverTime,
};

/** Of a sweep over numbers: its lines. Of any other result: each kind once for each setting, never with runs of different settings in one. */
export function figures(result: ResultFile, curves: readonly LatencyCurve[]): Figure[] {
  if (lineKey(result) !== undefined) return sweepLines(result);
  return settings(result, curves).flatMap((setting) =>
    Object.entries(kinds).flatMap(([kind, draw]) => {
      const spec = draw(setting);
      return spec === null ? [] : [{ name: kind + setting.suffix, spec }];
    }),
  );
}
