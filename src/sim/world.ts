import type { Agreement } from "../check/agreement.ts";
import type { Leaders } from "../check/leaders.ts";
import type { Ledger } from "../check/ledger.ts";
import type { RecordedHistory } from "../check/recorded-history.ts";
import type { Violation } from "../check/violation.ts";
import type { Ask } from "../client/client.ts";
import type { OpenLoopSettings } from "../client/open-loop.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Protocol } from "../core/protocol.ts";
import type { Workload } from "../core/workload.ts";
import type { Recovery } from "../faults/recovery.ts";
import type { Scenario } from "../faults/scenario.ts";
import type { Recorder } from "../measure/recorder.ts";
import type { Topology } from "../network/topology.ts";
import type { Arena } from "./arena.ts";
import type { Costs } from "./costs.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Machine, MachineSettings } from "./machine.ts";
import type { Network } from "./network.ts";
import type { SimulatedLoad } from "./simulated-load.ts";
import type { SimulatedReplica } from "./simulated-replica.ts";
import type { Trace } from "./trace.ts";

export interface SimulationSettings {
  readonly protocol: Protocol;
  readonly protocolOptions: object;
  readonly workload: Workload;
  readonly workloadOptions: object;
  readonly topology: Topology;
  readonly replicas: number;
  readonly initialLeader: ReplicaId;
  /** At each site that has clients. */
  readonly clientsPerSite: number;
  /** Whom clients ask first. */
  readonly ask: Ask;
  /** Null: a closed loop. */
  readonly openLoop: OpenLoopSettings | null;
  /** Operations after which a client stops; without it the load goes on to its end. */
  readonly commands?: number | undefined;
  readonly seed: number;
  /** Of one that ends when throughput is steady, the longest. */
  readonly warmup: Micros;
  readonly untilSteady: boolean;
  readonly duration: Micros;
  /** A client without a reply turns to the next replica after this time. */
  readonly requestTimeout: Micros;
  /**
   * Least time from a request to its reply, above 0. Without it time would stand still where nothing else takes any: a
   * replica alone with an instant disk would answer, and be asked again, for ever in one instant.
   */
  readonly shortestTurn: Micros;
  /** Each message is late by up to this much, uniformly. */
  readonly jitter: Micros;
  /** How long a disk takes to make records durable; 0: they are at once. */
  readonly sync: Micros;
  /** Most requests in a command. */
  readonly batch: number;
  readonly scenario: Scenario | null;
  /** What a replica's work takes; null: no time. */
  readonly costs: Costs | null;
  /** False: only judges are asked, nothing is recorded: a histogram is more than a short run's work. */
  readonly measured?: boolean;
  /** All nodes on one machine; null: each replica has one of its own, and clients take no time. */
  readonly machine: MachineSettings | null;
}

/** Windows into a running simulation, for progress lines, traces and tests. */
export interface SimulationHooks {
  /** Takes down what clients see. */
  readonly history?: RecordedHistory;
  /** Takes down all that happens. */
  readonly trace?: Trace;
  /** A replica says that it leads. */
  led?(now: Micros, replica: ReplicaId): void;
  /** While the store is prepared: the share that is there, 0 … 1. */
  prepared?(share: number): void;
  /** Every virtual second: since the load began. */
  progress?(elapsed: Micros): void;
  /** A frame leaves for another replica. */
  sent?(now: Micros, from: ReplicaId, to: ReplicaId, frame: Uint8Array): void;
}

/** What actors share. `queue.now` is the time. */
export interface World {
  readonly settings: SimulationSettings;
  readonly hooks: SimulationHooks;
  readonly queue: EventQueue;
  readonly network: Network;
  /** Holds what is under way between replicas. */
  readonly frames: Arena;
  readonly recorder: Recorder;
  readonly ledger: Ledger;
  readonly agreement: Agreement;
  readonly leaders: Leaders;
  readonly recovery: Recovery;
  readonly violations: Violation[];
  readonly replicas: readonly SimulatedReplica[];
  readonly load: SimulatedLoad;
  readonly machine: Machine | null;
  /** The replica that last said it leads; null before the first. */
  leader: ReplicaId | null;
  /** The replica that last took a client's request; null before the first. */
  asked: ReplicaId | null;
}
