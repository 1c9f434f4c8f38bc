/** Clusters of EPaxos replicas, and looks into what they send and record. */
import {
  ballotOf, commandIdOf, commandName, conflicts, createRandom, firstReplicas, membersOf, noop, replicaSetOf, withoutReplica,
  type Ballot, type Command, type Effects, type Key, type Note, type ReplicaId, type ReplicaSet,
} from "paxbench";
import epaxos from "../../../protocols/epaxos/index.ts";
import type { JournalRecord, Message, MessageOf } from "../../../protocols/epaxos/messages.ts";
import type { Options, Timer } from "../../../protocols/epaxos/replica.ts";
import { parseOptions } from "../../../src/core/option.ts";
import { ScriptedCluster } from "paxbench/testing";

export type EPaxosCluster = ScriptedCluster<Message, JournalRecord, Timer, Options>;

/** Replicas that have just started. The peers nearest to replica r are r+1, r+2, … */
export const newCluster = (replicas: number, options: Readonly<Record<string, string>> = {}): EPaxosCluster => {
  const cluster = new ScriptedCluster(epaxos, replicas, options);
  cluster.drop({ type: "learn" });
  return cluster;
};

export const writeOf = (id: number, ...keys: readonly Key[]): Command => ({
  id: commandIdOf(1_000_000 + id, 0), readOnly: false, keys, payload: new Uint8Array(0),
});

export const readOf = (id: number, ...keys: readonly Key[]): Command => ({ ...writeOf(id, ...keys), readOnly: true });

/** deps with all entries 0 but those given, by replica. */
export const depsOf = (replicas: number, given: Readonly<Record<ReplicaId, number>> = {}): number[] =>
  Array.from({ length: replicas }, (_, q) => given[q] ?? 0);

/** As if `message` came from `from`; what it causes is in flight afterwards. */
export const inject = (cluster: EPaxosCluster, from: ReplicaId, to: ReplicaId, message: Message): void => {
  cluster.inFlight.unshift({ from, to, message });
  cluster.deliver({ from, to, type: message.type });
};

export interface Known {
  readonly leader: ReplicaId;
  readonly number: number;
  readonly command: Command;
  readonly seq?: number;
  readonly deps?: Readonly<Record<ReplicaId, number>>;
  readonly ballot?: Ballot;
  /** As PreAccept carries it; by default as its leader would ask when all links stand. */
  readonly quorum?: ReplicaSet;
}

/** The fast quorum of a leader whose links all stand. */
export const fastQuorumOf = (replicas: number, leader: ReplicaId): ReplicaSet => {
  const tolerated = Math.floor((replicas - 1) / 2);
  const size = Math.floor(replicas / 2) + Math.max(1, Math.floor((tolerated + 1) / 2));
  return replicaSetOf(Array.from({ length: size }, (_, i) => (leader + i) % replicas));
};

/** These replicas have pre-accepted an instance that they saw first; what they answer is lost. */
export const preAcceptAt = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], known: Known): void =>
  tell(cluster, replicas, "preAccept", known);

/** These replicas know an instance as committed. */
export const commitAt = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], known: Known): void =>
  tell(cluster, replicas, "commit", known);

const tell = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], type: "preAccept" | "commit", known: Known): void => {
  const { leader, number, command, seq = 1, deps = {}, ballot = ballotOf(0, leader) } = known;
  const { length } = cluster.lives;
  const { quorum = fastQuorumOf(length, leader) } = known;
  for (const replica of replicas) {
    inject(cluster, leader, replica, { type, leader, number, ballot, command, seq, deps: depsOf(length, deps), quorum });
    cluster.drop({ from: replica, to: leader, type: "preAcceptOk" });
  }
};

export const messagesOf = <T extends Message["type"]>(cluster: EPaxosCluster, type: T): MessageOf<T>[] =>
  cluster.inFlight.flatMap(({ message }) => (message.type === type ? [message as MessageOf<T>] : []));

/** To whom messages of this type are in flight. */
export const receivers = (cluster: EPaxosCluster, type: Message["type"]): ReplicaId[] =>
  cluster.inFlight.filter(({ message }) => message.type === type).map(({ to }) => to);

export const notesOf = (cluster: EPaxosCluster, replica: ReplicaId): Note[] => cluster.lives[replica]!.notes.map(({ note }) => note);

export const namesOf = (...commands: readonly Command[]): string[] => commands.map(({ id }) => commandName(id));

