import type { TopLevelSpec } from "vega-lite";
import { plainSettings, sweptSettings } from "./families.ts";
import { latencyBySite } from "./latency-by-site.ts";
import { latencyCdf } from "./latency-cdf.ts";
import { latencyCommitExecute } from "./latency-commit-execute.ts";
import { latencyOpenLoop } from "./latency-open-loop.ts";
import type { Casting } from "./look.ts";
import { type Setting, suffix } from "./setting.ts";
import type { Source } from "./source.ts";
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
  "latency-open-loop": latencyOpenLoop,
  throughput,
  "throughput-over-time": throughputOverTime,
};

/** Of sweeps over numbers, their lines; of all else, each kind once for each setting: never are runs of different settings in one. */
export function figures(sources: readonly Source[], casting: Casting): Figure[] {
  const swept = sweptSettings(sources, casting).flatMap(sweepLines);
  const plain = plainSettings(sources, casting).flatMap((setting) =>
    Object.entries(kinds).flatMap(([kind, draw]) => {
      const spec = draw(setting);
      return spec === null ? [] : [{ name: kind + suffix(setting), spec }];
    }),
  );
  return [...swept, ...plain];
}
