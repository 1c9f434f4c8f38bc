/** The shapes of `result.json` (schema `paxbench.result/1`): what an experiment measured, and nothing else. */
import type { WitnessView } from "../check/linearizability/witness-view.ts";
import type { ThresholdVerdict } from "./threshold.ts";
import type { Warning } from "./warnings.ts";
import type { CheckName, Violation } from "../check/violation.ts";
import type { Curve } from "../measure/distribution.ts";
import type { ArrivalKind } from "../client/arrivals.ts";
import type { LatencyKind, LatencySummary } from "../measure/latency.ts";
import type { Fault, FaultCounts } from "../faults/scenario.ts";
import type { Work } from "../measure/work.ts";
import type { Costs } from "../sim/costs.ts";

export type Latencies = Readonly<Record<LatencyKind, LatencySummary>>;

export interface SiteResult {
  readonly site: string;
  /** Null: none stands there, only clients. */
  readonly replica: number | null;
  /** What its clients were answered. */
  readonly throughputOpsPerSec: number;
  /** Commit and execute: of its replica. Response: of its clients. */
  readonly latencyMs: Latencies;
  /**
   * Round trip to the nearest majority, where no replica stands by way of the one that is best for it, ms: no protocol that
   * decides by majority answers sooner. Null without a topology.
   */
  readonly floorMs: number | null;
}

/** A judge's verdict. "unknown" means that it was not, or could not be, decided; never that it held. */
export type Verdict = boolean | "unknown";

export interface Checks extends Readonly<Record<CheckName, Verdict>> {
  readonly linearizable: Verdict;
  /** Every replica executed conflicting commands in the same order. */
  readonly ledger: Verdict;
  /** All live replicas ended with the same state. */
  readonly converged: Verdict;
  /** No request took effect twice at any replica. */
  readonly exactlyOnce: Verdict;
  /**
   * Every write that took effect anywhere, so every one acknowledged to a client, is in the end in every live replica's
   * history. "unknown" while replicas differ or requests are open: what is late is not lost.
   */
  readonly durable: Verdict;
  /**
   * A position of the log, or an instance, was decided as one command with one set of attributes, on all replicas and
   * over restarts. Simulator only; "unknown" too of a protocol that does not tell its decisions.
   */
  readonly agreement: Verdict;
  /** A ballot or term was led by one replica at most. "unknown" of a protocol that names no leaders. */
  readonly leaders: Verdict;
  /** The protocol's own assertions held after every step. Simulator only. */
  readonly invariants: Verdict;
}

export interface Environment {
  readonly paxbench: string;
  readonly git: string;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** One-minute load average when the run began. */
  readonly load: number;
  readonly durability: string;
}

/** What came of a scenario. */
export interface Faults {
  /** Steps carried out, by the type of their fault; those of types that are absent: 0. */
  readonly injected: FaultCounts;
  /** Steps left out, since the protocol's model excludes their fault. */
  readonly excluded: FaultCounts;
  /** As they came, replicas by number; the heal that ends what is still broken when the load ends is one of them. */
  readonly events: readonly {
    /** From the start of the measured window, ms. A restart: when the replica was up again. */
    readonly atMs: number;
    readonly fault: Fault;
  }[];
  /** From the moment after which nothing was broken to the next reply to a client, ms. Null: there was none. */
  readonly recoveredAfterMs: number | null;
}

export interface RunFiles {
  /** `.hgrm`, values in ms. */
  readonly histograms: Readonly<Record<LatencyKind, string>>;
  /** Null where none was recorded. */
  readonly history: string | null;
  /** A page that shows why its history has no order; null unless it has none. */
  readonly timeline: string | null;
}

