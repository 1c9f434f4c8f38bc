import type { ReplicaId } from "./ids.ts";

declare const ballot: unique symbol;
/**
 * A (round, proposer) pair in one number, `round × 32 + proposer`: `<` is ballot order, and no two proposers
 * share a ballot. Rounds count from 1 where a ballot must be told from `noBallot`.
 */
export type Ballot = number & { readonly [ballot]: true };

/** Below every ballot of a round ≥ 1. */
export const noBallot = 0 as Ballot;

export const ballotOf = (round: number, proposer: ReplicaId): Ballot => (round * 32 + proposer) as Ballot;
export const roundOf = (ballot: Ballot): number => Math.floor(ballot / 32);
export const proposerOf = (ballot: Ballot): ReplicaId => ballot % 32;

/** The lowest ballot of `proposer` above `ballot`'s round. */
export const nextBallot = (ballot: Ballot, proposer: ReplicaId): Ballot => ballotOf(roundOf(ballot) + 1, proposer);
