/**
 * Simulated runs of the built-in scenarios, measured as the Omni-Paxos artifact measures its own: from the first cut to
 * the first reply to a request that was issued after the last one. Times in election timeouts, T.
 */
import { createRandom, millisecond, second, type Micros } from "paxbench";
import epaxos from "../../protocols/epaxos/index.ts";
import multipaxos from "../../protocols/multipaxos/index.ts";
import omnipaxos from "../../protocols/omnipaxos/index.ts";
import raft from "../../protocols/raft/index.ts";
import type { HistoryOperation } from "../../src/check/history.ts";
import { checkLinearizability } from "../../src/check/linearizability/check.ts";
import { kv } from "../../src/check/linearizability/kv.ts";
import { RecordedHistory } from "../../src/check/recorded-history.ts";
import { firstReply } from "../../src/experiment/reproduce/service.ts";
import { loadScenario } from "../../src/experiment/scenario.ts";
import { evenTopology } from "../../src/network/topology.ts";
import { simulateProtocol, type AnyProtocol } from "../../src/testing/simulation.ts";

/** Of all four protocols (EPaxos: `retry`), unless told otherwise; the built-in scenarios' times are made for it. */
export const T: Micros = second;

export interface Subject {
  readonly title: string;
  readonly protocol: AnyProtocol;
  readonly options: Readonly<Record<string, string>>;
}

export const subjects = {
  omnipaxos: { title: "Omni-Paxos", protocol: omnipaxos, options: {} },
  raft: { title: "Raft", protocol: raft, options: {} },
  raftBoth: { title: "Raft, PreVote and CheckQuorum", protocol: raft, options: { preVote: "true", checkQuorum: "true" } },
  multipaxos: { title: "MultiPaxos", protocol: multipaxos, options: {} },
  epaxos: { title: "EPaxos", protocol: epaxos, options: {} },
} as const satisfies Readonly<Record<string, Subject>>;

export type SubjectName = keyof typeof subjects;

export const seeds = Array.from({ length: 20 }, (_, seed) => seed + 1);

/** Infinity: not while the fault lasted. */
export interface Measured {
  /** T from the first cut until some client, and until every client, had a reply to a request issued after the last cut. */
  readonly anyClient: number;
  readonly everyClient: number;
  /** Longest time, T, without a reply to anybody. */
  readonly stall: number;
  readonly leaderChanges: number;
  /** Replies a second from the last cut to the end of the fault, as a share of those before the first. */
  readonly rate: number;
  /** T from the end of the fault, and of the load, until no request was open and all replicas had the same state. */
  readonly settled: number;
  /** Of all judges. */
  readonly complaints: readonly string[];
}

export interface Frame {
  /** µs after the first cut. */
  readonly at: Micros;
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** `observe` gets what replicas send each other, for what a scenario presupposes. */
export const measure = ({ protocol, options }: Subject, name: string, replicas: number, seed: number, observe?: (frame: Frame) => void): Measured => {
  const topology = evenTopology(replicas, 20);
  const scenario = loadScenario(name, topology.sites);
  const [firstStep, endStep] = [scenario.steps[0]!, scenario.steps.at(-1)!];
  const lastStep = scenario.steps.at(-2)!;
  // Cuts meet heartbeats in any phase.
  const warmup = 2 * T + createRandom(seed, "phase").below(T);
  const [first, last, end] = [firstStep, lastStep, endStep].map(({ at }) => warmup + at) as [Micros, Micros, Micros];
  const history = new RecordedHistory();
  const outcome = simulateProtocol(
    protocol,
    {
      options, replicas, topology, seed, warmup, duration: end - warmup, scenario,
      clientsPerSite: 1, conflict: 0.3, jitter: 3 * millisecond, requestTimeout: T / 10,
    },
    {
      history,
      ...(observe === undefined ? {} : { sent: (now, from, _to, bytes) => observe({ at: now - first, from, bytes }) }),
    },
  );
  const { operations } = history;
  const answered = operations.filter(({ returnedAt }) => returnedAt !== null && returnedAt < end * 1000);
  const firstReplies = Array.from({ length: replicas }, (_, client) => firstReply(operations, last * 1000, end * 1000, client));
  const turns = (nanos: number): number => (nanos / 1000 - first) / T;
  const count = (from: Micros, to: Micros): number =>
    answered.filter(({ returnedAt }) => returnedAt! >= from * 1000 && returnedAt! < to * 1000).length / (to - from);
  return {
    anyClient: turns(Math.min(...firstReplies)),
    everyClient: turns(Math.max(...firstReplies)),
    stall: outcome.recorder.counts.longestStall / T,
    leaderChanges: outcome.recorder.counts.leaderChanges,
    rate: count(last, end) / count(warmup - T, first),
    settled: outcome.settledAfter === null ? Infinity : outcome.settledAfter / T,
    complaints: [
      ...outcome.violations.map(({ check, detail }) => `${check}: ${detail}`),
      ...(outcome.unknown === 0 ? [] : [`${outcome.unknown} requests open`]),
      ...linearizable(operations),
    ],
  };
};

const linearizable = (operations: readonly HistoryOperation[]): string[] => {
  let turns = 0;
  const { linearizable: verdict } = checkLinearizability(operations, kv, { clock: () => turns++, deadline: 1_000_000, memory: 2 ** 28 });
  return verdict === true ? [] : [`linearizable: ${verdict}`];
};

export const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!;
