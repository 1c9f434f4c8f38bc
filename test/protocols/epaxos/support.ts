/** Clusters of EPaxos replicas, and looks into what they send and record. */
import {
  ballotOf, commandIdOf, commandName, createRandom, firstReplicas, membersOf, noop, withoutReplica,
  type Ballot, type Command, type Effects, type Key, type Note, type ReplicaId,
} from "paxbench";
import epaxos from "../../../protocols/epaxos/index.ts";
import type { JournalRecord, Message, MessageOf } from "../../../protocols/epaxos/messages.ts";
import type { Options, Timer } from "../../../protocols/epaxos/replica.ts";
import { parseOptions } from "../../../src/core/option.ts";
import { ScriptedCluster } from "../../support/scripted-cluster.ts";

export type EPaxosCluster = ScriptedCluster<Message, JournalRecord, Timer, Options>;

/** Replicas that have just started. The peers nearest to replica r are r+1, r+2, … */
export const newCluster = (replicas: number): EPaxosCluster => {
  const cluster = new ScriptedCluster(epaxos, replicas);
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
}

/** These replicas have pre-accepted an instance that they saw first; what they answer is lost. */
export const preAcceptAt = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], known: Known): void =>
  tell(cluster, replicas, "preAccept", known);

/** These replicas know an instance as committed. */
export const commitAt = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], known: Known): void =>
  tell(cluster, replicas, "commit", known);

const tell = (cluster: EPaxosCluster, replicas: readonly ReplicaId[], type: "preAccept" | "commit", known: Known): void => {
  const { leader, number, command, seq = 1, deps = {}, ballot = ballotOf(0, leader) } = known;
  for (const replica of replicas) {
    inject(cluster, leader, replica, { type, leader, number, ballot, command, seq, deps: depsOf(cluster.lives.length, deps) });
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
