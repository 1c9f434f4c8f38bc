import { ballot, bool, command, list, nullable, replica, replicaSet, struct, uint, union, type Infer } from "paxbench";

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

/** What a replica has voted for, in `votedBallot`: by Accept, or by PreAccept as a reply to the fast `quorum`'s leader. */
const priorVote = struct({ accepted: bool, votedBallot: ballot, command, ...attributes, quorum: replicaSet });
export type PriorVote = Infer<typeof priorVote>;

/** Instances first … last of one command leader. */
const span = struct({ leader: replica, first: uint, last: uint });
export type Span = Infer<typeof span>;

export const messages = union({
  /** Phase 1: the command leader's view of the attributes. `quorum`: the fast quorum that was first asked, leader included. */
  preAccept: { ...instance, ballot, command, ...attributes, quorum: replicaSet },
  /**
   * Attributes as updated here. `covered`: replicas q of whose instances 1 … deps[q] this replica, when it updated them,
   * knew all that interfere, as committed (§4.4).
   */
  preAcceptOk: { ...instance, ballot, ...attributes, covered: replicaSet },
  /** Phase 2, the slow path: Paxos-Accept. */
  accept: { ...instance, ballot, command, ...attributes },
  acceptOk: { ...instance, ballot },
  commit: { ...instance, command, ...attributes },
  /** Recovery (Figure 3): no lower ballot for this instance from here on. */
  prepare: { ...instance, ballot },
  /** Joined `ballot`. What was voted for before; null: nothing is known of the instance. */
  prepareOk: { ...instance, ballot, vote: nullable(priorVote) },
  /** §4.4: may the command have been committed on the fast path, with these attributes? Then vote for them. */
  tryPreAccept: { ...instance, ballot, command, ...attributes, quorum: replicaSet },
  tryPreAcceptOk: { ...instance, ballot },
  /** It was not: this replica knows what cannot be if it had been. */
  refuted: { ...instance, ballot },
  /** It depends on the outcome of other instances, which are not committed. */
  undecided: { ...instance, ballot, others: list(struct(instance)) },
  /** The answer to a prepare, preAccept, accept or tryPreAccept that came too late: `ballot` is joined. */
  overtaken: { ...instance, ballot },
  /** Asks for the commits that are missing here: those in `gaps`, and those of instances q.i with i > `above[q]`. */
  learn: { gaps: list(span), above: list(uint) },
  /** The answer; `more` when it did not hold them all. */
  learned: { commits: list(committed), more: bool },
  /**
   * Instances 1 … `upTo[q]` of each replica q are executed here, and are by this journal alone after any restart: nobody
   * has to tell of them again.
   */
  executed: { upTo: list(uint) },
  /** From one that keeps much for others, who may have it by now: what was told may be lost. The answer is `executed`. */
  askExecuted: {},
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

/** An instance's new status. */
const voted = { ...instance, ballot, command, ...attributes };

export const records = union({
  preAccepted: { ...voted, quorum: replicaSet },
  accepted: voted,
  committed: voted,
  /** A ballot joined without a vote. */
  joined: { ...instance, ballot },
});
export type JournalRecord = Infer<typeof records>;
