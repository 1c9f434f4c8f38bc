/**
 * What a protocol's decision takes where nothing but distance does, in closed form. With R(a, b) the round trip and Rₖ(a) the
 * one from a to the k-th nearest other replica. All µs.
 */
import { majorityOf, type Micros, type ReplicaId } from "../core/ids.ts";
import { nearestFirst, roundTrip, type Topology } from "./topology.ts";

/** Where everybody stands. */
export interface Spread {
  readonly topology: Topology;
  readonly replicas: number;
  readonly leader: ReplicaId;
  /** Whom clients ask. */
  readonly ask: "nearest" | "leader";
}

/** The replica that clients at `site` ask. */
export const askedFrom = ({ topology, replicas, leader, ask }: Spread, site: number): ReplicaId =>
  ask === "leader" ? leader : nearestFirst(topology, replicas, site)[0]!;

/** R(site, the replica that its clients ask). */
export const clientTrip = (spread: Spread, site: number): Micros => roundTrip(spread.topology, site, askedFrom(spread, site));

/** Until `quorum` replicas, `from` among them, have answered `from`. */
export const quorumTrip = ({ topology, replicas }: Spread, from: ReplicaId, quorum: number): Micros =>
  roundTrip(topology, from, nearestFirst(topology, replicas, from)[quorum - 1]!);

/** A leader L decides what it gets from replica r: R(r, L) + Rₖ(L), with k one less than `quorum`; by default that is a majority. */
export const leaderDecides = (spread: Spread, asked: ReplicaId, quorum = majorityOf(spread.replicas)): Micros =>
  roundTrip(spread.topology, asked, spread.leader) + quorumTrip(spread, spread.leader, quorum);

/** A command leader decides with a fast quorum of F + ⌊(F+1)/2⌋, itself included (EPaxos, SOSP 2013, §4.4). */
export const fastPath = (spread: Spread, asked: ReplicaId): Micros => {
  const tolerated = Math.floor((spread.replicas - 1) / 2);
  return quorumTrip(spread, asked, Math.max(1, tolerated + Math.floor((tolerated + 1) / 2)));
};

/** The same where its fast quorum disagrees: then a majority accepts. Of three, one alone answers and cannot disagree. */
export const slowPath = (spread: Spread, asked: ReplicaId): Micros =>
  fastPath(spread, asked) + (spread.replicas <= 3 ? 0 : quorumTrip(spread, asked, majorityOf(spread.replicas)));
