/** The import rules of src/DESIGN.md as data and code. Pure: files in, complaints out. */
import { posix } from "node:path";

/** A folder of src may import from itself and from these. Arrows never turn back. */
const layers: Readonly<Record<string, readonly string[]>> = {
  core: [],
  engine: ["core"],
  client: ["core", "engine"],
  check: ["core"],
  measure: ["core"],
  network: ["core"],
  faults: ["core", "network"],
  sim: ["core", "engine", "client", "check", "measure", "network", "faults"],
  transport: ["core", "engine", "network"],
  storage: ["core"],
  runtime: ["core", "engine", "client", "check", "measure", "network", "faults", "transport", "storage"],
  external: ["core", "engine", "check", "transport", "runtime"],
  experiment: ["core", "check", "client", "external", "measure", "network", "faults", "sim", "transport", "runtime"],
  fuzz: ["core", "check", "network", "faults", "sim", "runtime"],
  testing: ["core", "check", "engine", "faults", "fuzz", "network", "runtime", "sim"],
  report: ["core", "check", "faults", "measure", "sim", "experiment"],
  cli: ["core", "check", "experiment", "external", "fuzz", "report", "runtime", "testing"],
};

/** No I/O, clock or chance of their own: what happens in them follows from their inputs. */
const pure = ["core", "engine", "client", "check", "measure", "network", "faults", "sim"];

const impurities: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b/, "Date"],
  [/\bperformance\b/, "performance"],
  [/\bMath\.random\b/, "Math.random"],
  [/\bset(?:Timeout|Interval|Immediate)\b/, "a timer of the platform"],
  [/\bqueueMicrotask\b/, "queueMicrotask"],
  [/\bPromise\b|\basync\b|\bawait\b/, "a promise"],
  // A history's field of that name is none of it.
  [/(?<![.\w])process\s*[.[]/, "process"],
];

/** Path from the project's root → text. */
export type Files = ReadonlyMap<string, string>;

/** A line for each broken rule: file, what it does, the rule. */
export const brokenRules = (files: Files, protocols: readonly string[]): string[] =>
  [...files].flatMap(([file, text]) => {
    const code = withoutComments(text);
    const [top, folder = ""] = file.split("/");
    if (top === "protocols" || top === "workloads" || top === "yardsticks") return [...plugInImports(file, code), ...impure(file, code)];
    if (top !== "src") return [];
    return [
      ...layerImports(file, folder, code),
      ...(pure.includes(folder) ? [...impure(file, code), ...platformImports(file, code)] : []),
      ...namesProtocol(file, code, protocols),
    ];
  });

/** Files of src that no entry reaches. Threads and pools name their file by URL, so any path in quotes counts. */
export const deadFiles = (files: Files, entries: readonly string[]): string[] => {
  const reached = new Set<string>();
  const todo = [...entries];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    const text = files.get(file);
    if (text === undefined || reached.has(file)) continue;
    reached.add(file);
    for (const [, path] of text.matchAll(/"(\.[^"]+\.ts)"/g)) todo.push(target(file, path!));
  }
  return [...files.keys()].filter((file) => file.startsWith("src/") && !reached.has(file));
};

const importsOf = (code: string): string[] =>
  [...code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)"([^"]+)"/g)].map((match) => match[1]!);

const target = (file: string, specifier: string): string => posix.join(posix.dirname(file), specifier);

const layerImports = (file: string, folder: string, code: string): string[] => {
  if (file.split("/").length === 2) {
    return importsOf(code)
      .filter((specifier) => !specifier.startsWith("./core/"))
      .map((specifier) => `${file} imports ${specifier}: authors of plug-ins get core, and nothing else`);
  }
  const allowed = layers[folder];
  if (allowed === undefined) return [`${file}: src/${folder} is no layer`];
  return importsOf(code)
    .filter((specifier) => specifier.startsWith("."))
    .filter((specifier) => {
      const [top, other] = target(file, specifier).split("/");
      return top !== "src" || (other !== folder && !allowed.includes(other!));
    })
    .map((specifier) => `${file} imports ${specifier}: ${folder} may import ${allowed.join(", ") || "nothing"}`);
};

const platformImports = (file: string, code: string): string[] =>
  importsOf(code)
    .filter((specifier) => specifier.startsWith("node:"))
    .map((specifier) => `${file} imports ${specifier}: no I/O in ${pure.join(", ")}`);

const plugInImports = (file: string, code: string): string[] => {
  const home = file.split("/").slice(0, 2).join("/");
  return importsOf(code)
    .filter((specifier) => specifier !== "paxbench" && !(specifier.startsWith("./") && target(file, specifier).startsWith(home)))
    .map((specifier) => `${file} imports ${specifier}: a plug-in imports "paxbench" and its own folder, as a stranger's would`);
};

const impure = (file: string, code: string): string[] =>
  impurities.filter(([pattern]) => pattern.test(code)).map(([, name]) => `${file} uses ${name}: time and chance are given`);

const namesProtocol = (file: string, code: string, protocols: readonly string[]): string[] =>
  protocols
    .filter((protocol) => new RegExp(`\\b${protocol}\\b`, "i").test(code))
    .map((protocol) => `${file} names ${protocol}: protocols are found by folder, path or package`);

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/(^|\s)\/\/.*$/gm, "");
