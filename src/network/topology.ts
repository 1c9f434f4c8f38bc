import { majorityOf, type Micros, type ReplicaId } from "../core/ids.ts";

/** Sites and the round trips between them. Replica r stands at site r; any further sites have clients alone. */
export interface Topology {
  readonly name: string;
  readonly sites: readonly string[];
  /** Sites with clients, by number. Absent: those with a replica. */
  readonly clients?: readonly number[];
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

/** Client c of any number stands at site c modulo the length of this. */
export const clientSites = (topology: Topology, replicas: number): readonly number[] => topology.clients ?? numbers(replicas);

/** All of 0 … replicas-1 by round trip from `site`, whose own stands first; the lower number first among equals. */
export const nearestFirst = (topology: Topology, replicas: number, site: number): ReplicaId[] =>
  numbers(replicas).sort(
    (a, b) => roundTrip(topology, site, a) - roundTrip(topology, site, b) || Number(b === site) - Number(a === site) || a - b,
  );

/** The same, but among equals the next one after `site` first, and not the same one for all sites. */
export const nearestSpread = (topology: Topology, replicas: number, site: number): ReplicaId[] => {
  const around = (replica: ReplicaId): number => (replica - site + replicas) % replicas;
  return numbers(replicas).sort((a, b) => roundTrip(topology, site, a) - roundTrip(topology, site, b) || around(a) - around(b));
};

/**
 * µs in which a client at `site` could be answered by some replica that has heard from the nearest ones that make a
 * majority with it: no protocol that decides by majority answers sooner, whichever replica the client asks.
 */
export const nearestMajority = (topology: Topology, replicas: number, site: number): Micros =>
  Math.min(
    ...numbers(replicas).map((replica) => {
      const last = nearestFirst(topology, replicas, replica)[majorityOf(replicas) - 1]!;
      return roundTrip(topology, site, replica) + roundTrip(topology, replica, last);
    }),
  );

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);
