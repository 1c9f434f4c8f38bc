import { ballot, bool, command, list, replica, replicaSet, struct, uint, union, type Infer } from "paxbench";

/** An instance L.i: `leader` is L, its command leader, `number` is i, from 1. */
const instance = { leader: replica, number: uint };

/**
 * The ordering attributes (§4.3.1). `deps[q]` = i: the command depends on every interfering command in instances
 * q.1 … q.i (§4.5 keeps only the latest of each replica); 0: on none.
 */
const attributes = { seq: uint, deps: list(uint) };

/** Command and attributes, with the ballot in which a replica voted for them. */
const vote = struct({ ...instance, ballot, command, ...attributes });
export type Vote = Infer<typeof vote>;

const committed = struct({ ...instance, command, ...attributes });
export type Committed = Infer<typeof committed>;

/** Instances first … last of one command leader. */
const span = struct({ leader: replica, first: uint, last: uint });
export type Span = Infer<typeof span>;

export const messages = union({
  /** Phase 1: the command leader's view of the attributes. */
  preAccept: { ...instance, ballot, command, ...attributes },
  /**
   * Attributes as updated here. `covered`: replicas q of whose instances 1 … deps[q] this replica, when it updated them,
   * knew all that interfere, as committed (§4.4).
   */
  preAcceptOk: { ...instance, ballot, ...attributes, covered: replicaSet },
  /** Phase 2, the slow path: Paxos-Accept. */
  accept: { ...instance, ballot, command, ...attributes },
  acceptOk: { ...instance, ballot },
  commit: { ...instance, command, ...attributes },
  /** Asks for the commits that are missing here: those in `gaps`, and those of instances q.i with i > `above[q]`. */
  learn: { gaps: list(span), above: list(uint) },
  /** The answer; `more` when it did not hold them all. */
  learned: { commits: list(committed), more: bool },
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

/** A record is an instance's new status. */
const voted = { ...instance, ballot, command, ...attributes };

export const records = union({ preAccepted: voted, accepted: voted, committed: voted });
export type JournalRecord = Infer<typeof records>;
