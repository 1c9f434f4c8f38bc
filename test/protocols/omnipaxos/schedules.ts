/** Omni-Paxos under hand-driven schedules: who hears whom, round by round. */
import { ballotOf, type Ballot, type ReplicaId } from "paxbench";
import omnipaxos from "../../../protocols/omnipaxos/index.ts";
import { ScriptedCluster } from "paxbench/testing";

export const newCluster = (replicas: number) => new ScriptedCluster(omnipaxos, replicas);
export type Cluster = ReturnType<typeof newCluster>;

/** Links that carry messages. */
export type Links = (from: ReplicaId, to: ReplicaId) => boolean;

export const all: Links = () => true;
/** Only between replicas of one group. */
export const within = (...groups: readonly (readonly ReplicaId[])[]): Links => (from, to) =>
  groups.some((group) => group.includes(from) && group.includes(to));
export const without = (...pairs: readonly (readonly [ReplicaId, ReplicaId])[]): Links => (from, to) =>
  !pairs.some(([a, b]) => (a === from && b === to) || (a === to && b === from));

/** Messages in the order of sending, while `more` of them are wanted. */
const each = function* (cluster: Cluster, more: (type: string) => boolean) {
  for (let steps = 0; ; steps++) {
    const next = cluster.inFlight[0];
    if (next === undefined || !more(next.message.type)) return;
    if (steps > 100_000) throw new Error(`messages never cease: ${cluster.describe()}`);
    yield next;
  }
};

/** Delivers what `links` carry, and loses the rest, until nothing is in flight. */
export const settle = (cluster: Cluster, links: Links = all): void => {
  for (const { from, to } of each(cluster, () => true)) {
    if (links(from, to)) cluster.deliver({ from, to });
    else cluster.drop({ from, to });
  }
};

/** Delivers until a message of that type is next. */
export const settleUntil = (cluster: Cluster, type: string): void => {
  for (const { from, to } of each(cluster, (next) => next !== type)) cluster.deliver({ from, to });
};

/** One round of heartbeats at all that are up, ended by the clock. What it elects goes on until nothing is in flight. */
export const round = (cluster: Cluster, links: Links = all): void => {
  for (const [replica, { up }] of cluster.lives.entries()) if (up) cluster.fire(replica, "round");
  settle(cluster, links);
};

export const rounds = (count: number, cluster: Cluster, links: Links = all): void => {
  for (let i = 0; i < count; i++) round(cluster, links);
};

/** Replica 0 leads, and all know. */
export const startedCluster = (replicas: number): Cluster => {
  const cluster = newCluster(replicas);
  settle(cluster);
  return cluster;
};

/** The ballot in which replica 0 wins the first election. */
export const firstLeader: Ballot = ballotOf(2, 0);

export const statusOf = (cluster: Cluster, replica: ReplicaId) => cluster.lives[replica]!.replica.status();

export const phaseOf = (cluster: Cluster, replica: ReplicaId): string => {
  const { role, phase } = statusOf(cluster, replica);
  return `${String(role)}, ${String(phase)}`;
};

/** Ballots in which a replica's present life completed a prepare phase. */
export const ledBy = (cluster: Cluster, replica: ReplicaId): number[] =>
  cluster.lives[replica]!.notes.filter(({ note }) => note === "leader").map(({ value }) => value);

/** The messages of one type in flight. */
export const inFlight = (cluster: Cluster, type: string) =>
  cluster.inFlight.filter(({ message }) => message.type === type).map(({ from, to, message }) => ({ sender: from, to, ...message }));

/** The link between two replicas breaks and is made again: what was on it is lost. */
export const reconnect = (cluster: Cluster, a: ReplicaId, b: ReplicaId): void => {
  cluster.drop({ from: a, to: b });
  cluster.drop({ from: b, to: a });
  for (const up of [false, true]) {
    cluster.link(a, b, up);
    cluster.link(b, a, up);
  }
};