/** Of a run with `--rate`: how requests arrived, over the measured window, and what measuring as a closed loop does would have hidden. */
export interface OpenLoopResult {
  /** As asked for. */
  readonly rateOpsPerSec: number;
  readonly arrivals: ArrivalKind;
  /** Most open requests of a client. */
  readonly outstanding: number;
  /** Requests that were due, dropped ones included; and how many that is a second. */
  readonly arrived: number;
  readonly offeredOpsPerSec: number;
  /** Not sent, since their client had as many requests open as it may: no latency knows of them. */
  readonly dropped: number;
  /** From the intended to the actual send: a load generator that is busy sends late. `latencyMs.response` includes it. */
  readonly lateMs: LatencySummary;
  /**
   * What a closed-loop client in place of each client would have shown: it starts its clock when it really sends, and what
   * arrives while it waits for a reply it does not send at all. `latencyMs.response` has what this hides.
   */
  readonly coordinatedMs: LatencySummary;
}

/** `cpu`: as a share of one core. */
export interface CpuTime {
  readonly cpuMs: number;
  readonly cpu: number;
}

/** What a node of a live run used of its machine in the measured window. */
export interface NodeResult {
  /** "replica 0", "load 0": a thread, or of a process the one that takes turns. */
  readonly node: string;
  /** Time that it ran on a core, as a share of the window. */
  readonly cpu: number;
  /** Time that it had something to do, running or waiting for a core, as a share of the window. */
  readonly busy: number;
  /** Garbage collection. */
  readonly pauses: { readonly count: number; readonly totalMs: number; readonly longestMs: number };
}

/** The machine that a live run's replicas and load shared, in the measured window. */
export interface MachineResult {
  readonly cores: number;
  /** In use, on average, by all programs; and by this run. */
  readonly usedCores: number;
  readonly ownCores: number;
}

/** What is a number is one. */
export type Varied = Readonly<Record<string, string | number>>;

/** One protocol, one load, one seed, one repeat. */
export interface RunResult {
  readonly protocol: string;
  /** The protocol's display name. */
  readonly title: string;
  /** Not a protocol of paxbench's but a system of its own, seen from outside: latency is that of responses alone. */
  readonly external: boolean;
  readonly transport: string;
  /** True when every time in here is virtual. */
  readonly simulated: boolean;
  /** What a replica's work took in virtual time, µs, and what that rests on. Null: nothing, or in real time. */
  readonly costs: { readonly name: string; readonly source: string; readonly micros: Costs } | null;
  readonly topology: string | null;
  readonly replicas: number;
  /** Site of the replica asked to lead first; protocols without a leader ignore it. */
  readonly leader: string;
  readonly workload: Readonly<Record<string, string | number | boolean>> & { readonly name: string };
  /** Protocol options as they were in force. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** At each site that has clients. */
  readonly clientsPerSite: number;
  /** Null: a closed loop. */
  readonly openLoop: OpenLoopResult | null;
  readonly seed: number;
  readonly repeat: number;
  /** Of a sweep's run: the values it has of what the sweep varies, by key. */
  readonly varied?: Varied;
  readonly durationMs: number;
  /** As long as it took. */
  readonly warmupMs: number;
  /** Of a warm-up that ends when throughput is steady, by the rule. `transientMs`: how long it was not; null: it never was within the limit. */
  readonly steady: { readonly found: boolean; readonly transientMs: number | null; readonly limitMs: number; readonly rule: string } | null;
  readonly completed: number;
  /** Requests given up after the load: each attempt at them was rejected, a definite no. */
  readonly failed: number;
  /** Requests still open at the end: they may take effect or not. */
  readonly unknown: number;
  readonly throughputOpsPerSec: number;
  /** Requests answered in each window of this length, from the start of the measured time to its end. */
  readonly timeline: { readonly windowMs: number; readonly completed: readonly number[] };
  readonly latencyMs: Latencies;
  readonly sites: readonly SiteResult[];
  /** Null for protocols without a fast path. */
  readonly paths: { readonly fast: number; readonly slow: number; readonly fastRate: number } | null;
  /** Share of commands on the shared hot key. */
  readonly conflictRate: { readonly nominal: number; readonly measured: number } | null;
  /** Between replicas, in the measured window. Null for external systems. */
  readonly messages: { readonly count: number; readonly bytes: number; readonly perCommand: number } | null;
  /** Null for external systems. */
  readonly leaderChanges: number | null;
  /** Longest time without a reply to any client in the measured window, ms. */
  readonly longestStallMs: number;
  /**
   * Of live links with delays: from the moment when a frame was due at the far end of its link to the moment when it was
   * handed to connection or ring. Null where nothing was held back, and in virtual time.
   */
  readonly linkLatenessMs: LatencySummary | null;
  /** Null without a scenario. */
  readonly faults: Faults | null;
  /**
   * In the measured window: CPU time of a node's thread, and how often it did what (docs/costs.md). Replicas that lived to its
   * end; nodes of clients; who leads the run and judges it meanwhile, null in virtual time. Null for external systems, and in
   * virtual time where work takes none.
   */
  readonly work: {
    readonly replicas: readonly (CpuTime & { readonly replica: number; readonly done: Work })[];
    readonly loads: readonly (CpuTime & { readonly done: Work })[];
    readonly judge: CpuTime | null;
  } | null;
  /** Nodes that lived to the end. Null in virtual time. */
  readonly nodes: readonly NodeResult[] | null;
  /** Null in virtual time, and where other programs or machines hold the replicas. */
  readonly machine: MachineResult | null;
  /** What makes these numbers less than they seem: generator, behind, dropped, late, dispersion, machine; docs/load.md. */
  readonly warnings: readonly Warning[];
  /** Replicas that were down, or had been lost, when the run ended: what they lack by then is not judged. */
  readonly gone: readonly number[];
  /** Replicas that stopped by themselves, since their disk was full or failed, while the others went on; and what they said. */
  readonly lost: readonly { readonly replica: number; readonly reason: string }[];
  readonly checks: Checks;
  readonly violations: readonly Violation[];
  /** What `--threshold` asked for. */
  readonly thresholds: readonly ThresholdVerdict[];
  /** What its folder has of it beside, relative to the folder; absent where there is none. */
  readonly files?: RunFiles;
  /** A command line that runs this run again. */
  readonly replay: string;
  readonly environment: Environment;
}

