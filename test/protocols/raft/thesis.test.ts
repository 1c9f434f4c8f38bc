/** Sentences of the thesis: PreVote (§9.6), leader stickiness (§4.2.3), a leader without a majority steps down (§6.2). */
import { millisecond, second } from "paxbench";
import { describe, expect, test } from "vitest";
import { clusterWithDisks, clusterWithLeader, elect, inject, messagesOf, newCluster, roleOf, termOf, type RaftCluster } from "./support.ts";

const timeout = second;

/** Replica 0 sends heartbeats for as long as it leads, `count` at most; only those of `reach` hear and answer them. */
const heartbeats = (cluster: RaftCluster, count: number, reach: readonly number[]): void => {
  for (let i = 0; i < count && roleOf(cluster, 0) === "leader"; i++) {
    cluster.pass(100 * millisecond);
    cluster.fire(0, "heartbeat");
    for (const follower of reach) cluster.deliverAll({ from: 0, to: follower });
    cluster.deliverAll({ to: 0 });
    cluster.drop();
  }
};

describe("§9.6 PreVote", () => {
  const preVote = { preVote: "true" };

  test("a new cluster elects its first leader with it", () => {
    const cluster = newCluster(3, preVote);
    expect(roleOf(cluster, 0)).toBe("preCandidate");
    cluster.deliverAll();
    expect([roleOf(cluster, 0), termOf(cluster, 0)]).toEqual(["leader", 1]);
  });

  test("a server that is cut off does not raise its term, and does not disturb the leader when it returns", () => {
    const cluster = clusterWithLeader(3, preVote);
    for (let i = 0; i < 5; i++) {
      cluster.pass(2 * timeout);
      cluster.fire(2, "election");
      cluster.drop();
    }
    expect([roleOf(cluster, 2), termOf(cluster, 2)]).toEqual(["preCandidate", 1]);
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect([0, 1, 2].map((replica) => roleOf(cluster, replica))).toEqual(["leader", "follower", "follower"]);
    expect([0, 1, 2].map((replica) => termOf(cluster, replica))).toEqual([1, 1, 1]);
  });

  test("without PreVote it does both", () => {
    const cluster = clusterWithLeader(3);
    for (let i = 0; i < 5; i++) {
      cluster.fire(2, "election");
      cluster.drop();
    }
    expect(termOf(cluster, 2)).toBe(6);
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect([roleOf(cluster, 0), termOf(cluster, 0)]).toEqual(["follower", 6]);
  });

  test("a server asks for a pre-vote in its next term; being asked changes nothing", () => {
    const cluster = clusterWithLeader(3, preVote);
    const journals = cluster.lives.map(({ journal }) => journal.length);
    const timers = cluster.lives.map((life) => life.timers.get("election"));
    cluster.pass(2 * timeout);
    cluster.fire(1, "election");
    expect(messagesOf(cluster, "requestPreVote")[0]).toEqual({ type: "requestPreVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 });
    cluster.deliver({ from: 1, to: 2 });
    expect(messagesOf(cluster, "preVote")).toEqual([{ type: "preVote", term: 2, voteGranted: true }]);
    expect(termOf(cluster, 2)).toBe(1);
    expect(cluster.lives.map(({ journal }) => journal.length)).toEqual(journals);
    expect(cluster.lives[2]!.timers.get("election")).toBe(timers[2]);
  });

  test("with pre-votes from a majority the term is raised and the election begins", () => {
    const cluster = clusterWithLeader(5, preVote);
    cluster.crash(0);
    cluster.pass(2 * timeout);
    cluster.fire(1, "election");
    cluster.deliver({ from: 1, to: 2 });
    cluster.deliver({ from: 2, to: 1 });
    expect([roleOf(cluster, 1), termOf(cluster, 1)]).toEqual(["preCandidate", 1]);
    cluster.deliver({ from: 1, to: 3 });
    cluster.deliver({ from: 3, to: 1 });
    expect([roleOf(cluster, 1), termOf(cluster, 1)]).toEqual(["candidate", 2]);
    cluster.deliverAll();
    expect(roleOf(cluster, 1)).toBe("leader");
  });

  test("a server that hears a leader denies, until it has not for the minimum election timeout", () => {
    const cluster = clusterWithLeader(3, preVote);
    const request = { type: "requestPreVote", term: 2, lastLogIndex: 1, lastLogTerm: 1 } as const;
    cluster.pass(timeout - 1);
    inject(cluster, 2, 1, request);
    cluster.pass(1);
    inject(cluster, 2, 1, request);
    expect(messagesOf(cluster, "preVote").map(({ voteGranted }) => voteGranted)).toEqual([false, true]);
  });

  test("a server whose log is more up-to-date denies", () => {
    const cluster = clusterWithDisks([{ log: [1, 2] }, { log: [1, 1], currentTerm: 2 }, { log: [1] }], preVote);
    cluster.fire(1, "election");
    cluster.deliver({ from: 1, to: 0 });
    expect(messagesOf(cluster, "preVote")).toEqual([{ type: "preVote", term: 2, voteGranted: false }]);
  });

  test("a server whose term is out of date learns the newer one from a denial", () => {
    const cluster = clusterWithDisks([{ log: [1], currentTerm: 8 }, { log: [1], currentTerm: 3 }, { log: [1] }], preVote);
    cluster.fire(1, "election");
    cluster.deliver({ from: 1, to: 0 });
    cluster.deliver({ from: 0, to: 1 });
    expect([roleOf(cluster, 1), termOf(cluster, 1)]).toEqual(["follower", 8]);
  });
});

describe("§6.2 a leader that cannot reach a majority steps down", () => {
  const checkQuorum = { checkQuorum: "true" };

  test("after an election timeout without answers", () => {
    const cluster = clusterWithLeader(5, checkQuorum);
    heartbeats(cluster, 9, [1]);
    expect(roleOf(cluster, 0)).toBe("leader");
    heartbeats(cluster, 1, [1]);
    expect([roleOf(cluster, 0), termOf(cluster, 0)]).toEqual(["follower", 1]);
    expect([...cluster.lives[0]!.timers.keys()]).toEqual(["election"]);
  });

  test("answers from a majority, itself included, keep it", () => {
    const cluster = clusterWithLeader(5, checkQuorum);
    heartbeats(cluster, 30, [1, 4]);
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test("without CheckQuorum it stays", () => {
    const cluster = clusterWithLeader(5);
    heartbeats(cluster, 30, []);
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test("having stepped down it does not vote again in the term it led (one vote per term)", () => {
    const cluster = clusterWithLeader(3, checkQuorum);
    heartbeats(cluster, 10, []);
    expect(roleOf(cluster, 0)).toBe("follower");
    inject(cluster, 2, 0, { type: "requestVote", term: 1, lastLogIndex: 9, lastLogTerm: 1 });
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 1, voteGranted: false }]);
  });

  test("commands that arrive then wait for the next leader", () => {
    const cluster = clusterWithLeader(3, checkQuorum);
    heartbeats(cluster, 10, []);
    const command = cluster.request(0, 1);
    elect(cluster, 1, [2]);
    cluster.deliverAll();
    expect(cluster.lives[0]!.forwarded).toEqual([{ to: 1, command }]);
  });
});

describe("§4.2.3 a server that hears a leader ignores RequestVote", () => {
  const request = { type: "requestVote", term: 5, lastLogIndex: 9, lastLogTerm: 5 } as const;

  test.each([
    ["follower", 1],
    ["leader", 0],
  ] as const)("a %s neither takes the term nor answers", (role, replica) => {
    const cluster = clusterWithLeader(3, { checkQuorum: "true" });
    inject(cluster, 2, replica, request);
    expect([roleOf(cluster, replica), termOf(cluster, replica), cluster.inFlight]).toEqual([role, 1, []]);
  });

  test("until it has not heard one for the minimum election timeout", () => {
    const cluster = clusterWithLeader(3, { checkQuorum: "true" });
    cluster.pass(timeout);
    inject(cluster, 2, 1, request);
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 5, voteGranted: true }]);
  });

  test("without CheckQuorum it answers", () => {
    const cluster = clusterWithLeader(3);
    inject(cluster, 2, 1, request);
    expect(messagesOf(cluster, "vote")).toEqual([{ type: "vote", term: 5, voteGranted: true }]);
  });
});
