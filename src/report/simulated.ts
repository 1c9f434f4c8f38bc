import type { RunResult } from "../experiment/result.ts";
import { distinct } from "./list.ts";

/** "costs ppm": what work took in virtual time. Empty where it took none. */
export function costs(runs: readonly RunResult[]): string[] {
  const names = distinct(runs.flatMap((run) => (run.costs ? [run.costs.name] : [])));
  const free = runs.some((run) => run.simulated && !run.costs) ? ["none"] : [];
  return names.length === 0 ? [] : [`CPU costs ${[...names, ...free].join(" or ")}`];
}

/** What a reader must know of simulated figures; empty where none are simulated. */
export function virtualTime(runs: readonly RunResult[]): string[] {
  if (!runs.some((run) => run.simulated)) return [];
  const sources = distinct(runs.flatMap((run) => (run.costs ? [`CPU costs ${run.costs.name}: ${run.costs.source}`] : [])));
  return ["simulated: all times are virtual", ...sources];
}
