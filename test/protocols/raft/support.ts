/** Clusters of Raft replicas in given states, and looks into what they keep. */
import {
  commandIdOf, commandName, createRandom, firstReplicas, membersOf, noop, withoutReplica,
  type Command, type Effects, type Infer, type ReplicaId,
} from "paxbench";
import raft from "../../../protocols/raft/index.ts";
import type { Entry, JournalRecord, Message, MessageOf } from "../../../protocols/raft/messages.ts";
import type { Options, Timer } from "../../../protocols/raft/replica.ts";
import { parseOptions } from "../../../src/core/option.ts";
import { ScriptedCluster } from "paxbench/testing";

export type RaftCluster = ScriptedCluster<Infer<typeof raft.messages>, JournalRecord, Timer, Options>;
type OptionTexts = Readonly<Record<string, string>>;

/** Replica 0 campaigns in term 1: its requests are in flight. */
export const newCluster = (replicas: number, options: OptionTexts = {}): RaftCluster =>
  new ScriptedCluster(raft, replicas, options);

/** Replica 0 leads term 1; its no-op is committed everywhere. */
export const clusterWithLeader = (replicas: number, options: OptionTexts = {}): RaftCluster => {
  const cluster = newCluster(replicas, options);
  cluster.deliverAll();
  return cluster;
};

/** What a replica has on its disk: terms of its log entries, and the term it is in when that is not the last of them. */
export interface Disk {
  readonly log: readonly number[];
  readonly currentTerm?: number;
  readonly votedFor?: ReplicaId;
  readonly commitIndex?: number;
}

/** A cluster whose replicas restarted on these disks. Nothing is in flight. */
export const clusterWithDisks = (disks: readonly Disk[], options: OptionTexts = {}): RaftCluster => {
  const cluster = newCluster(disks.length, options);
  cluster.drop();
  for (const [replica, { log, currentTerm = log.at(-1) ?? 0, votedFor = null, commitIndex = 0 }] of disks.entries()) {
    const { journal } = cluster.lives[replica]!;
    const entries = log.map((term, i) => ({ term, command: givenCommand(i + 1, term) }));
    journal.length = 0;
    journal.push({ type: "term", currentTerm, votedFor }, { type: "entries", index: 1, entries });
    journal.push({ type: "commit", commitIndex });
    cluster.crash(replica);
    cluster.restart(replica);
  }
  return cluster;
};

/** Of the entry at `index` in `term` that `clusterWithDisks` put there: the same in every log. */
export const givenCommand = (index: number, term: number): Command => ({
  id: commandIdOf(1_000_000 + term * 10_000 + index, 0), readOnly: false, keys: [index], payload: new Uint8Array(0),
});

export const namesOf = (...commands: readonly Command[]): string[] => commands.map(({ id }) => commandName(id));

/** The log as the journal has it. */
export const logOf = (cluster: RaftCluster, replica: ReplicaId): Entry[] => {
  const log: Entry[] = [];
  for (const record of cluster.lives[replica]!.journal) {
    if (record.type === "entries") log.splice(record.index - 1, Infinity, ...record.entries);
  }
  return log;
};

export const termsOf = (cluster: RaftCluster, replica: ReplicaId): number[] => logOf(cluster, replica).map(({ term }) => term);

/** `replica` campaigns; those of `voters` hear it and answer, the others do not. */
export const elect = (cluster: RaftCluster, replica: ReplicaId, voters: readonly ReplicaId[]): void => {
  cluster.fire(replica, "election");
  for (const voter of voters) {
    cluster.deliver({ from: replica, to: voter, type: "requestVote" });
    cluster.deliver({ from: voter, to: replica, type: "vote" });
  }
  cluster.drop({ type: "requestVote" });
};

/** As if `message` came from `from`; what it causes goes its way. */
export const inject = (cluster: RaftCluster, from: ReplicaId, to: ReplicaId, message: Message): void => {
  cluster.inFlight.unshift({ from, to, message });
  cluster.deliver({ from, to, type: message.type });
};

export const messagesOf = <T extends Message["type"]>(cluster: RaftCluster, type: T): MessageOf<T>[] =>
  cluster.inFlight.flatMap(({ message }) => (message.type === type ? [message as MessageOf<T>] : []));

export const roleOf = (cluster: RaftCluster, replica: ReplicaId): unknown => cluster.lives[replica]!.replica.status()["role"];
export const termOf = (cluster: RaftCluster, replica: ReplicaId): unknown => cluster.lives[replica]!.replica.status()["term"];
export const commitIndexOf = (cluster: RaftCluster, replica: ReplicaId): unknown =>
  cluster.lives[replica]!.replica.status()["commitIndex"];

const nothing = (): void => {};

/**
 * A replica alone with a disk that never finishes: what it persists, what waits behind that, what overtakes it, in
 * order, as `persist term`, `send vote 1`, `ahead appendEntries 1`.
 */
export const replicaWithSlowDisk = (self: ReplicaId, replicas: number) => {
  const caused: string[] = [];
  const timers = new Set<Timer>();
  const everyone = firstReplicas(replicas);
  const env = {
    self, replicas, everyone, others: withoutReplica(everyone, self),
    nearest: membersOf(everyone), initialLeader: 0, now: 0, random: createRandom(1, "slow disk"),
  };
  const outbox = (way: string): Effects<Message, JournalRecord, Timer>["ahead"] => ({
    send: (to, { type }) => void caused.push(`${way} ${type} ${to}`),
    broadcast: (to, { type }) => membersOf(to).forEach((replica) => caused.push(`${way} ${type} ${replica}`)),
  });
  const effects: Effects<Message, JournalRecord, Timer> = {
    ...outbox("send"),
    ahead: outbox("ahead"),
    persist: ({ type }) => void caused.push(`persist ${type}`),
    execute: ({ id }) => void (id !== noop.id && caused.push(`execute ${commandName(id)}`)),
    setTimer: (timer) => void timers.add(timer),
    clearTimer: (timer) => void timers.delete(timer),
    forward: nothing, commit: nothing, reject: nothing, note: nothing,
  };
  const replica = raft.create(env, effects, parseOptions("raft", raft.options, new Map()));
  replica.restore([]);
  replica.start();
  return { replica, timers, takeCaused: () => caused.splice(0) };
};
