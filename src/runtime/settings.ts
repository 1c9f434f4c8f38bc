import type { Ask } from "../client/client.ts";
import type { OpenLoopSettings } from "../client/open-loop.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import { nearestSpread, type Topology } from "../network/topology.ts";
import type { FaultPlan } from "./live-faults.ts";

/**
 * What an answer waits for. `none`: nothing. `wal`: records are written, and survive the end of the process. `fsync`: they
 * are on disk, and survive that of the machine.
 */
export const durabilities = ["none", "wal", "fsync"] as const;
export type Durability = (typeof durabilities)[number];

/** What a replica must know. */
export interface ReplicaSettings {
  readonly protocolOptions: object;
  readonly replicas: number;
  /** Nodes that hold clients: client c lives at the one numbered c modulo this, after the replicas. */
  readonly loads: number;
  readonly initialLeader: ReplicaId;
  readonly seed: number;
  /** Most requests in a command. */
  readonly batch: number;
  /** A site for each replica and its clients. Null: links are as fast as the machine makes them. */
  readonly topology: Topology | null;
}

/** One run in real time. Plain data, for it crosses threads: the protocol is named by module URL. */
export interface RunSettings extends ReplicaSettings {
  readonly protocol: string;
  /** False: it does not order commands, and its replicas need not come to the same state. */
  readonly orders: boolean;
  /** A module's URL; on a cluster of several machines a name, path or package, as each of them has it. */
  readonly workload: string;
  readonly workloadOptions: object;
  readonly clientsPerSite: number;
  /** Whom clients ask first. */
  readonly ask: Ask;
  /** Null: a closed loop. */
  readonly openLoop: OpenLoopSettings | null;
  /** Of one that ends when throughput is steady, the longest. */
  readonly warmup: Micros;
  readonly untilSteady: boolean;
  readonly duration: Micros;
  /** A client without a reply turns to the next replica after this time. */
  readonly requestTimeout: Micros;
  /** Null: the cluster is this run's alone. */
  readonly shared: Shared | null;
  /** Take down what clients see. It has an order where one node holds them all. */
  readonly history: boolean;
  /** Path, and the beginning of the name, of CPU profiles; null: none. */
  readonly profile: string | null;
  /** Null: nothing befalls it. */
  readonly faults: FaultPlan | null;
}

/** A run on a cluster that served others before: nothing of theirs is its own. */
export interface Shared {
  /** Its clients are numbered from here on: a multiple of the number of loads. */
  readonly firstClient: number;
  /** Before each key. Later runs have greater ones, so a scan does not come to another run's keys. */
  readonly keyPrefix: string;
}

/**
 * 0 … replicas-1 by distance from `self`. Without a topology all are equally near, and each begins with the next one
 * after it: that spreads the work of those who choose the nearest.
 */
export const nearestTo = (self: ReplicaId, { replicas, topology }: Pick<ReplicaSettings, "replicas" | "topology">): ReplicaId[] =>
  topology === null
    ? Array.from({ length: replicas }, (_, distance) => (self + distance) % replicas)
    : nearestSpread(topology, replicas, self);
