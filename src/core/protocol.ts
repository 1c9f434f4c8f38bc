/**
 * The contract between a protocol and whatever hosts it. A replica is a pure state machine: inputs arrive as method
 * calls, one step each; what a step causes goes into `Effects`, in order; time and chance come from `Env`. The same
 * module runs under the simulator, in worker threads and in processes of their own.
 */
import type { Codec } from "./codec.ts";
import type { Command } from "./command.ts";
import type { Micros, ReplicaId, ReplicaSet } from "./ids.ts";
import type { Options, OptionValue } from "./option.ts";
import type { Random } from "./random.ts";

/** All that a step may read besides its input and the replica's own state. */
export interface Env {
  readonly self: ReplicaId;
  /** Replicas are 0 … replicas-1. */
  readonly replicas: number;
  readonly everyone: ReplicaSet;
  readonly others: ReplicaSet;
  /** All replicas by round trip from here, self at the head: fast quorums are drawn from the front. */
  readonly nearest: readonly ReplicaId[];
  /** Who should campaign first in a new cluster. A hint: protocols without a leader ignore it. */
  readonly initialLeader: ReplicaId;
  /** Monotonic; stands still within a step. */
  readonly now: Micros;
  readonly random: Random;
}

/**
 * Messages to replicas, self included: an own message comes back as an input of its own, without the codec, so it
 * must not be changed once sent. The transport keeps the order of a link while the link lasts.
 */
export interface Outbox<M> {
  send(to: ReplicaId, message: M): void;
  broadcast(to: ReplicaSet, message: M): void;
}

/**
 * Decisions that inputs and effects do not show, for measures and judges: `leader` (value: the ballot or term that
 * this replica now leads, a number that no other replica and no other life ever leads), `fast` and `slow` (one command
 * committed on that path by its command leader).
 */
export type Note = "leader" | "fast" | "slow";

/** All that a step may cause. Calls only enqueue and return nothing; they take effect in program order. */
export interface Effects<M, R, T extends string> extends Outbox<M> {
  // The inherited send and broadcast leave once every record persisted before them is durable.
  /** Leaves at once, past records on their way to disk. Each use says in a comment why that is safe. */
  readonly ahead: Outbox<M>;
  /** Appends to the journal, which `restore` reads back. */
  persist(record: R): void;
  /** One deadline a name: setting it again moves it. */
  setTimer(timer: T, delay: Micros): void;
  clearTimer(timer: T): void;
  /** Hands a command to another replica, where it arrives by `onRequest`. Like any message it may be lost. */
  forward(to: ReplicaId, command: Command): void;
  /**
   * The command, perhaps a no-op, is decided, though not yet executed: at this position, for ever. A position is a slot,
   * a log index, or an instance as one number; `attributes` are what is decided along with the command (EPaxos: seq and
   * deps). Every replica says so of every decision it learns, after a restart again. A judge compares them: at most one
   * command with its attributes a position. A protocol that never calls it is not judged for that, and its commit
   * latency is that of execution.
   */
  commit(position: number, command: Command, attributes?: readonly number[]): void;
  /**
   * Applies a decided command to the state machine; the origin's clients get their replies. Each command once in a
   * replica's life, conflicting commands in the same order everywhere; a no-op is ignored.
   */
  execute(command: Command): void;
  /** This replica has not proposed the command and never will: a definite no, the client goes elsewhere. */
  reject(command: Command): void;
  note(note: Note, value?: number): void;
}

/** One line about a replica, for failure reports. */
export type Status = Readonly<Record<string, OptionValue>>;

/** One replica. Each method runs to its end, synchronously, and is a function of state, input and env. */
export interface Replica<M, R, T extends string> {
  /** Called first and once: the durable records of an earlier life, oldest first, or none. Sends and persists nothing. */
  restore(journal: Iterable<R>): void;
  /**
   * Called between `restore` and `start`, if at all: the records that stand for those just restored, without what later
   * ones made void. The host may put them in their place for good.
   */
  compacted?(): Iterable<R>;
  /** Called once, after both. */
  start(): void;
  /** A client's command, from here or forwarded. The same requests may come again in a command of another id. */
  onRequest(command: Command): void;
  onMessage(from: ReplicaId, message: M): void;
  onTimer(timer: T): void;
  /** The link to `peer` broke (messages may be lost, both ways) or stands again. Links stand at the start. */
  onLink?(peer: ReplicaId, up: boolean): void;
  /** Throws an `InvariantError`. Called after every step under simulation. */
  assertInvariants?(): void;
  status(): Status;
}

export interface Tagged {
  readonly type: string;
}

/**
 * What a protocol's model may exclude: messages lost, doubled or overtaken on a link that stands, a replica that comes
 * back without its journal, a clock that is not true.
 */
export const faultKinds = ["loss", "duplicate", "reorder", "wipe", "clock"] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A protocol module's default export, made by `defineProtocol`. */
export interface Protocol<M extends Tagged = Tagged, R extends Tagged = Tagged, T extends string = string, O = object> {
  /** As typed after `-p`. */
  readonly name: string;
  /** As shown. */
  readonly title: string;
  /** One line for `paxbench list`. */
  readonly summary: string;
  /** Author, title, venue. */
  readonly papers: readonly string[];
  readonly messages: Codec<M>;
  readonly records: Codec<R>;
  readonly timers: readonly T[];
  readonly options: Options<O>;
  /** All faults that this protocol is not made for: a simulation leaves them out. Absent: `wipe` alone. */
  readonly excludes?: readonly FaultKind[];
  /**
   * False: not a protocol but a yardstick, which replicates commands and executes them in any order. Whether replicas and
   * clients saw one order is then not judged.
   */
  readonly orders?: boolean;
  /** Throws a `UsageError` that names option, value and bound: quorums that do not meet, too few replicas. */
  validate?(replicas: number, options: O): void;
  create(env: Env, effects: Effects<M, R, T>, options: O): Replica<M, R, T>;
}

export const defineProtocol = <M extends Tagged, R extends Tagged, const T extends string, O>(
  protocol: Protocol<M, R, T, O>,
): Protocol<M, R, T, O> => protocol;
