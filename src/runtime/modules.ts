/**
 * Finds and loads protocols and workloads: by the name of a folder of this project, by path, or as a package. Built-in
 * or not, all come in through the same door.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { registerHooks } from "node:module";
import { isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UsageError } from "../core/errors.ts";
import { faultKinds, type Protocol } from "../core/protocol.ts";
import type { Workload } from "../core/workload.ts";

/** A yardstick is a protocol that others are measured by: `-p` takes it by name, and it is none of `all`. */
export type PluginKind = "protocol" | "workload" | "yardstick";

// A plug-in imports "paxbench" wherever it lies, installed beside it or not, and gets the one that runs it: two copies
// would not know each other's errors. This module is loaded by each thread that loads plug-ins, so each has the hook.
registerHooks({
  resolve: (specifier, context, next) =>
    /^paxbench(\/|$)/.test(specifier) ? next(specifier, { ...context, parentURL: import.meta.url }) : next(specifier, context),
});

const folderOf = (kind: PluginKind): string => fileURLToPath(new URL(`../../${kind}s/`, import.meta.url));

/** Names of what is built in, sorted. */
export const listPlugins = (kind: PluginKind): string[] =>
  readdirSync(folderOf(kind))
    .filter((name) => existsSync(join(folderOf(kind), name, "index.ts")))
    .sort();

/** The URL of the module that `spec` means to somebody in the folder `cwd`. Throws a `UsageError`. */
export const resolvePlugin = (kind: PluginKind, spec: string, cwd: string): string => {
  if (kind === "protocol" && listPlugins("yardstick").includes(spec)) return resolvePlugin("yardstick", spec, cwd);
  const builtIn = listPlugins(kind);
  if (builtIn.includes(spec)) return pathToFileURL(join(folderOf(kind), spec, "index.ts")).href;
  if (isAbsolute(spec) || /^(\.\.?(\/|$)|file:)/.test(spec)) return pathToFileURL(fileAt(kind, spec, cwd)).href;
  try {
    return resolveFrom(spec, cwd);
  } catch {
    throw new UsageError(`unknown ${kind} "${spec}": allowed: ${builtIn.join(", ")}, a path or a package`);
  }
};

/** Throws a `UsageError`. */
export const loadProtocol = async (url: string): Promise<Protocol> =>
  (await loadDefault("protocol", url, {
    name: isText,
    title: isText,
    summary: isText,
    papers: isListOf(isText),
    messages: isCodec,
    records: isCodec,
    timers: isListOf(isText),
    options: areOptions,
    create: isFunction,
    excludes: isOptional(isListOf((kind) => (faultKinds as readonly unknown[]).includes(kind))),
    orders: isOptional((value) => typeof value === "boolean"),
    validate: isOptional(isFunction),
  })) as Protocol;

/** Throws a `UsageError` for options that do not go with so many replicas, and for a `validate` that fails itself. */
export const validateOptions = (protocol: Protocol, replicas: number, options: object): void => {
  try {
    protocol.validate?.(replicas, options);
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError(`${protocol.name}: its validate failed: ${reasonOf(error)}`);
  }
};

/** Throws a `UsageError`. */
export const loadWorkload = async (url: string): Promise<Workload> =>
  (await loadDefault("workload", url, {
    name: isText,
    summary: isText,
    source: isText,
    options: areOptions,
    prepare: isOptional(isFunction),
    create: isFunction,
  })) as Workload;

// --- Finding. ---

const fileAt = (kind: PluginKind, spec: string, cwd: string): string => {
  const path = spec.startsWith("file:") ? pathOf(kind, spec) : resolve(cwd, spec);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw new UsageError(`no ${kind} at ${spec}: there is no such file or folder`);
  if (!stats.isDirectory()) return path;
  const entries = [declaredEntry(path), "index.ts", "index.js"].filter((entry) => entry !== undefined);
  const entry = entries.map((name) => join(path, name)).find((file) => existsSync(file));
  if (entry === undefined) throw new UsageError(`no ${kind} at ${spec}: the folder has no ${entries.join(", ")}`);
  return entry;
};

