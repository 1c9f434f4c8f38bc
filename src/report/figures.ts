import type { TopLevelSpec } from "vega-lite";
import { commitExecuteLines } from "./commit-execute-lines.ts";
import type { Swept } from "./families.ts";
import { latencyBySite } from "./latency-by-site.ts";
import { latencyCdf } from "./latency-cdf.ts";
import { latencyCommitExecute } from "./latency-commit-execute.ts";
import { latencyOpenLoop } from "./latency-open-loop.ts";
import { measures } from "./measures.ts";
import { messages } from "./messages.ts";
import { type Setting, suffix } from "./setting.ts";
import { sweepBars } from "./sweep-bars.ts";
import { sweepLines } from "./sweep-lines.ts";
import { throughputLatency } from "./throughput-latency.ts";
import { throughputOverTime } from "./throughput-over-time.ts";
import { throughput } from "./throughput.ts";

export interface Figure {
  /** Fit for a file name. */
  readonly name: string;
  readonly spec: TopLevelSpec;
}

/** A figure of one setting; null when it would show nothing. */
type Draw = (setting: Setting) => TopLevelSpec | null;

/** Of runs under the same conditions. */
const plain: Readonly<Record<string, Draw>> = {
  "latency-by-site": latencyBySite,
  "latency-cdf": latencyCdf,
  "latency-commit-execute": latencyCommitExecute,
  "latency-open-loop": latencyOpenLoop,
  throughput,
  messages,
  "throughput-over-time": throughputOverTime,
};

/** Of runs over which something varies. */
const swept = ({ key, kind }: Swept): Readonly<Record<string, Draw>> => ({
  "latency-over-throughput": (setting) => throughputLatency(key, setting),
  ...Object.fromEntries(measures.map((measure) => [measure.name, (setting: Setting) => (kind === "lines" ? sweepLines : sweepBars)(measure, key, setting)])),
  ...(kind === "lines" ? { "latency-commit-execute": (setting: Setting) => commitExecuteLines(key, setting) } : {}),
});

export function plainFigures(setting: Setting): Figure[] {
  return drawn(plain, setting, "");
}

export function sweptFigures(family: Swept, setting: Setting): Figure[] {
  return drawn(swept(family), setting, endingOf(family));
}

/** What the names of all that belongs to a sweep's setting have in common. */
export function endingOf({ key }: Swept): string {
  return `-by-${encodeURIComponent(key)}`;
}

function drawn(kinds: Readonly<Record<string, Draw>>, setting: Setting, ending: string): Figure[] {
  return Object.entries(kinds).flatMap(([kind, draw]) => {
    const spec = draw(setting);
    return spec === null ? [] : [{ name: kind + ending + suffix(setting), spec }];
  });
}