/** Of a ramp: the highest rate that a protocol could follow, and by which rule. */
export interface Knee {
  readonly protocol: string;
  /** Null: not even the lowest rate tried held. */
  readonly rateOpsPerSec: number | null;
  /** What was answered at that rate, and how fast. */
  readonly answeredOpsPerSec: number | null;
  readonly responseP99Ms: number | null;
  /** The lowest rate that broke the rule, and how. Null: none did, up to the highest rate tried. */
  readonly brokeAtOpsPerSec: number | null;
  readonly broke: string | null;
  /** In words. */
  readonly rule: string;
  /** In the order they were tried. `broke`: null where the rule held. */
  readonly steps: readonly { readonly rateOpsPerSec: number; readonly broke: string | null }[];
}

export interface ResultFile {
  readonly schema: "paxbench.result/1";
  /** True while runs are missing: the experiment was cut short. */
  readonly incomplete: boolean;
  /** Of a sweep: what it varies, in the order it was given. */
  readonly sweep?: { readonly vary: readonly { readonly key: string; readonly values: readonly (string | number)[] }[] };
  /** Of a ramp: by protocol. */
  readonly knees?: readonly Knee[];
  readonly runs: readonly RunResult[];
}

/** A recorded history that has no order. */
export interface Refutation {
  /** Index into `ResultFile.runs`. */
  readonly run: number;
  /** The history's, in the result folder. */
  readonly file: string;
  readonly operations: number;
  readonly keys: number;
  readonly witness: WitnessView;
}

/** One latency distribution as a curve, for plots. */
export interface LatencyCurve extends Curve {
  /** Index into `ResultFile.runs`. */
  readonly run: number;
  readonly kind: LatencyKind;
}
