import type { Micros, ReplicaId } from "../core/ids.ts";

/** One run in real time. Plain data, for it crosses threads: protocol and workload are named by module URL. */
export interface RunSettings {
  readonly protocol: string;
  readonly protocolOptions: object;
  readonly workload: string;
  readonly workloadOptions: object;
  readonly replicas: number;
  readonly initialLeader: ReplicaId;
  readonly clientsPerSite: number;
  readonly seed: number;
  readonly warmup: Micros;
  readonly duration: Micros;
  /** A client without a reply turns to the next replica after this time. */
  readonly requestTimeout: Micros;
  /** Most requests in a command. */
  readonly batch: number;
}

/**
 * 0 … replicas-1 from `self` on, round and round. All are equally near here; each beginning with the next one after it
 * spreads the work of those who choose the nearest.
 */
export const nearestFirst = (replicas: number, self: ReplicaId): ReplicaId[] =>
  Array.from({ length: replicas }, (_, distance) => (self + distance) % replicas);
