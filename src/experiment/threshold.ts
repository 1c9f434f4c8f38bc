/** `--threshold 'response.p99<50ms'`: a bound that a run must keep, so that a script can tell by the exit code. */
import { UsageError } from "../core/errors.ts";
import { millisecond } from "../core/ids.ts";
import { parseDuration } from "../core/option.ts";
import { metrics, type Metric } from "./metric.ts";
import type { RunResult } from "./result.ts";

const operators = {
  "<=": (a: number, b: number) => a <= b,
  ">=": (a: number, b: number) => a >= b,
  "<": (a: number, b: number) => a < b,
  ">": (a: number, b: number) => a > b,
} as const;

export interface Threshold {
  /** As typed. */
  readonly text: string;
  readonly metric: string;
  readonly operator: keyof typeof operators;
  /** In the metric's unit. */
  readonly bound: number;
}

export interface ThresholdVerdict {
  readonly threshold: string;
  /** In the metric's unit; null: the run has none, and so does not keep the bound. */
  readonly measured: number | null;
  readonly unit: string;
  readonly held: boolean;
}

/** Throws a `UsageError`. */
export const parseThreshold = (text: string): Threshold => {
  const [, name, operator, value] = /^\s*([\w.]+)\s*(<=|>=|<|>)\s*(\S+)\s*$/.exec(text) ?? [];
  if (name === undefined) throw new UsageError(`--threshold ${text}: allowed is a metric, one of < <= > >=, and a value, such as response.p99<50ms`);
  const metric = metrics.find((each) => each.name === name);
  if (metric === undefined) throw new UsageError(`--threshold ${text}: no metric ${name}; allowed: ${metrics.map((each) => each.name).join(", ")}`);
  return { text, metric: name, operator: operator as keyof typeof operators, bound: boundOf(text, metric, value!) };
};

const boundOf = (text: string, { name, unit }: Metric, value: string): number => {
  if (unit === "ms") {
    const micros = parseDuration(value);
    if (micros !== undefined) return micros / millisecond;
    throw new UsageError(`--threshold ${text}: ${value} is no time; allowed for ${name} is a number with us, ms, s or m`);
  }
  const number = Number(value);
  if (Number.isFinite(number)) return number;
  throw new UsageError(`--threshold ${text}: ${value} is no number; ${name} has ${unit === "" ? "no unit" : `the unit ${unit}, which is left out`}`);
};

export const judgeThresholds = (thresholds: readonly Threshold[], run: RunResult): ThresholdVerdict[] =>
  thresholds.map(({ text, metric: name, operator, bound }) => {
    const metric = metrics.find((each) => each.name === name)!;
    const measured = metric.of(run);
    return { threshold: text, measured, unit: metric.unit, held: measured !== null && operators[operator](measured, bound) };
  });
