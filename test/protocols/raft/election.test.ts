/** Sentences of the extended paper, §5.1, §5.2 and §5.4.1: terms and leader election. */
import { second } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  clusterWithDisks, clusterWithLeader, elect, inject, messagesOf, newCluster, replicaWithSlowDisk, roleOf, termOf,
} from "./support.ts";

describe("§5.1 terms", () => {
  test("if one server's current term is smaller than the other's, it takes the larger one", () => {
    const cluster = clusterWithLeader(3);
    inject(cluster, 2, 1, { type: "requestVote", term: 7, lastLogIndex: 0, lastLogTerm: 0 });
    expect(termOf(cluster, 1)).toBe(7);
    expect(cluster.lives[1]!.journal).toContainEqual({ type: "term", currentTerm: 7, votedFor: null });
  });

  test.each([
    ["leader", 0],
    ["candidate", 1],
  ] as const)("a %s that finds its term out of date becomes a follower at once", (role, replica) => {
    const cluster = clusterWithLeader(3);
    if (role === "candidate") cluster.fire(replica, "election");
    expect(roleOf(cluster, replica)).toBe(role);
    inject(cluster, 2, replica, { type: "staleTerm", term: 9 });
    expect([roleOf(cluster, replica), termOf(cluster, replica)]).toEqual(["follower", 9]);
    expect([...cluster.lives[replica]!.timers.keys()]).toEqual(["election"]);
  });

  test("a request with a stale term is rejected, with the newer term", () => {
    const cluster = clusterWithDisks([{ log: [1], currentTerm: 5 }, { log: [1] }, { log: [1] }]);
    inject(cluster, 1, 0, { type: "appendEntries", term: 4, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 1 });
    inject(cluster, 2, 0, { type: "requestVote", term: 4, lastLogIndex: 9, lastLogTerm: 4 });
    expect(messagesOf(cluster, "staleTerm")).toEqual([{ type: "staleTerm", term: 5 }]);
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 5, voteGranted: false }]);
    expect(termOf(cluster, 0)).toBe(5);
    expect(cluster.executed(0)).toEqual([]);
  });

  test("a leader of the past learns of the newer term from the answer to its heartbeat", () => {
    const cluster = clusterWithLeader(3);
    elect(cluster, 1, [2]);
    cluster.drop();
    cluster.fire(0, "heartbeat");
    cluster.deliver({ from: 0, to: 1, type: "appendEntries" });
    cluster.deliver({ from: 1, to: 0, type: "staleTerm" });
    expect([roleOf(cluster, 0), termOf(cluster, 0)]).toEqual(["follower", 2]);
  });
});

