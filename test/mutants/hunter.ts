/**
 * A thread that runs one subject's seeds. One thread a mutant: modules that a thread has loaded stay with it, and a
 * mutant of the engine brings a whole tree of its own.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { CaseLimits } from "../../src/fuzz/case.ts";
import type { Finding, Subject } from "../../src/fuzz/run-case.ts";

export interface Assignment {
  /** URLs: of the src that runs the seeds, of the protocol, of the workload. */
  readonly source: string;
  readonly protocol: string;
  readonly workload: string;
  readonly limits: CaseLimits;
  /** The protocol's options, as typed after `--set`. */
  readonly set: Readonly<Record<string, string>>;
  readonly firstSeeds: readonly number[];
  /** From each of the first seeds, until somebody complains. */
  readonly seeds: number;
}

export interface Catch {
  /** Runs that it took, this one included. */
  readonly runs: number;
  readonly seed: number;
  readonly findings: readonly Finding[];
}

/** For each first seed; null: nobody complained. */
export type Report = readonly (Catch | null)[];

const { source, protocol: protocolUrl, workload: workloadUrl, limits, set, firstSeeds, seeds } = workerData as Assignment;
const { loadProtocol, loadWorkload } = (await import(`${source}runtime/modules.ts`)) as typeof import("../../src/runtime/modules.ts");
const { parseOptions } = (await import(`${source}core/option.ts`)) as typeof import("../../src/core/option.ts");
const { caseOf } = (await import(`${source}fuzz/case.ts`)) as typeof import("../../src/fuzz/case.ts");
const { runCase } = (await import(`${source}fuzz/run-case.ts`)) as typeof import("../../src/fuzz/run-case.ts");

const protocol = await loadProtocol(protocolUrl);
const workload = await loadWorkload(workloadUrl);
const subject: Subject = {
  protocol,
  options: parseOptions<object>(protocol.name, protocol.options, new Map(Object.entries(set))),
  workload,
  workloadOptions: parseOptions<object>(workload.name, workload.options, new Map()),
};

const hunt = (firstSeed: number): Catch | null => {
  for (let runs = 1; runs <= seeds; runs++) {
    const seed = firstSeed + runs - 1;
    const { findings } = runCase(subject, caseOf(seed, limits));
    if (findings.length > 0) return { runs, seed, findings };
  }
  return null;
};

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port of worker threads, not a window
parentPort!.postMessage(firstSeeds.map(hunt) satisfies Report);
