/** Clusters of MultiPaxos replicas in given states, and looks into what they keep. */
import {
  ballotOf, commandIdOf, commandName, createRandom, firstReplicas, membersOf, withoutReplica,
  type Ballot, type Command, type Effects, type ReplicaId,
} from "paxbench";
import multipaxos from "../../../protocols/multipaxos/index.ts";
import type { JournalRecord, Message, MessageOf } from "../../../protocols/multipaxos/messages.ts";
import type { Options, Timer } from "../../../protocols/multipaxos/replica.ts";
import { parseOptions } from "../../../src/core/option.ts";
import { ScriptedCluster } from "paxbench/testing";

export type PaxosCluster = ScriptedCluster<Message, JournalRecord, Timer, Options>;

export const electionTimeout = 1_000_000;

/** Replica 0 campaigns in its first ballot: its prepares are in flight. */
export const newCluster = (replicas: number, options: Readonly<Record<string, string>> = {}): PaxosCluster =>
  new ScriptedCluster(multipaxos, replicas, options);

/** Replica 0 leads its first ballot, and all know. */
export const clusterWithLeader = (replicas: number): PaxosCluster => {
  const cluster = newCluster(replicas);
  cluster.deliverAll();
  return cluster;
};

/** What an acceptor has on its disk: slots it accepted, as [ballot, command], and what it promised if more than that. */
export interface Disk {
  readonly accepted?: Readonly<Record<number, readonly [ballot: Ballot, command: Command]>>;
  readonly promised?: Ballot;
}

/** A cluster whose replicas restarted on these disks. Nothing is in flight. */
export const clusterWithDisks = (disks: readonly Disk[]): PaxosCluster => {
  const cluster = newCluster(disks.length);
  cluster.drop();
  for (const [replica, { accepted = {}, promised }] of disks.entries()) {
    const { journal } = cluster.lives[replica]!;
    journal.length = 0;
    const records = Object.entries(accepted).map(([slot, [ballot, command]]) => ({ slot: Number(slot), ballot, command }));
    for (const record of records.sort((a, b) => a.ballot - b.ballot)) {
      journal.push({ type: "promised", ballot: record.ballot }, { type: "accepted", ...record });
    }
    if (promised !== undefined) journal.push({ type: "promised", ballot: promised });
    cluster.crash(replica);
    cluster.restart(replica);
  }
  return cluster;
};

/** Ballot `round` of replica `proposer`. */
export const b = (round: number, proposer: ReplicaId): Ballot => ballotOf(round, proposer);

/** A command by number. */
export const v = (number: number): Command => ({
  id: commandIdOf(1_000_000 + number, 0), readOnly: false, keys: [number], payload: new Uint8Array(0),
});

/** `replica` campaigns; `voters` hear it and answer, in this order, the others do not. What it does then is in flight. */
export const campaign = (cluster: PaxosCluster, replica: ReplicaId, voters: readonly ReplicaId[]): void => {
  cluster.fire(replica, "election");
  for (const voter of voters) {
    cluster.deliver({ from: replica, to: voter, type: "prepare" });
    cluster.deliver({ from: voter, to: replica, type: "promise" });
  }
  cluster.drop({ from: replica, type: "prepare" });
};

/** As if `message` came from `from`; what it causes goes its way. */
export const inject = (cluster: PaxosCluster, from: ReplicaId, to: ReplicaId, message: Message): void => {
  cluster.inFlight.unshift({ from, to, message });
  cluster.deliver({ from, to, type: message.type });
};

export const messagesOf = <T extends Message["type"]>(cluster: PaxosCluster, type: T, from?: ReplicaId, to?: ReplicaId): MessageOf<T>[] =>
  cluster.inFlight
    .filter((one) => one.message.type === type && one.from === (from ?? one.from) && one.to === (to ?? one.to))
    .map(({ message }) => message as MessageOf<T>);

/** What `replica` proposes to `to`, as `slot: command`. */
export const proposals = (cluster: PaxosCluster, replica: ReplicaId, to: ReplicaId): string[] =>
  messagesOf(cluster, "accept", replica, to).map(({ slot, command }) => `${slot}: ${commandName(command.id)}`);

export const nameOf = ({ id }: Command): string => commandName(id);

export const statusOf = (cluster: PaxosCluster, replica: ReplicaId) =>
  cluster.lives[replica]!.replica.status() as {
    readonly role: string; readonly ballot: Ballot; readonly decided: number; readonly log: number;
  };
export const roleOf = (cluster: PaxosCluster, replica: ReplicaId): string => statusOf(cluster, replica).role;

const nothing = (): void => {};

/**
 * A replica alone with a disk that never finishes: what it persists, what waits behind that, what overtakes it, in
 * order, as `persist promised`, `send promise 1`, `ahead accept 1`.
 */
export const replicaWithSlowDisk = (self: ReplicaId, replicas: number, execute: (command: Command) => void = () => {}) => {
  const caused: string[] = [];
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
    execute,
    setTimer: nothing, clearTimer: nothing, forward: nothing, commit: nothing, reject: nothing, note: nothing,
  };
  const replica = multipaxos.create(env, effects, parseOptions("multipaxos", multipaxos.options, new Map()));
  replica.restore([]);
  replica.start();
  return { replica, takeCaused: () => caused.splice(0) };
};
