/** What a sweep varies, and the points that come of it. */
import { UsageError } from "../../core/errors.ts";
import type { RunFlags } from "../plan.ts";
import type { Varied } from "../result.ts";

/** One thing that varies, and its values as typed. */
export interface Axis {
  /** A flag of `run`, or an option of protocol, workload or harness. */
  readonly key: string;
  readonly texts: readonly string[];
}

/** Flags that may vary; any other key is an option. Protocols are not among them: every point is run with each. */
export const variedFlags = [
  "workload", "conflict", "replicas", "clients", "rate", "transport", "topology", "leader", "duration", "warmup", "seed", "scenario", "costs", "durability",
] as const satisfies readonly (keyof RunFlags)[];

/** Flags of which a sweep has one value. */
const fixed: readonly string[] = ["repeat", "set", "history", "cluster", "endpoints", "threshold", "out", "json", "vary", "plan", "resume"];

const mostValues = 1000;

/** `KEY=LIST`: values between commas, and ranges of whole numbers such as 1..8. Throws a `UsageError`. */
export const parseAxis = (text: string): Axis => {
  const [, key, list] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || list === undefined) throw new UsageError(`--vary ${text}: allowed is KEY=VALUE,VALUE,…`);
  const problem = problemOfKey(key);
  if (problem !== null) throw new UsageError(`--vary ${text}: ${problem}`);
  const values = valuesOf(list.split(","));
  if (typeof values === "string") throw new UsageError(`--vary ${text}: ${values}`);
  return { key, texts: values };
};

/** Null: none. */
export const problemOfKey = (key: string): string | null =>
  fixed.includes(key) ? `${key} has one value for all points; allowed: protocol, ${variedFlags.join(", ")}, any option` : null;

/** The values that a list's parts stand for, or what is wrong with them. */
export const valuesOf = (parts: readonly string[]): readonly string[] | string => {
  const values: string[] = [];
  for (const part of parts) {
    if (part === "") return "an empty value; allowed are values between commas, and ranges such as 1..8";
    const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(part) ?? [];
    if (from === undefined) values.push(part);
    else if (Number(from) > Number(to) || Number(to) - Number(from) >= mostValues) return `range ${part}: allowed are ranges that rise, of at most ${mostValues} values`;
    else for (let value = Number(from); value <= Number(to); value++) values.push(String(value));
  }
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  return twice === undefined ? values : `${twice} stands there twice`;
};

/** A point's flags, and what sets it apart. */
export interface PointFlags {
  readonly flags: RunFlags;
  readonly varied: Varied;
}

/** The cross product, the last axis varying fastest. */
export const pointsOf = (flags: RunFlags, axes: readonly Axis[]): PointFlags[] =>
  axes.reduce<PointFlags[]>(
    (points, { key, texts }) =>
      points.flatMap((point) => texts.map((text) => ({ flags: withValue(point.flags, key, text), varied: { ...point.varied, [key]: valueOf(text) } }))),
    [{ flags, varied: {} }],
  );

const withValue = (flags: RunFlags, key: string, text: string): RunFlags =>
  variedFlags.some((flag) => flag === key) ? { ...flags, [key]: text } : { ...flags, set: [...flags.set, `${key}=${text}`] };

/** As `Varied` has it. */
export const valueOf = (text: string): string | number => (/^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text);
