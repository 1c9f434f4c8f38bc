/** Reads what people write by hand, files and flags, and says in one line what is wrong with it and where. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LineCounter, parseDocument, type Document } from "yaml";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";

/** What comes with paxbench: the files of a folder beside this one, by name without ending. */
export const builtIn = (folder: "topologies" | "scenarios" | "plans" | "costs" | "published"): Map<string, string> => {
  const path = fileURLToPath(new URL(`./${folder}/`, import.meta.url));
  return new Map(
    readdirSync(path)
      .sort()
      .map((file) => [basename(file, extname(file)), join(path, file)]),
  );
};

/** The file that `spec` means: one of `known` by name, or a path. Throws a `UsageError`. */
export const fileOf = (flag: string, spec: string, known: ReadonlyMap<string, string>, others: readonly string[] = []): string => {
  const file = known.get(spec) ?? (existsSync(spec) ? spec : undefined);
  if (file !== undefined) return file;
  throw new UsageError(`${flag} ${spec}: no such name or file; allowed: ${[...others, ...known.keys()].join(", ")}, or a file`);
};

/**
 * A JSON or YAML file of the given shape (YAML contains JSON). Throws a `UsageError` of the form
 * `file:line:column: place: what is wrong`.
 */
export const readShaped = <T>(file: string, shape: z.ZodType<T>): T => readPlaced(file, shape).content;

/** The same, with the place (`file:line:column`) of the innermost part of a path that the file has. */
export const readPlaced = <T>(file: string, shape: z.ZodType<T>): { readonly content: T; readonly placeOf: (path: readonly PropertyKey[]) => string } => {
  const counter = new LineCounter();
  const document = parseDocument(textOf(file), { lineCounter: counter });
  const placeAt = (offset: number): string => {
    const { line, col } = counter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const placeOf = (path: readonly PropertyKey[]): string => placeAt(offsetOf(document, path));
  const mistake = document.errors[0];
  if (mistake !== undefined) {
    throw new UsageError(`${placeAt(mistake.pos[0])}: ${mistake.message.split("\n")[0]!.replace(/ at line \d+, column \d+:$/, "")}`);
  }
  const result = shape.safeParse(contentOf(file, document));
  if (result.success) return { content: result.data, placeOf };
  const issue = result.error.issues[0]!;
  const { path, message } = issue;
  const stranger = issue.code === "unrecognized_keys" ? issue.keys.slice(0, 1) : [];
  throw new UsageError(`${placeOf([...path, ...stranger])}: ${path.length > 0 ? `${path.map(String).join(".")}: ` : ""}${message}`);
};

/** A mapping of these fields and no others. `z.strictObject`, but its complaints say what is allowed. */
export const fields = <const S extends z.ZodRawShape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      const allowed = `allowed: ${Object.keys(shape).join(", ")}`;
      return issue.code === "unrecognized_keys" ? `no field ${issue.keys.join(", ")} here; ${allowed}` : `is no mapping of fields; ${allowed}`;
    },
  });

/** An alias may point nowhere, or at so much that it is refused: found out only here. */
const contentOf = (file: string, document: Document): unknown => {
  try {
    return document.toJS();
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
};

const textOf = (file: string): string => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
};

/** Where the innermost part of `path` that the document has begins. */
const offsetOf = (document: Document, path: readonly PropertyKey[]): number => {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return node.range[0];
  }
  return 0;
};
