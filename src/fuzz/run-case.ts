import { RecordedHistory } from "../check/recorded-history.ts";
import { checkLinearizability } from "../check/linearizability/check.ts";
import { kv } from "../check/linearizability/kv.ts";
import { witnessText } from "../check/linearizability/witness-text.ts";
import type { CheckName } from "../check/violation.ts";
import { millisecond, second } from "../core/ids.ts";
import type { Protocol } from "../core/protocol.ts";
import type { Workload } from "../core/workload.ts";
import type { FaultCounts } from "../faults/scenario.ts";
import { simulate } from "../sim/simulation.ts";
import type { Trace } from "../sim/trace.ts";
import type { SimulationHooks } from "../sim/world.ts";
import type { FuzzCase } from "./case.ts";

/** A judge's complaint. `liveness`: requests stayed open though everything was mended. `exception`: the run could not go on. `hang`: a step did not return. */
export interface Finding {
  readonly kind: CheckName | "liveness" | "exception" | "hang";
  readonly detail: string;
}

export interface CaseOutcome {
  readonly findings: readonly Finding[];
  readonly commands: number;
  /** By kind; `excluded`: left out because the protocol's model has no such fault. */
  readonly faults: FaultCounts;
  readonly excluded: FaultCounts;
  /** Histories that the checker gave up on: neither right nor wrong. */
  readonly undecided: number;
}

export interface Subject {
  readonly protocol: Protocol;
  readonly options: object;
  readonly workload: Workload;
  readonly workloadOptions: object;
}

/** A protocol that answers at once, as wrong ones do, must not make a million commands of a case. */
const shortestTurn = 20 * millisecond;

/** Turns of the checker before it gives up: a count, not a time, so that a seed's verdict is the same everywhere. */
const patience = 20_000;
const memory = 256 * 2 ** 20;

/** Deterministic. */
export const runCase = ({ protocol, options, workload, workloadOptions }: Subject, fuzzCase: FuzzCase, hooks: SimulationHooks = {}): CaseOutcome => {
  const { replicas, clients, commands, rttMs, jitter, sync, duration, seed, steps } = fuzzCase;
  const history = new RecordedHistory();
  const settings = {
    protocol,
    protocolOptions: options,
    workload,
    workloadOptions,
    topology: { name: "fuzz", sites: rttMs.map((_, site) => `S${site}`), rttMs },
    replicas,
    initialLeader: 0,
    clientsPerSite: clients,
    ask: "nearest" as const,
    openLoop: null,
    commands,
    seed,
    warmup: 0,
    untilSteady: false,
    duration,
    requestTimeout: 2 * second,
    shortestTurn,
    jitter,
    sync,
    batch: 16,
    scenario: { name: "fuzz", steps },
    measured: false,
    costs: null,
    machine: null,
  };
  try {
    const { violations, failed, unknown, faults, excluded } = simulate(settings, { ...hooks, history });
    const { findings, undecided } = judged(history, hooks.trace);
    const open = failed + unknown;
    const liveness: Finding[] = open === 0 ? [] : [{ kind: "liveness", detail: `${open} requests open 30 s after everything was mended` }];
    const seen = violations.map(({ check, detail }): Finding => ({ kind: check, detail }));
    return { findings: [...seen, ...findings, ...liveness], commands: history.operations.length, faults, excluded, undecided };
  } catch (error) {
    const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { findings: [{ kind: "exception", detail }], commands: history.operations.length, faults: {}, excluded: {}, undecided: 0 };
  }
};

const judged = (history: RecordedHistory, trace: Trace | undefined): { findings: Finding[]; undecided: number } => {
  let turns = 0;
  const verdict = checkLinearizability(history.operations, kv, { clock: () => turns++, deadline: patience, memory });
  if (verdict.linearizable === true) return { findings: [], undecided: 0 };
  if (verdict.linearizable === "unknown") return { findings: [], undecided: 1 };
  const detail = witnessText(verdict.witness, kv).trim();
  const { client, returnedAt } = verdict.witness.culprit;
  trace?.refuted((returnedAt ?? 0) / 1000, client, "linearizable", detail);
  return { findings: [{ kind: "linearizable", detail }], undecided: 0 };
};
