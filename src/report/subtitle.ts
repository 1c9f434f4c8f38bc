import type { RunResult } from "../experiment/result.ts";
import { distinct } from "./list.ts";
import type { Setting } from "./setting.ts";
import { costs } from "./simulated.ts";
import { duration, lines, percent, plural } from "./text.ts";

/** Characters of a subtitle that fit above the narrowest figure. */
const lineWidth = 100;

/** The conditions that everything in a figure was measured under. */
export function subtitle({ series, runs }: Setting): string[] {
  const parts = [
    `${either(runs, (run) => run.transport)} transport`,
    either(runs, ({ topology }) => (topology === null ? "no topology" : `topology ${topology}`)),
    ...costs(runs),
    `${counted(runs.map((one) => one.replicas), "replica")}, leader ${either(runs, (run) => run.leader)}`,
    `${counted(runs.map((one) => one.clientsPerSite), "client")} per site`,
    ...rate(runs),
    workload(runs),
    ...measuredConflict(runs),
    either(runs, (run) => `${duration(run.durationMs)} after ${run.steady ? "a warm-up until throughput was steady" : `${duration(run.warmupMs)} of warm-up`}`),
    `durability ${distinct(runs.map((run) => run.environment.durability)).join(", ")}`,
    seeds(runs),
    ...repeats(series.flatMap((one) => repeatsOf(one.runs.map(({ result }) => result)))),
  ];
  return lines(parts, " · ", lineWidth);
}

function either(runs: readonly RunResult[], of: (run: RunResult) => string): string {
  return distinct(runs.map(of)).join(" or ");
}

/** "5 replicas", or of a sweep "3 to 7 replicas". */
function counted(counts: readonly number[], noun: string): string {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return least === most ? plural(most, noun) : `${least} to ${plural(most, noun)}`;
}

/** "500 commands/s (poisson arrivals)", or "closed loop" beside an open one. */
function rate(runs: readonly RunResult[]): string[] {
  const loops = runs.flatMap(({ openLoop }) => (openLoop ? [openLoop] : []));
  if (loops.length === 0) return [];
  const offered = `${span(loops.map(({ rateOpsPerSec }) => rateOpsPerSec))} commands/s (${distinct(loops.map(({ arrivals }) => arrivals)).join(" or ")} arrivals)`;
  return [loops.length < runs.length ? `closed loop or ${offered}` : offered];
}

/** Parameters are told of a single one: those of another would mean something else. */
function workload(runs: readonly RunResult[]): string {
  const names = distinct(runs.map((run) => run.workload.name));
  if (names.length > 1) return `${names.join(" or ")} workload`;
  const { name, ...parameters } = runs[0]!.workload;
  const list = Object.keys(parameters).map((key) => `${key} ${span(runs.map((run) => run.workload[key]!))}`);
  return `${name} workload${list.length > 0 ? ` (${list.join(", ")})` : ""}`;
}

function span(values: readonly (string | number | boolean)[]): string {
  const all = distinct(values);
  const numbers = all.filter((value) => typeof value === "number");
  return numbers.length < 2 ? all.join(" or ") : `${Math.min(...numbers)} to ${Math.max(...numbers)}`;
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

/** How many runs there are at each point of a sweep; of no sweep, all of them. */
function repeatsOf(runs: readonly RunResult[]): number[] {
  const points = Map.groupBy(runs, ({ varied }) => JSON.stringify({ ...varied, seed: null }));
  return [...points.values()].map((repeated) => repeated.length);
}

function repeats(counts: readonly number[]): string[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  if (most === 1) return [];
  return [least === most ? `${most} runs each` : `${least} to ${most} runs each`];
}
