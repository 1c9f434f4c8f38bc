/** Schedules for mistakes that neither chance nor the protocols' own tests find. */
import { ballotOf, type ReplicaId } from "paxbench";
import { expect, test } from "vitest";
import {
  commitAt, depsOf, fastQuorumOf, inject, messagesOf, newCluster, preAcceptAt, recoverBy, writeOf, type EPaxosCluster,
} from "../protocols/epaxos/support.ts";

const key = 7;

/** What the command leader, replica 0, asked in its own ballot. */
const askedIn = (replicas: number) => ({
  leader: 0, number: 1, ballot: ballotOf(0, 0), command: writeOf(1, key), seq: 1, deps: depsOf(replicas), quorum: fastQuorumOf(replicas, 0),
});

/** Replica 1 starts to recover 0.1, for it knows of a commit that depends on it. */
const recoverAtOne = (cluster: EPaxosCluster): void => {
  commitAt(cluster, [1], { leader: 1, number: 1, command: writeOf(2, key), seq: 50, deps: { 0: 1 } });
  recoverBy(cluster, 1, 0, 1);
};

test("who recovers proposes what another has accepted, not the older vote of its own", () => {
  const cluster = newCluster(3);
  cluster.crash(0);
  inject(cluster, 0, 1, { type: "preAccept", ...askedIn(3) });
  inject(cluster, 0, 2, { type: "accept", ...askedIn(3), seq: 7 });
  recoverAtOne(cluster);
  cluster.deliver({ from: 1, to: 2, type: "prepare" });
  cluster.deliver({ from: 2, to: 1, type: "prepareOk" });
  expect(messagesOf(cluster, "accept")).not.toEqual([]);
  for (const { leader, number, seq } of messagesOf(cluster, "accept")) expect([leader, number, seq]).toEqual([0, 1, 7]);
});

test("word of another command that is undecided is no consent to TryPreAccept", () => {
  const cluster = newCluster(5);
  const others = [3, 4] as const satisfies readonly ReplicaId[];
  cluster.crash(0);
  for (const peer of [0, 2]) cluster.link(1, peer, false);
  inject(cluster, 0, 1, { type: "preAccept", ...askedIn(5) });
  // Led by one whom replica 0 did not ask, and beside 0.1: it may be either's turn to come first.
  preAcceptAt(cluster, others, { leader: 3, number: 1, command: writeOf(3, key) });
  recoverAtOne(cluster);
  for (const type of ["prepare", "tryPreAccept"] as const) {
    for (const peer of others) cluster.deliver({ from: 1, to: peer, type });
    if (type === "prepare") for (const peer of others) cluster.deliver({ from: peer, to: 1, type: "prepareOk" });
  }
  for (const peer of others) cluster.deliver({ from: peer, to: 1, type: "undecided" });
  expect(messagesOf(cluster, "accept").filter(({ leader }) => leader === 0)).toEqual([]);
});
