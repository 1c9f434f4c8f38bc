import { majorityOf, type Micros, type ReplicaId } from "../core/ids.ts";

/** Sites and the round trips between them. */
export interface Topology {
  readonly name: string;
  readonly sites: readonly string[];
  /**
   * ms; may be asymmetric. One-way delay of A→B: half of row A, column B. The diagonal is not used: clients stand beside
   * their site's replica, without delay.
   */
  readonly rttMs: readonly (readonly number[])[];
}

/** Every pair of sites `rttMs` apart. */
export const evenTopology = (sites: number, rttMs: number): Topology => ({
  name: `even-${rttMs}ms`,
  sites: Array.from({ length: sites }, (_, site) => `S${site}`),
  rttMs: Array.from({ length: sites }, (_, a) => Array.from({ length: sites }, (_, b) => (a === b ? 0 : rttMs))),
});

/** One-way delay in whole µs. */
export const oneWay = (topology: Topology, from: number, to: number): Micros =>
  from === to ? 0 : Math.round((topology.rttMs[from]![to]! * 1000) / 2);

export const roundTrip = (topology: Topology, a: number, b: number): Micros =>
  oneWay(topology, a, b) + oneWay(topology, b, a);

/** All of 0 … replicas-1 by round trip from `self`, which stands first; the lower number first among equals. */
export const nearestFirst = (topology: Topology, replicas: number, self: ReplicaId): ReplicaId[] =>
  Array.from({ length: replicas }, (_, replica) => replica).sort(
    (a, b) => roundTrip(topology, self, a) - roundTrip(topology, self, b) || Number(b === self) - Number(a === self) || a - b,
  );

/** µs until the nearest replicas that make a majority with `replica` have answered it: no majority decides sooner. */
export const nearestMajority = (topology: Topology, replicas: number, replica: ReplicaId): Micros =>
  roundTrip(topology, replica, nearestFirst(topology, replicas, replica)[majorityOf(replicas) - 1]!);
