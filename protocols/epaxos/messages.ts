import { ballot, command, list, replica, replicaSet, struct, uint, union, type Infer } from "paxbench";

/** An instance L.i: `leader` is L, its command leader, `number` is i, from 1. */
const instance = { leader: replica, number: uint };

/**
 * The ordering attributes (§4.3). `deps[q]` = i: the command depends on every interfering command in instances q.1 … q.i
 * (§4.5 keeps only the latest of each replica); 0: on none.
 */
const attributes = { seq: uint, deps: list(uint) };

const committed = struct({ ...instance, command, ...attributes });
export type Committed = Infer<typeof committed>;

export const messages = union({
  /** Phase 1: the command leader's view of the attributes. */
  preAccept: { ...instance, ballot, command, ...attributes },
  /** Attributes as updated here. `covered`: replicas q of whose instances 1 … deps[q] all that interfere are known committed here (§4.4). */
  preAcceptOk: { ...instance, ballot, ...attributes, covered: replicaSet },
  /** Phase 2, the slow path: Paxos-Accept. */
  accept: { ...instance, ballot, command, ...attributes },
  acceptOk: { ...instance, ballot },
  commit: { ...instance, command, ...attributes },
  /** Asks a peer for what it knows committed: in instances q.i with i > `above[q]`. After a restart or a broken link. */
  learn: { above: list(uint) },
  /** The answer; `more` when there is more to ask for. */
  learned: { commits: list(committed), more: replicaSet },
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

const vote = { ...instance, ballot, command, ...attributes };

export const records = union({ preAccepted: vote, accepted: vote, committed: vote });
export type JournalRecord = Infer<typeof records>;
