/** `results/<name>/<UTC time>/`: what a run leaves behind. Valid at every moment; marked incomplete until it is not. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { UsageError } from "../core/errors.ts";
import { curveOf, distributionOf } from "../measure/distribution.ts";
import { latencyKinds, type LatencyKind } from "../measure/latency.ts";
import type { Outcome, RunHistory } from "./outcome.ts";
import { runsOf, type Plan } from "./plan.ts";
import type { Environment, LatencyCurve, Refutation, ResultFile, RunResult } from "./result.ts";
import { csvOf } from "./result-csv.ts";

export interface Manifest {
  readonly schema: "paxbench.manifest/1";
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  /** The words after `paxbench`. */
  readonly command: readonly string[];
  /** Of a sweep: the name of the file that has its points and their plans. */
  readonly plan: Plan | string;
  readonly environment: Environment;
}

/** What a result folder keeps of one run, beside its histograms and its history. Plain data. */
export interface KeptRun {
  readonly result: RunResult;
  readonly curves: readonly Omit<LatencyCurve, "run">[];
  /** Null unless its history was refuted. */
  readonly refutation: Omit<Refutation, "run"> | null;
}

export class ResultFolder {
  readonly path: string;
  /** The link to it. */
  readonly #latest: string | null;
  /** By place in the result; with holes while runs are missing. */
  readonly #kept: KeptRun[] = [];
  #incomplete = true;
  #severalRuns = true;
  /** Of several runs: what sets them apart, and what came of them together. */
  about: Pick<ResultFile, "sweep" | "knees">;

  private constructor(path: string, latest: string | null, sweep: ResultFile["sweep"]) {
    this.path = path;
    this.#latest = latest;
    this.about = sweep === undefined ? {} : { sweep };
  }

  /** One that is there, to be filled further. */
  static reopen(path: string, sweep: ResultFile["sweep"]): ResultFolder {
    return new ResultFolder(path, null, sweep);
  }

  /**
   * `out`: a folder that is absent or empty. Without it, a new one under `results/` in `cwd`, to which `results/latest`
   * then links. Throws a `UsageError`.
   */
  static create(out: string | undefined, name: string, startedAt: Date, cwd: string, sweep?: ResultFile["sweep"]): ResultFolder {
    const results = join(cwd, "results");
    const latest = out === undefined ? join(results, "latest") : null;
    const path = out === undefined ? unused(join(results, name, timeOf(startedAt))) : resolve(cwd, out);
    attempt(`--out ${out ?? path}`, () => {
      makeFolder(path);
      if (readdirSync(path).length > 0) throw new UsageError(`--out ${out}: the folder is not empty; allowed is an absent or empty one`);
      mkdirSync(join(path, "histograms"));
      if (latest !== null) pointLatest(latest, path);
    });
    return new ResultFolder(path, latest, sweep);
  }

  writeManifest(manifest: Manifest): void {
    this.#severalRuns = typeof manifest.plan === "string" || runsOf(manifest.plan).length > 1;
    this.write("manifest.json", json(manifest));
    this.writeResults();
  }

