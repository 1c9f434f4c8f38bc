/** `results/<name>/<UTC time>/`: what a run leaves behind. Valid at every moment; marked incomplete until it is not. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { stringify } from "csv-stringify/sync";
import { UsageError } from "../core/errors.ts";
import { curveOf, latencyKinds } from "../measure/latency.ts";
import type { Outcome } from "./outcome.ts";
import { runsOf, type Plan } from "./plan.ts";
import type { Environment, LatencyCurve, Refutation, ResultFile, RunResult } from "./result.ts";
import { csvColumns, csvRows } from "./result-csv.ts";

export interface Manifest {
  readonly schema: "paxbench.manifest/1";
  /** UTC, ISO 8601. */
  readonly startedAt: string;
  /** The words after `paxbench`. */
  readonly command: readonly string[];
  readonly plan: Plan;
  readonly environment: Environment;
}

export class ResultFolder {
  readonly path: string;
  /** The link to it. */
  readonly #latest: string | null;
  readonly #runs: RunResult[] = [];
  #incomplete = true;
  #severalRuns = false;
  readonly #curves: LatencyCurve[] = [];
  readonly #refutations: Refutation[] = [];

  private constructor(path: string, latest: string | null) {
    this.path = path;
    this.#latest = latest;
  }

  /**
   * `out`: a folder that is absent or empty. Without it, a new one under `results/` in `cwd`, to which `results/latest`
   * then links. Throws a `UsageError`.
   */
  static create(out: string | undefined, name: string, startedAt: Date, cwd: string): ResultFolder {
    const results = join(cwd, "results");
    const time = startedAt.toISOString().replace(/\.\d+Z$/, "Z").replaceAll(":", "-");
    const latest = out === undefined ? join(results, "latest") : null;
    const path = out === undefined ? unused(join(results, name, time)) : resolve(cwd, out);
    attempt(`--out ${out ?? path}`, () => {
      makeFolder(path);
      if (readdirSync(path).length > 0) throw new UsageError(`--out ${out}: the folder is not empty; allowed is an absent or empty one`);
      mkdirSync(join(path, "histograms"));
      if (latest !== null) pointLatest(latest, path);
    });
    return new ResultFolder(path, latest);
  }

  writeManifest(manifest: Manifest): void {
    this.#severalRuns = runsOf(manifest.plan).length > 1;
    this.#write("manifest.json", json(manifest));
    this.#writeResults();
  }

  add(result: RunResult, { recorder, history }: Outcome): void {
    const run = this.#runs.push(result) - 1;
    for (const kind of latencyKinds) {
      const histogram = recorder.total(kind);
      this.#curves.push({ run, kind, count: histogram.totalCount, points: curveOf(histogram) });
      this.#write(join("histograms", nameOf(run, result, `${kind}.hgrm`)), histogram.outputPercentileDistribution(5, 1000));
    }
    if (history !== null) {
      const { jsonLines, operations, keys, witness } = history;
      const file = this.#severalRuns ? nameOf(run, result, "history.jsonl") : "history.jsonl";
      this.#write(file, jsonLines);
      if (witness !== null) this.#refutations.push({ run, file, operations, keys, witness });
    }
    this.#writeResults();
  }

  /** Every run of the plan is there. */
  complete(): void {
    this.#incomplete = false;
    this.#writeResults();
  }

  /** Nothing came of it. */
  discard(): void {
    rmSync(this.path, { recursive: true });
    if (this.#latest !== null) rmSync(this.#latest, { force: true });
  }

  get result(): ResultFile {
    return { schema: "paxbench.result/1", incomplete: this.#incomplete, runs: this.#runs };
  }

  get curves(): readonly LatencyCurve[] {
    return this.#curves;
  }

  get refutations(): readonly Refutation[] {
    return this.#refutations;
  }

  #writeResults(): void {
    this.#write("result.json", json(this.result));
    this.#write("runs.csv", stringify(this.#runs.flatMap(csvRows), { header: true, columns: csvColumns }));
  }

  #write(name: string, text: string): void {
    replaceFile(join(this.path, name), text);
  }
}

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

const attempt = (what: string, write: () => void): void => {
  try {
    write();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${what}: cannot write there (${(error as NodeJS.ErrnoException).code ?? String(error)}); allowed is a folder that can be written`);
  }
};
