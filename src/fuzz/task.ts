/** A few seeds as a task of the pool. Plain data in and out: it crosses threads. */
import { loadProtocol, loadWorkload } from "../runtime/modules.ts";
import { withFiles } from "../runtime/option-files.ts";
import type { FaultCounts } from "../faults/scenario.ts";
import { Trace, type TracedRun } from "../sim/trace.ts";
import { caseOf, type CaseLimits, type FuzzCase } from "./case.ts";
import { runCase, type CaseOutcome, type Finding, type Subject } from "./run-case.ts";
import { shrink } from "./shrink.ts";

/** Protocol and workload by module URL, with their options in force. */
export interface SubjectSpec {
  readonly protocol: string;
  readonly options: object;
  readonly workload: string;
  readonly workloadOptions: object;
}

export interface FuzzTask {
  readonly subject: SubjectSpec;
  readonly seeds: readonly number[];
  readonly limits: CaseLimits;
  /** Make failures smaller; else report them as they are. */
  readonly shrink: boolean;
  /** Shared memory: counts the runs that have begun, for whom watches from outside. */
  readonly begun?: Int32Array;
}

/** What the first judge to complain said of one seed, and the limits under which it does. */
export interface Failure {
  readonly seed: number;
  readonly finding: Finding;
  readonly limits: CaseLimits;
}

export interface FuzzTaskResult {
  readonly commands: number;
  readonly undecided: number;
  readonly faults: FaultCounts;
  readonly excluded: FaultCounts;
  readonly failures: readonly Failure[];
}

export interface TraceTask {
  readonly subject: SubjectSpec;
  readonly seed: number;
  readonly limits: CaseLimits;
}

/** One seed's run, with all that happened in it. */
export interface Traced {
  readonly fuzzCase: FuzzCase;
  readonly limits: CaseLimits;
  readonly findings: readonly Finding[];
  readonly run: TracedRun;
}

export const trace = async ({ subject: spec, seed, limits }: TraceTask): Promise<Traced> => {
  const subject = await subjectOf(spec);
  const fuzzCase = caseOf(seed, limits);
  const { replicas, clients } = fuzzCase;
  const taken = new Trace(subject.protocol, replicas);
  const { findings } = runCase(subject, fuzzCase, { trace: taken });
  return { fuzzCase, limits, findings, run: { replicas, clients: clients * replicas, events: taken.events } };
};

const subjectOf = async ({ protocol, options, workload: url, workloadOptions }: SubjectSpec): Promise<Subject> => {
  const workload = await loadWorkload(url);
  return { protocol: await loadProtocol(protocol), options, workload, workloadOptions: withFiles(workload, workloadOptions) };
};

export default async ({ subject: spec, seeds, limits, shrink: smaller, begun = new Int32Array(1) }: FuzzTask): Promise<FuzzTaskResult> => {
  const subject = await subjectOf(spec);
  const run = (fuzzCase: FuzzCase): CaseOutcome => {
    Atomics.add(begun, 0, 1);
    return runCase(subject, fuzzCase);
  };
  let commands = 0;
  let undecided = 0;
  const faults: FaultCounts = {};
  const excluded: FaultCounts = {};
  const failures: Failure[] = [];
  for (const seed of seeds) {
    const fuzzCase = caseOf(seed, limits);
    const outcome = run(fuzzCase);
    commands += outcome.commands;
    undecided += outcome.undecided;
    addCounts(faults, outcome.faults);
    addCounts(excluded, outcome.excluded);
    const [first] = outcome.findings;
    if (first === undefined) continue;
    if (!smaller) {
      failures.push({ seed, finding: first, limits });
      continue;
    }
    const shrunk = shrink(seed, limits, first, (candidate) =>
      run(candidate).findings.find(({ kind }) => kind === first.kind),
    );
    failures.push({ seed, finding: shrunk.finding, limits: shrunk.limits });
  }
  return { commands, undecided, faults, excluded, failures };
};

export const addCounts = (sums: FaultCounts, counts: FaultCounts): void => {
  for (const [kind, count] of Object.entries(counts) as [keyof FaultCounts, number][]) sums[kind] = (sums[kind] ?? 0) + count;
};