const pathOf = (kind: PluginKind, url: string): string => {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new UsageError(`no ${kind} at ${url}: ${reasonOf(error)}`);
  }
};

/** What a folder's package.json says is imported under its name. */
const declaredEntry = (folder: string): string | undefined => {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  try {
    const { exports, main } = JSON.parse(readFileSync(file, "utf8")) as { exports?: unknown; main?: string };
    return exports === undefined ? main : targetOf(exports);
  } catch (error) {
    throw new UsageError(`${file}: ${reasonOf(error)}`);
  }
};

const conditions = new Set([".", "import", "node", "default"]);

/** As Node does: the first condition that holds, in the order of the file. */
const targetOf = (exports: unknown): string | undefined => {
  if (typeof exports === "string") return exports;
  if (!isObject(exports)) return undefined;
  for (const [condition, target] of Object.entries(exports)) {
    const found = conditions.has(condition) ? targetOf(target) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/** What `import(specifier)` would find in a module in `folder`. Node asks for a module to resolve from: a hook lends one. */
const resolveFrom = (specifier: string, folder: string): string => {
  const parentURL = pathToFileURL(join(folder, "/")).href;
  const hook = registerHooks({ resolve: (asked, context, next) => next(asked, { ...context, parentURL }) });
  try {
    return import.meta.resolve(specifier);
  } finally {
    hook.deregister();
  }
};

// --- Loading. ---

type Test = (value: unknown) => boolean;

const isText: Test = (value) => typeof value === "string" && value !== "";
const isFunction: Test = (value) => typeof value === "function";
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === "object" && value !== null;
const isCodec: Test = (value) => isObject(value) && ["write", "read", "sample"].every((name) => isFunction(value[name]));

const isListOf = (holds: Test): Test => (value) => Array.isArray(value) && value.every(holds);
const isOptional = (holds: Test): Test => (value) => value === undefined || holds(value);
const isOption: Test = (value) =>
  isObject(value) && value["default"] !== undefined && isText(value["doc"]) && isText(value["allowed"]) && isFunction(value["parse"]);
const areOptions: Test = (value) => isObject(value) && Object.values(value).every(isOption);

const loadDefault = async (kind: PluginKind, url: string, shape: Readonly<Record<string, Test>>): Promise<unknown> => {
  const where = url.startsWith("file:") ? fileURLToPath(url) : url;
  let module: { readonly default?: unknown };
  try {
    module = (await imported(url)) as typeof module;
  } catch (error) {
    throw new UsageError(`cannot load ${kind} ${where}: ${reasonOf(error)}`);
  }
  const found = module.default;
  if (found === undefined) throw new UsageError(`${where} has no default export: a ${kind} is one`);
  for (const [name, holds] of Object.entries(shape)) {
    if (isObject(found) && holds(found[name])) continue;
    throw new UsageError(`the default export of ${where} is no ${kind}: "${name}" is missing or of the wrong type`);
  }
  return found;
};

const exit = process.exit.bind(process);

/** A module that ends the process, or waits for what never comes, would do so without a word. */
const imported = async (url: string): Promise<unknown> => {
  const idle = Promise.withResolvers<never>();
  const giveUp = (): void => idle.reject(new Error("it waits for what never comes"));
  process.once("beforeExit", giveUp);
  process.exit = (code) => {
    throw new Error(`it calls process.exit(${code ?? ""})`);
  };
  try {
    return await Promise.race([import(url), idle.promise]);
  } finally {
    process.off("beforeExit", giveUp);
    process.exit = exit;
  }
};

/** One line; Node puts the place of a mistake in TypeScript on the first line of the stack. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const place = error.stack?.split("\n")[0] ?? "";
  const reason = `${error.name}: ${error.message.split("\n")[0]}`;
  return /:\d+$/.test(place) ? `${reason} (${place})` : reason;
};
