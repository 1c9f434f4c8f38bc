import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { Assignment, Catch, Report } from "./hunter.ts";
import { withCopy, withProject, type Judge, type Mutant } from "./mutant.ts";

const workload = new URL("../../workloads/mixed/index.ts", import.meta.url).href;
const source = new URL("../../src/", import.meta.url).href;

/** From each of the first seeds up to `seeds` runs, until a judge complains. */
export const hunt = (mutant: Mutant, firstSeeds: readonly number[], seeds: number): Promise<Report> =>
  withCopy(mutant, (copy) => assign({ ...copy, workload, limits: mutant.limits ?? {}, set: {}, firstSeeds, seeds }));

/** The same of a protocol as it is, but for what it forgets whenever it can, so that it does so in every run. */
export const huntUnchanged = (protocol: string, firstSeed: number, seeds: number): Promise<Report> => {
  const url = new URL(`../../protocols/${protocol}/index.ts`, import.meta.url).href;
  return assign({ source, protocol: url, workload, limits: {}, set: { trim: "1" }, firstSeeds: [firstSeed], seeds });
};

const assign = async (assignment: Assignment): Promise<Report> => {
  const worker = new Worker(new URL("./hunter.ts", import.meta.url), { workerData: assignment });
  const [report] = (await once(worker, "message")) as [Report];
  await worker.terminate();
  return report;
};

/** Who complained, each once. */
export const judgesOf = ({ findings }: Catch): Judge[] => [...new Set(findings.map(({ kind }) => kind))];

/** Whether the mutant's schedule, a test of this project, fails in a copy with the mistake. */
export const scheduleFails = (mutant: Mutant): boolean => {
  const { file, test } = mutant.schedule!;
  const vitest = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
  return withProject(mutant, (folder) => {
    const report = join(folder, "report.json");
    const command = [vitest, "run", "--config", "test/vitest.config.ts", "--reporter", "json", "--outputFile", report, file];
    // Without what a test runner around this one puts there.
    const { stderr } = spawnSync(process.execPath, command, { cwd: folder, encoding: "utf8", env: {} });
    if (!existsSync(report)) throw new Error(`${mutant.id}: ${file} did not run: ${stderr}`);
    const { testResults } = JSON.parse(readFileSync(report, "utf8")) as { testResults: { assertionResults: { fullName: string; status: string }[] }[] };
    const named = testResults.flatMap(({ assertionResults }) => assertionResults).filter(({ fullName }) => fullName.endsWith(test));
    if (named.length !== 1) throw new Error(`${mutant.id}: ${file} has ${named.length} tests whose name ends in "${test}"`);
    return named[0]!.status === "failed";
  });
};
