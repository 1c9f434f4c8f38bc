/** The one door through which files reach a workload. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import type { FileOption, Option } from "../core/option.ts";
import type { Workload } from "../core/workload.ts";

type Values = Readonly<Record<string, unknown>>;

/** The options with what is in the files that they name, as `create` takes them. Throws a `UsageError`. */
export const withFiles = ({ name: owner, options }: Workload, values: object): object => {
  const read: Record<string, unknown> = { ...values };
  for (const [name, option] of filesOf(options)) {
    const file = read[name] as string;
    if (file === "") throw new UsageError(`${owner}: ${name} is missing: allowed is --set ${name}=FILE`);
    read[name] = contentOf(file, textOf(`${owner}: ${name}=${file}`, file), option);
  }
  return read;
};

/** The options with names of files that hold anywhere: relative ones are relative to `cwd`. */
export const withPaths = <V extends Values>({ options }: Workload, values: V, cwd: string): V => {
  const given = filesOf(options).filter(([name]) => values[name] !== "");
  return { ...values, ...Object.fromEntries(given.map(([name]) => [name, resolve(cwd, values[name] as string)])) };
};

const filesOf = (options: object): [string, FileOption][] =>
  Object.entries(options as Readonly<Record<string, Option | FileOption>>).filter((entry): entry is [string, FileOption] => "read" in entry[1]);

const textOf = (said: string, file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`${said}: cannot read it: ${(error as NodeJS.ErrnoException).code ?? String(error)}; allowed is a file`);
  }
};

const contentOf = (file: string, text: string, option: FileOption): unknown => {
  try {
    return option.read(text);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
};