export const committed = (cluster: EPaxosCluster, replica: ReplicaId): string[] => namesOf(...cluster.lives[replica]!.committed);

/** A command leader's retry time passes, and its sweep comes. */
export const sweep = (cluster: EPaxosCluster, replica: ReplicaId): void => {
  cluster.pass(1_000_000);
  cluster.fire(replica, "sweep");
};

const dropPrepares = (cluster: EPaxosCluster, which: (message: MessageOf<"prepare">) => boolean): void => {
  const kept = cluster.inFlight.filter(({ message }) => message.type !== "prepare" || !which(message));
  cluster.inFlight.splice(0, Infinity, ...kept);
};

/** Sweeps of `replica` alone, until it recovers the instance, for which execution must wait there. */
export const recoverBy = (cluster: EPaxosCluster, replica: ReplicaId, leader: ReplicaId, number: number): MessageOf<"prepare"> => {
  for (let sweeps = 0; sweeps < 50; sweeps++) {
    // The others are there, if only with nothing to tell.
    for (const peer of cluster.lives.keys()) {
      if (peer !== replica) inject(cluster, peer, replica, { type: "learned", commits: [], more: false });
    }
    sweep(cluster, replica);
    cluster.drop({ from: replica, type: "learn" });
    const prepare = messagesOf(cluster, "prepare").find((message) => message.leader === leader && message.number === number);
    // Others are overdue as well: of them nothing arrives.
    dropPrepares(cluster, (message) => message.leader !== leader || message.number !== number);
    if (prepare !== undefined) return prepare;
  }
  throw new Error(`replica ${replica} does not recover ${leader}.${number}: ${cluster.describe()}`);
};

/** No more faults: all that is sent arrives, and the sweeps of those that are up come one after the other. */
export const settle = (cluster: EPaxosCluster, rounds = 80): void => {
  for (let round = 0; round < rounds; round++) {
    cluster.deliverAll();
    for (const [replica, { up }] of cluster.lives.entries()) {
      if (!up) continue;
      sweep(cluster, replica);
      cluster.deliverAll();
    }
  }
};

const describeCommit = ({ leader, number, command, seq, deps }: Extract<JournalRecord, { type: "committed" }>): string =>
  `${leader}.${number}: ${commandName(command.id)} seq ${seq} deps ${deps.join()}`;

/**
 * What two journals say in contradiction. An instance is committed once (§4.2), and of two interfering commands one
 * depends on the other (§4.3.3).
 */
export const contradictionsOf = (cluster: EPaxosCluster): string[] => {
  const contradictions: string[] = [];
  const instances = new Map<string, Extract<JournalRecord, { type: "committed" }>>();
  for (const { journal } of cluster.lives) {
    for (const record of journal) {
      if (record.type !== "committed") continue;
      const name = `${record.leader}.${record.number}`;
      const known = instances.get(name) ?? record;
      instances.set(name, known);
      if (describeCommit(known) !== describeCommit(record)) contradictions.push(`${describeCommit(known)} and ${describeCommit(record)}`);
    }
  }
  const all = [...instances.values()];
  for (const [i, a] of all.entries()) {
    for (const b of all.slice(i + 1)) {
      if (!conflicts(a.command, b.command) || a.deps[b.leader]! >= b.number || b.deps[a.leader]! >= a.number) continue;
      contradictions.push(`${describeCommit(a)} beside ${describeCommit(b)}`);
    }
  }
  return contradictions;
};

const nothing = (): void => {};

/**
 * A replica alone with a disk that never finishes: what it persists, what waits behind that, what overtakes it, in
 * order, as `persist accepted`, `send acceptOk 1`, `ahead commit 1`.
 */
export const replicaWithSlowDisk = (self: ReplicaId, replicas: number) => {
  const caused: string[] = [];
  const everyone = firstReplicas(replicas);
  const env = {
    self, replicas, everyone, others: withoutReplica(everyone, self),
    nearest: [self, ...membersOf(withoutReplica(everyone, self))], initialLeader: 0, now: 0, random: createRandom(1, "slow disk"),
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
    setTimer: nothing, clearTimer: nothing, forward: nothing, commit: nothing, reject: nothing, note: nothing,
  };
  const replica = epaxos.create(env, effects, parseOptions("epaxos", epaxos.options, new Map()));
  replica.restore([]);
  replica.start();
  caused.length = 0;
  return { replica, takeCaused: () => caused.splice(0) };
};