  /** Writes what a run leaves beside the results, and keeps the rest for them. `index`: its place among all runs. */
  keep(index: number, result: RunResult, { recorder, history }: Outcome): KeptRun {
    const histogramOf = (kind: LatencyKind): string => join("histograms", nameOf(index, result, `${kind}.hgrm`));
    // From the text, as a later report will have them.
    const curves = latencyKinds.map((kind) => {
      const text = distributionOf(recorder.total(kind));
      this.write(histogramOf(kind), text);
      return { kind, ...curveOf(text)! };
    });
    const own = (name: string): string => (this.#severalRuns ? nameOf(index, result, name) : name);
    const refutation = refutationOf(own("history.jsonl"), history);
    if (history !== null) this.write(own("history.jsonl"), history.jsonLines);
    const files = {
      histograms: { commit: histogramOf("commit"), execute: histogramOf("execute"), response: histogramOf("response") },
      history: history === null ? null : own("history.jsonl"),
      timeline: refutation === null ? null : own("linearizability.html"),
    };
    return this.take(index, { result: { ...result, files }, curves, refutation });
  }

  /** What was kept before. */
  take(index: number, run: KeptRun): KeptRun {
    return (this.#kept[index] = run);
  }

  /** Every run of the plan is there. */
  complete(): void {
    this.#incomplete = false;
    this.writeResults();
  }

  /** Nothing came of it. */
  discard(): void {
    rmSync(this.path, { recursive: true });
    if (this.#latest !== null) rmSync(this.#latest, { force: true });
  }

  get result(): ResultFile {
    const runs = this.#runs.map(({ result }) => result);
    return { schema: "paxbench.result/1", incomplete: this.#incomplete, ...this.about, runs };
  }

  get curves(): readonly LatencyCurve[] {
    return this.#runs.flatMap(({ curves }, run) => curves.map((curve) => ({ run, ...curve })));
  }

  get refutations(): readonly Refutation[] {
    return this.#runs.flatMap(({ refutation }, run) => (refutation === null ? [] : [{ run, ...refutation }]));
  }

  writeResults(): void {
    const { runs, sweep } = this.result;
    this.write("result.json", json(this.result));
    this.write("runs.csv", csvOf(runs, sweep?.vary.map(({ key }) => key) ?? []));
  }

  /** Whoever reads while we write, or after we were killed, finds the old file or the new one. */
  write(name: string, text: string): void {
    replaceFile(join(this.path, name), text);
  }

  /** Without the holes. */
  get #runs(): KeptRun[] {
    return this.#kept.filter(() => true);
  }
}

/**
 * Where a report goes: into the folder of the only result, a new one under `results/` in `cwd` for several, or `out`, which is
 * absent, empty, or has a report already. Throws a `UsageError`.
 */
export const reportFolder = (out: string | undefined, sources: readonly string[], startedAt: Date, cwd: string): string => {
  if (out === undefined && sources.length === 1) {
    attempt(sources[0]!, () => accessSync(sources[0]!, constants.W_OK), "a folder that can be written, as with --out DIR");
    return sources[0]!;
  }
  const path = out === undefined ? unused(join(cwd, "results", "report", timeOf(startedAt))) : resolve(cwd, out);
  attempt(`--out ${out ?? path}`, () => {
    makeFolder(path);
    const drawnAgain = sources.length === 1 && sources[0] === realpathSync(path);
    const replaced = existsSync(join(path, "report.html")) && !existsSync(join(path, "result.json"));
    if (readdirSync(path).length > 0 && !drawnAgain && !replaced) {
      throw new UsageError(`--out ${out}: the folder is not empty; allowed is an absent or empty one, or one with nothing but a report`);
    }
    accessSync(path, constants.W_OK);
  });
  return realpathSync(path);
};

const refutationOf = (file: string, history: RunHistory | null): KeptRun["refutation"] => {
  if (history === null || history.witness === null) return null;
  const { operations, keys, witness } = history;
  return { file, operations, keys, witness };
};

/** Makes a folder if it is not there. Throws a `UsageError` that names `flag`. */
export const writableFolder = (flag: string, folder: string): void =>
  attempt(`${flag} ${folder}`, () => {
    makeFolder(folder);
    accessSync(folder, constants.W_OK);
  });

/** A file of its own, for which folders are made. Throws a `UsageError` that names `flag`. */
export const writeWhole = (flag: string, file: string, text: string): void =>
  attempt(`${flag} ${file}`, () => {
    makeFolder(dirname(resolve(file)));
    replaceFile(file, text);
  });

/** Whoever reads while we write, or after we were killed, finds the old file or the new one. */
const replaceFile = (file: string, text: string): void => {
  writeFileSync(`${file}.part`, text);
  renameSync(`${file}.part`, file);
};

/** A protocol may have any name, a file not. */
const nameOf = (run: number, { protocol }: RunResult, ending: string): string =>
  `${run}-${protocol}-${ending}`.replaceAll(/[^\w.-]/g, "_");

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Not mkdir's own `recursive`: below /proc that never ends. */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
};

const timeOf = (date: Date): string => date.toISOString().replace(/\.\d+Z$/, "Z").replaceAll(":", "-");

/** Two runs may start within a second. */
const unused = (path: string): string => {
  let candidate = path;
  for (let count = 2; existsSync(candidate); count++) candidate = `${path}-${count}`;
  return candidate;
};

const pointLatest = (link: string, target: string): void => {
  rmSync(link, { force: true });
  symlinkSync(relative(dirname(link), target), link);
};

const attempt = (what: string, write: () => void, allowed = "a folder that can be written"): void => {
  try {
    write();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${what}: cannot write there (${(error as NodeJS.ErrnoException).code ?? String(error)}); allowed is ${allowed}`);
  }
};
