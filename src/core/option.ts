import { UsageError } from "./errors.ts";
import { millisecond, second, type Micros } from "./ids.ts";

export type OptionValue = string | number | boolean;

/** One setting of a protocol or workload: `--set name=text`. */
export interface Option<T extends OptionValue = OptionValue> {
  readonly default: T;
  /** One line for `paxbench list`: what it does, and its unit. */
  readonly doc: string;
  /** What may be typed. */
  readonly allowed: string;
  /** Undefined when `text` is not allowed. */
  parse(text: string): T | undefined;
}

/** Its value is the name of a file; a workload is made with what `read` makes of the file's text. */
export interface FileOption<T = unknown> extends Option<string> {
  /** Throws a `UsageError` that names the line and what is allowed. */
  read(text: string): T;
}

export type Options<O> = { readonly [K in keyof O]: O[K] extends OptionValue ? Option<O[K]> : FileOption<O[K]> };

/** A whole number, both bounds included. */
export const wholeNumber = (value: number, min: number, max: number, doc: string): Option<number> => ({
  default: value,
  doc,
  allowed: `a whole number in ${min}..${max}`,
  parse(text) {
    const number = Number(text);
    return /^\d+$/.test(text) && number >= min && number <= max ? number : undefined;
  },
});

/** A share or probability in 0..1. */
export const share = (value: number, doc: string): Option<number> => ({
  default: value,
  doc,
  allowed: "a number in 0..1",
  parse(text) {
    const number = Number(text);
    return text.trim() !== "" && number >= 0 && number <= 1 ? number : undefined;
  },
});

/** Any number, both bounds included. */
export const number = (value: number, min: number, max: number, doc: string): Option<number> => ({
  default: value,
  doc,
  allowed: `a number in ${min}..${max}`,
  parse(text) {
    const parsed = Number(text);
    return text.trim() !== "" && parsed >= min && parsed <= max ? parsed : undefined;
  },
});

/** One of a few words. */
export const oneOf = <const T extends string>(value: T, words: readonly T[], doc: string): Option<T> => ({
  default: value,
  doc,
  allowed: words.join(", "),
  parse: (text) => words.find((word) => word === text),
});

export const flag = (value: boolean, doc: string): Option<boolean> => ({
  default: value,
  doc,
  allowed: "true or false",
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
});

/** A file, which must be given: plug-ins do no I/O, so whoever loads them reads it. For workloads. */
export const file = <T>(doc: string, read: (text: string) => T): FileOption<T> => ({ default: "", doc, allowed: "a file", parse: (text) => text, read });

/** Given in ms, held in ms: a protocol multiplies by `millisecond` where it sets a timer. */
export const milliseconds = (value: number, min: number, max: number, doc: string): Option<number> => ({
  ...wholeNumber(value, min, max, doc),
  allowed: `milliseconds, a whole number in ${min}..${max}`,
});

export const mebibyte = 2 ** 20;

/** Given in MiB, held in MiB: a protocol multiplies by `mebibyte`. */
export const mebibytes = (value: number, min: number, max: number, doc: string): Option<number> => ({
  ...number(value, min, max, doc),
  allowed: `MiB, a number in ${min}..${max}`,
});

const durationUnits: Readonly<Record<string, Micros>> = { us: 1, ms: millisecond, s: second, m: 60 * second };

/** "250ms", "10s", "1m", "0s" → µs; undefined for anything else. */
export const parseDuration = (text: string): Micros | undefined => {
  const match = /^(\d+(?:\.\d+)?)(us|ms|s|m)$/.exec(text);
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * durationUnits[match[2]!]!);
};

/** What `--set name=text`, once or more, says. Throws a `UsageError`. */
export const parseSettings = (set: readonly string[]): Map<string, string> => {
  const settings = new Map<string, string>();
  for (const setting of set) {
    const [, name, text] = /^([^=]+)=(.*)$/.exec(setting) ?? [];
    if (name === undefined || text === undefined) throw new UsageError(`--set ${setting}: allowed is name=value`);
    if (settings.has(name)) throw new UsageError(`--set ${setting}: ${name} is given twice`);
    settings.set(name, text);
  }
  return settings;
};

/**
 * The values in force: defaults, overridden by `given`, each claimed by its name.
 * Throws a `UsageError` that names the option and what is allowed. Names in `given` that are not in `options` are
 * left for others: one `--set` may speak to a protocol or a workload. Of a file it is the name.
 */
export const parseOptions = <O>(owner: string, options: Options<O>, given: ReadonlyMap<string, string>): O => {
  const values: Record<string, OptionValue> = {};
  for (const [name, option] of Object.entries<Option>(options)) {
    const text = given.get(name);
    const value = text === undefined ? option.default : option.parse(text);
    if (value === undefined) throw new UsageError(`${owner}: ${name}=${text}: allowed is ${option.allowed}`);
    values[name] = value;
  }
  return values as O;
};
