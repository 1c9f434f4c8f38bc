import type { RunResult } from "../experiment/result.ts";
import { distinct } from "./list.ts";
import type { Setting } from "./setting.ts";
import { duration, lines, percent, plural } from "./text.ts";

/** Characters of a subtitle that fit above the narrowest figure. */
const lineWidth = 100;

/** The conditions that everything in a figure was measured under. */
export function subtitle({ series, runs }: Setting): string[] {
  const run = runs[0]!;
  const parts = [
    `${run.transport} transport`,
    run.topology === null ? "no topology" : `topology ${run.topology}`,
    `${plural(run.replicas, "replica")}, leader ${run.leader}`,
    `${plural(run.clientsPerSite, "client")} per site`,
    workload(run),
    ...measuredConflict(runs),
    `${duration(run.durationMs)} after ${duration(run.warmupMs)} of warm-up`,
    `durability ${distinct(runs.map((one) => one.environment.durability)).join(", ")}`,
    seeds(runs),
    ...repeats(series.map((one) => one.runs.length)),
  ];
  return lines(parts, " · ", lineWidth);
}

function workload(run: RunResult): string {
  const { name, ...parameters } = run.workload;
  const list = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
  return `${name} workload${list.length > 0 ? ` (${list.join(", ")})` : ""}`;
}

function measuredConflict(runs: readonly RunResult[]): string[] {
  const measured = runs.flatMap((run) => (run.conflictRate === null ? [] : [run.conflictRate.measured]));
  if (measured.length === 0) return [];
  const [low, high] = [percent(Math.min(...measured)), percent(Math.max(...measured))];
  return [`measured conflict ${low === high ? low : `${low} to ${high}`}`];
}

function seeds(runs: readonly RunResult[]): string {
  const all = distinct(runs.map((run) => run.seed)).sort((a, b) => a - b);
  return all.length === 1 ? `seed ${all[0]}` : `${all.length} seeds, ${all[0]} to ${all.at(-1)}`;
}

function repeats(counts: readonly number[]): string[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return [];
  return [least === most ? `${most} runs each` : `${least} to ${most} runs each`];
}