describe("§5.2 leader election", () => {
  test("in a new cluster the initial leader campaigns at once, the others wait for an election timeout", () => {
    const cluster = newCluster(3);
    expect([0, 1, 2].map((replica) => roleOf(cluster, replica))).toEqual(["candidate", "follower", "follower"]);
    for (const follower of [1, 2]) {
      const timeout = cluster.lives[follower]!.timers.get("election")!;
      expect(timeout).toBeGreaterThanOrEqual(second);
      expect(timeout).toBeLessThan(2 * second);
    }
  });

  test("a follower that hears nothing begins an election: next term, a vote for itself, requests to all others", () => {
    const cluster = clusterWithLeader(5);
    cluster.fire(3, "election");
    expect(cluster.lives[3]!.journal.at(-1)).toEqual({ type: "term", currentTerm: 2, votedFor: 3 });
    expect(cluster.inFlight.map(({ to }) => to)).toEqual([0, 1, 2, 4]);
    expect(messagesOf(cluster, "requestVote")[0]).toEqual({ type: "requestVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 });
  });

  test("a candidate wins with votes from a majority, and no sooner", () => {
    const cluster = clusterWithLeader(5);
    elect(cluster, 3, [1]);
    expect(roleOf(cluster, 3)).toBe("candidate"); // its own vote and one other
    inject(cluster, 1, 3, { type: "vote", term: 2, voteGranted: true });
    expect(roleOf(cluster, 3)).toBe("candidate"); // the same vote again
    inject(cluster, 4, 3, { type: "vote", term: 2, voteGranted: false });
    expect(roleOf(cluster, 3)).toBe("candidate");
    inject(cluster, 2, 3, { type: "vote", term: 2, voteGranted: true });
    expect(roleOf(cluster, 3)).toBe("leader");
    expect(cluster.lives[3]!.notes).toEqual([{ note: "leader", value: 2 }]);
  });

  test("each server votes for at most one candidate in a term, first come, first served", () => {
    const cluster = clusterWithLeader(3);
    cluster.fire(1, "election");
    cluster.fire(2, "election");
    cluster.deliver({ from: 1, to: 0 });
    cluster.deliver({ from: 2, to: 0 });
    expect(messagesOf(cluster, "vote").map(({ voteGranted }) => voteGranted)).toEqual([true, false]);
    cluster.deliverAll();
    expect([1, 2].map((replica) => roleOf(cluster, replica))).toEqual(["leader", "follower"]);
  });

  test("a vote is remembered across a restart", () => {
    const cluster = clusterWithLeader(3);
    cluster.fire(1, "election");
    cluster.deliver({ from: 1, to: 0 });
    cluster.crash(0);
    cluster.restart(0);
    cluster.drop();
    const request = { type: "requestVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 } as const;
    inject(cluster, 2, 0, request);
    inject(cluster, 1, 0, request); // asks again: the same answer
    expect(messagesOf(cluster, "vote").map(({ voteGranted }) => voteGranted)).toEqual([false, true]);
  });

  test("a candidate that restarts does not vote for another one in that term", () => {
    const cluster = clusterWithLeader(3);
    cluster.fire(1, "election");
    cluster.crash(1);
    cluster.restart(1);
    cluster.drop();
    inject(cluster, 2, 1, { type: "requestVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 });
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 2, voteGranted: false }]);
  });

  test("a candidate that gives up for the leader of its term does not vote again in that term", () => {
    const cluster = clusterWithLeader(5);
    cluster.fire(1, "election");
    elect(cluster, 2, [3, 4]);
    cluster.deliver({ from: 2, to: 1, type: "appendEntries" });
    expect(roleOf(cluster, 1)).toBe("follower");
    cluster.drop();
    inject(cluster, 0, 1, { type: "requestVote", term: 2, lastLogIndex: 9, lastLogTerm: 2 });
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 2, voteGranted: false }]);
  });

  test("a late message of an older term does not lower the term, nor give a second vote", () => {
    const cluster = clusterWithLeader(3);
    cluster.fire(0, "heartbeat");
    elect(cluster, 1, [2]);
    cluster.deliver({ from: 0, to: 2, type: "appendEntries" }); // of term 1
    expect(termOf(cluster, 2)).toBe(2);
    cluster.drop();
    inject(cluster, 0, 2, { type: "requestVote", term: 2, lastLogIndex: 9, lastLogTerm: 1 });
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 2, voteGranted: false }]);
  });

  test("votes of an older term do not count", () => {
    const cluster = clusterWithLeader(5);
    cluster.fire(3, "election"); // term 2
    cluster.deliver({ from: 3, to: 1 });
    cluster.deliver({ from: 3, to: 2 });
    cluster.drop({ type: "requestVote" });
    cluster.fire(3, "election"); // term 3, and the votes of term 2 arrive
    cluster.deliver({ from: 1, to: 3, type: "vote" });
    cluster.deliver({ from: 2, to: 3, type: "vote" });
    expect([roleOf(cluster, 3), termOf(cluster, 3)]).toEqual(["candidate", 3]);
  });

  test("split votes: each candidate times out and begins a new election in the next term", () => {
    const cluster = clusterWithLeader(4);
    cluster.fire(1, "election");
    cluster.fire(2, "election");
    cluster.deliver({ from: 1, to: 0 });
    cluster.deliver({ from: 2, to: 3 });
    cluster.deliverAll();
    expect([1, 2].map((replica) => roleOf(cluster, replica))).toEqual(["candidate", "candidate"]);
    cluster.fire(2, "election");
    cluster.deliverAll();
    expect([roleOf(cluster, 1), roleOf(cluster, 2), termOf(cluster, 2)]).toEqual(["follower", "leader", 3]);
  });

  test("a granted vote gives the candidate time, a denied one does not", () => {
    const cluster = clusterWithDisks([{ log: [1, 1] }, { log: [1] }, { log: [1, 1] }]);
    const before = cluster.lives[0]!.timers.get("election")!;
    cluster.pass(second);
    inject(cluster, 1, 0, { type: "requestVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 });
    expect(cluster.lives[0]!.timers.get("election")).toBe(before);
    inject(cluster, 2, 0, { type: "requestVote", term: 2, lastLogIndex: 2, lastLogTerm: 1 });
    expect(messagesOf(cluster, "vote").map(({ voteGranted }) => voteGranted)).toEqual([false, true]);
    expect(cluster.lives[0]!.timers.get("election")).toBeGreaterThanOrEqual(2 * second);
  });

  test("a candidate starts its timer with the election, not with its vote", () => {
    expect([...replicaWithSlowDisk(0, 3).timers]).toEqual(["election"]);
  });

  test("a vote is durable before it is answered, and so is a candidate's own", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 3);
    expect(takeCaused()).toEqual(["persist term", "send requestVote 0", "send requestVote 1", "send requestVote 2"]);
    replica.onMessage(1, { type: "requestVote", term: 2, lastLogIndex: 0, lastLogTerm: 0 });
    expect(takeCaused()).toEqual(["persist term", "persist term", "send vote 1"]);
  });
});

describe("§5.4.1 election restriction: the voter denies its vote if its own log is more up-to-date", () => {
  test.each([
    { voter: [1, 1], candidate: [1, 1], voteGranted: true, why: "the same log" },
    { voter: [1, 1], candidate: [1, 1, 1], voteGranted: true, why: "same last term, longer" },
    { voter: [1, 1], candidate: [1], voteGranted: false, why: "same last term, shorter" },
    { voter: [1, 1, 1, 1], candidate: [1, 2], voteGranted: true, why: "later last term, though shorter" },
    { voter: [1, 2], candidate: [1, 1, 1, 1], voteGranted: false, why: "earlier last term, though longer" },
  ])("$why: $candidate asks $voter: $voteGranted", ({ voter, candidate, voteGranted }) => {
    const cluster = clusterWithDisks([{ log: voter }, { log: candidate, currentTerm: 5 }, { log: [] }]);
    cluster.fire(1, "election");
    cluster.deliver({ from: 1, to: 0, type: "requestVote" });
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 6, voteGranted }]);
  });

  test("a replica without the committed entries is not elected, however often it asks", () => {
    const cluster = clusterWithDisks([{ log: [1, 2], commitIndex: 2 }, { log: [1, 2] }, { log: [1, 1, 1], currentTerm: 9 }]);
    for (let i = 0; i < 3; i++) {
      cluster.fire(2, "election");
      cluster.deliverAll();
      expect(roleOf(cluster, 2)).toBe("candidate");
    }
    cluster.fire(1, "election");
    cluster.deliverAll();
    expect(roleOf(cluster, 1)).toBe("leader");
  });
});
