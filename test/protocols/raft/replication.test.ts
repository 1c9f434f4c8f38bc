/** Sentences of the extended paper, §5.3, §5.4.2, §5.5 and §8: log replication and commitment. */
import { millisecond } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  clusterWithDisks, clusterWithLeader, commitIndexOf, elect, givenCommand, inject, logOf, messagesOf, namesOf, newCluster,
  replicaWithSlowDisk, roleOf, termsOf,
} from "./support.ts";

describe("§5.3 log replication", () => {
  test("an entry is committed once the leader has replicated it on a majority, and executed only then", () => {
    const cluster = clusterWithLeader(5);
    const command = cluster.request(0, 1);
    cluster.deliver({ to: 1, type: "appendEntries" });
    cluster.deliver({ from: 1, type: "appended" });
    expect(cluster.executed(0)).toEqual([]); // on two of five
    cluster.deliver({ to: 2, type: "appendEntries" });
    cluster.deliver({ from: 2, type: "appended" });
    expect(cluster.executed(0)).toEqual(namesOf(command));
  });

  test("acknowledgements of an older term do not count", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(0, 1);
    const { replica } = cluster.lives[0]!;
    replica.onMessage(1, { type: "appended", term: 0, matchIndex: 2 });
    expect(cluster.executed(0)).toEqual([]);
    replica.onMessage(1, { type: "appended", term: 1, matchIndex: 2 });
    expect(cluster.executed(0)).toEqual(namesOf(command));
  });

  test("followers hear at once that an entry is committed", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(0, 1);
    cluster.deliver({ to: 1, type: "appendEntries" });
    cluster.deliver({ from: 1, type: "appended" });
    cluster.deliver({ to: 1, type: "commit" });
    expect(cluster.executed(1)).toEqual(namesOf(command));
  });

  test("the leader's own copy counts when it is durable, a follower's is durable before it is acknowledged", () => {
    const leader = replicaWithSlowDisk(0, 3);
    for (const voter of [0, 1]) leader.replica.onMessage(voter, { type: "vote", term: 1, voteGranted: true });
    leader.takeCaused();
    leader.replica.onMessage(1, { type: "appended", term: 1, matchIndex: 1 });
    expect(leader.takeCaused()).toEqual([]); // one follower of three; its own copy is not durable
    leader.replica.onRequest(givenCommand(2, 1));
    expect(leader.takeCaused()).toEqual(["persist entries", "ahead appendEntries 1", "send appended 0"]);

    const follower = replicaWithSlowDisk(1, 3);
    const entries = [{ term: 1, command: givenCommand(1, 1) }];
    follower.replica.onMessage(0, { type: "appendEntries", term: 1, prevLogIndex: 0, prevLogTerm: 0, entries, leaderCommit: 0 });
    expect(follower.takeCaused()).toEqual(["persist term", "persist entries", "send appended 0"]);
  });

  test("new entries leave before earlier ones are acknowledged", () => {
    const cluster = clusterWithLeader(3);
    for (let key = 0; key < 3; key++) cluster.request(0, key);
    const sent = cluster.inFlight.filter(({ to }) => to === 1).map(({ message }) => message);
    expect(sent.map((message) => message.type === "appendEntries" && message.prevLogIndex)).toEqual([1, 2, 3]);
  });

  test("a follower without the entry that precedes the new ones refuses them", () => {
    const cluster = clusterWithLeader(3);
    cluster.request(0, 1);
    cluster.drop({ to: 1 });
    cluster.request(0, 2);
    cluster.deliver({ to: 1, type: "appendEntries" });
    expect(messagesOf(cluster, "mismatch")).toEqual([
      { type: "mismatch", term: 1, prevLogIndex: 2, conflictTerm: 0, conflictIndex: 2 },
    ]);
    expect(termsOf(cluster, 1)).toEqual([1]);
    cluster.deliverAll();
    expect(logOf(cluster, 1)).toEqual(logOf(cluster, 0));
  });

  test("a delayed older append does not erase what a newer one brought", () => {
    const cluster = clusterWithLeader(3);
    const [first, second] = [cluster.request(0, 1), cluster.request(0, 2)];
    cluster.drop();
    const one = { term: 1, command: first };
    const two = { term: 1, command: second };
    const append = { type: "appendEntries", term: 1, prevLogIndex: 1, prevLogTerm: 1, leaderCommit: 1 } as const;
    inject(cluster, 0, 1, { ...append, entries: [one, two] });
    inject(cluster, 0, 1, { ...append, entries: [one] });
    inject(cluster, 0, 1, { ...append, entries: [] });
    expect(logOf(cluster, 1)).toHaveLength(3);
    expect(messagesOf(cluster, "appended").map(({ matchIndex }) => matchIndex)).toEqual([3, 2, 1]);
    // The entry was acknowledged, hence may be committed: it survives the leader.
    cluster.deliverAll();
    cluster.crash(0);
    elect(cluster, 1, [2]);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(namesOf(first, second));
  });

  test("if an existing entry conflicts with a new one, it and all that follow it are deleted", () => {
    const cluster = clusterWithDisks([{ log: [1, 3] }, { log: [1, 2, 2, 2] }, { log: [1] }]);
    inject(cluster, 0, 1, {
      type: "appendEntries", term: 3, prevLogIndex: 1, prevLogTerm: 1,
      entries: [{ term: 3, command: givenCommand(2, 3) }], leaderCommit: 0,
    });
    expect(termsOf(cluster, 1)).toEqual([1, 3]);
    expect(cluster.lives[1]!.replica.status()).toMatchObject({ term: 3, lastIndex: 2 });
    cluster.crash(1);
    cluster.restart(1);
    expect(cluster.lives[1]!.replica.status()).toMatchObject({ term: 3, lastIndex: 2 });
  });

  test("commitIndex = min(leaderCommit, index of last new entry): what lies behind need not be the leader's", () => {
    const cluster = clusterWithDisks([{ log: [1, 1] }, { log: [1, 2], commitIndex: 2 }, { log: [1, 2] }]);
    const heartbeat = { type: "appendEntries", term: 2, prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 2 } as const;
    inject(cluster, 1, 0, heartbeat);
    inject(cluster, 1, 0, { type: "commit", term: 2, commitIndex: 2 });
    expect(cluster.executed(0)).toEqual(namesOf(givenCommand(1, 1)));
    inject(cluster, 1, 0, { ...heartbeat, entries: [{ term: 2, command: givenCommand(2, 2) }] });
    expect(cluster.executed(0)).toEqual(namesOf(givenCommand(1, 1), givenCommand(2, 2)));
  });

  test("word of a commit from an older term is ignored", () => {
    const cluster = clusterWithDisks([{ log: [1, 1] }, { log: [1, 1], currentTerm: 4 }, { log: [] }]);
    inject(cluster, 0, 1, { type: "commit", term: 1, commitIndex: 2 });
    expect(cluster.executed(1)).toEqual([]);
  });
});

describe("§5.3, Figure 7: a leader of term 8 brings every log in line with its own", () => {
  const leader = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
  const followers = {
    a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
    b: [1, 1, 1, 4],
    c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    e: [1, 1, 1, 4, 4, 4, 4],
    f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };
  const [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6];

  const electedInTerm8 = () => {
    const logs = [leader, ...Object.values(followers)];
    const cluster = clusterWithDisks(logs.map((log) => ({ log, currentTerm: 7 })));
    cluster.fire(0, "election");
    cluster.deliverAll({ type: "requestVote" });
    return cluster;
  };

  test("a, b, e and f vote for it, c and d have more up-to-date logs", () => {
    const cluster = electedInTerm8();
    const granted = cluster.inFlight.filter(({ message }) => message.type === "vote" && message.voteGranted);
    expect(granted.map(({ from }) => from)).toEqual([a, b, e, f]);
    cluster.deliverAll({ type: "vote" });
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test("missing entries arrive, extra ones go", () => {
    const cluster = electedInTerm8();
    cluster.deliverAll();
    for (const follower of [a, b, c, d, e, f]) expect(termsOf(cluster, follower)).toEqual([...leader, 8]);
    for (const follower of [a, b, c, d, e, f]) expect(cluster.executed(follower)).toEqual(cluster.executed(0));
    expect(cluster.executed(0)).toHaveLength(leader.length);
  });

  test.each([
    { follower: a, mismatches: 1, matchesAt: 9, why: "one entry short" },
    { follower: b, mismatches: 1, matchesAt: 4, why: "six entries short" },
    { follower: c, mismatches: 0, matchesAt: 10, why: "an extra entry behind the leader's last" },
    { follower: d, mismatches: 0, matchesAt: 10, why: "two extra entries" },
    { follower: e, mismatches: 2, matchesAt: 5, why: "too short; then term 4, of which the leader has two entries" },
    { follower: f, mismatches: 2, matchesAt: 3, why: "term 3, then 2, of which the leader has none" },
  ])("nextIndex goes back a term at a time, not an entry: follower $follower, $why", ({ follower, mismatches, matchesAt }) => {
    const cluster = electedInTerm8();
    cluster.deliverAll({ type: "vote" });
    const tried: number[] = [];
    while (cluster.inFlight.some(({ to }) => to === follower)) {
      const { message } = cluster.deliver({ to: follower });
      if (message.type === "appendEntries") tried.push(message.prevLogIndex);
      cluster.deliverAll({ from: follower });
    }
    expect(tried).toHaveLength(mismatches + 1);
    expect(tried.at(-1)).toBe(matchesAt);
    expect(termsOf(cluster, follower)).toEqual([...leader, 8]);
  });
});

describe("§5.4.2, Figure 8: entries of previous terms are not committed by counting replicas", () => {
  const [s1, s2, s3, s4, s5] = [0, 1, 2, 3, 4] as const;

  /** (c): S1 leads term 4 and has brought its entry of term 2 to S3, hence to a majority. Its entry of term 4 is with S1. */
  const scheduleToC = () => {
    const cluster = clusterWithDisks([
      { log: [1, 2], currentTerm: 3 }, { log: [1, 2], currentTerm: 3 }, { log: [1], currentTerm: 3 },
      { log: [1], currentTerm: 3 }, { log: [1, 3] },
    ]);
    elect(cluster, s1, [s2, s3]);
    cluster.drop();
    // As a leader sends it that puts one entry into a message.
    const append = { type: "appendEntries", term: 4, leaderCommit: 0 } as const;
    inject(cluster, s1, s2, { ...append, prevLogIndex: 2, prevLogTerm: 2, entries: [] });
    inject(cluster, s1, s3, { ...append, prevLogIndex: 1, prevLogTerm: 1, entries: [{ term: 2, command: givenCommand(2, 2) }] });
    cluster.deliverAll({ type: "appended" });
    return cluster;
  };

  test("(c), (d): on a majority, yet not committed, and overwritten by S5", () => {
    const cluster = scheduleToC();
    expect([s1, s2, s3].map((server) => termsOf(cluster, server)[1])).toEqual([2, 2, 2]);
    expect(commitIndexOf(cluster, s1)).toBe(0);
    cluster.crash(s1);
    cluster.drop();
    // The first attempt only brings S5 to the term of the others; it still has the later last term.
    cluster.fire(s5, "election");
    cluster.deliverAll();
    cluster.fire(s5, "election");
    cluster.deliverAll();
    expect(roleOf(cluster, s5)).toBe("leader");
    for (const server of [s2, s3, s4]) expect(termsOf(cluster, server)).toEqual([1, 3, 5]);
    for (const server of [s2, s3, s4, s5]) {
      expect(cluster.executed(server)).toEqual(namesOf(givenCommand(1, 1), givenCommand(2, 3)));
    }
  });

  test("(e): once an entry of S1's own term is on a majority, all before it are committed, and S5 cannot win", () => {
    const cluster = scheduleToC();
    cluster.fire(s1, "heartbeat");
    cluster.drop({ to: s4 });
    cluster.drop({ to: s5 });
    cluster.deliverAll();
    expect(commitIndexOf(cluster, s1)).toBe(3);
    expect(cluster.executed(s1)).toEqual(namesOf(givenCommand(1, 1), givenCommand(2, 2)));
    cluster.crash(s1);
    for (let i = 0; i < 3; i++) {
      cluster.fire(s5, "election");
      cluster.deliverAll();
      expect(roleOf(cluster, s5)).toBe("candidate");
    }
  });

  test("§8: a leader begins with a no-op, and so commits what it inherited without waiting for a client", () => {
    const cluster = clusterWithDisks([{ log: [1, 1] }, { log: [1, 1] }, { log: [1] }]);
    elect(cluster, 0, [1]);
    expect(logOf(cluster, 0).at(-1)).toMatchObject({ term: 2, command: { id: 0 } });
    cluster.deliverAll();
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(namesOf(givenCommand(1, 1), givenCommand(2, 1)));
  });
});

describe("lost messages", () => {
  test("a heartbeat shows what was lost, and the leader sends it again", () => {
    const cluster = clusterWithLeader(3);
    const commands = [cluster.request(0, 1), cluster.request(0, 2)];
    cluster.drop({ to: 2 });
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual([]);
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(namesOf(...commands));
  });

  test("so does the first append of a term, when it is lost", () => {
    const cluster = newCluster(3);
    cluster.deliverAll({ type: "requestVote" });
    cluster.deliverAll({ type: "vote" });
    expect(cluster.drop({ type: "appendEntries" })).toBe(2);
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect([0, 1, 2].map((replica) => commitIndexOf(cluster, replica))).toEqual([1, 1, 1]);
  });

  test("and lost acknowledgements are given again", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(0, 1);
    cluster.deliverAll({ type: "appendEntries" });
    cluster.drop({ type: "appended" });
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect(cluster.executed(0)).toEqual(namesOf(command));
  });

  test("when a link stands again, what is unacknowledged goes out at once", () => {
    const cluster = clusterWithLeader(3);
    cluster.link(0, 2, false);
    const commands = [cluster.request(0, 1), cluster.request(0, 2)];
    expect(cluster.inFlight.filter(({ to }) => to === 2)).toEqual([]);
    cluster.deliverAll();
    cluster.link(0, 2, true);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(namesOf(...commands));
  });

  test("many refusals of one gap cause one retry", () => {
    const cluster = clusterWithLeader(3);
    cluster.request(0, 0);
    cluster.drop({ to: 2 });
    for (let key = 1; key <= 5; key++) cluster.request(0, key);
    cluster.deliverAll({ to: 2 });
    expect(messagesOf(cluster, "mismatch")).toHaveLength(5);
    cluster.deliverAll({ from: 2, type: "mismatch" });
    expect(cluster.inFlight.filter(({ to, message }) => to === 2 && message.type === "appendEntries")).toHaveLength(1);
  });
});

describe("bounds", () => {
  test("a laggard catches up in messages of at most 512 entries", () => {
    const cluster = clusterWithLeader(3);
    cluster.link(0, 2, false);
    for (let key = 0; key < 2000; key++) cluster.request(0, key);
    cluster.deliverAll();
    cluster.link(0, 2, true);
    let largest = 0;
    while (cluster.inFlight.length > 0) {
      const { message } = cluster.deliver();
      if (message.type === "appendEntries") largest = Math.max(largest, message.entries.length);
    }
    expect(largest).toBe(512);
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
    expect(cluster.executed(2)).toHaveLength(2000);
  });

  test("a follower that does not answer gets at most 4096 entries, the others go on", () => {
    const cluster = clusterWithLeader(3);
    let sent = 0;
    for (let key = 0; key < 5000; key++) {
      cluster.request(0, key);
      sent += cluster.drop({ to: 2, type: "appendEntries" });
      cluster.deliverAll({ to: 1 });
      cluster.deliver({ from: 1, type: "appended" });
      cluster.drop({ to: 2, type: "commit" });
    }
    expect(sent).toBe(4096);
    expect(cluster.executed(0)).toHaveLength(5000);
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(cluster.executed(0));
  });

  test("a leader without a majority keeps 4096 uncommitted entries, the next 65,536 commands wait, further ones are rejected", () => {
    const cluster = clusterWithLeader(3);
    for (let key = 0; key < 4096 + 65_536; key++) cluster.request(0, key);
    expect(cluster.lives[0]!.rejected).toEqual([]);
    const last = cluster.request(0, 0);
    expect(cluster.lives[0]!.rejected).toEqual([last]);
    expect(cluster.lives[0]!.replica.status()).toMatchObject({ lastIndex: 4097 });
  });

  test("commands that waited for the leader's window follow when there is room", () => {
    const cluster = clusterWithLeader(3);
    for (let key = 0; key < 4096 + 10; key++) cluster.request(0, key);
    cluster.drop({ to: 2 });
    cluster.deliverAll();
    expect(cluster.executed(1)).toHaveLength(4096 + 10);
  });
});

describe("§8 clients, at any replica", () => {
  test("a follower forwards to the leader it knows", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(2, 1);
    expect(cluster.lives[2]!.forwarded).toEqual([{ to: 0, command }]);
  });

  test("a replica that knows no leader keeps commands until it does", () => {
    const cluster = newCluster(3);
    const [atFollower, atCandidate] = [cluster.request(1, 1), cluster.request(0, 2)];
    expect(cluster.lives[1]!.forwarded).toEqual([]);
    cluster.deliverAll();
    expect(cluster.lives[1]!.forwarded).toEqual([{ to: 0, command: atFollower }]);
    expect(cluster.executed(0)).toEqual(namesOf(atCandidate));
  });

  test("a leader that was deposed forwards to its successor", () => {
    const cluster = clusterWithLeader(3);
    elect(cluster, 1, [2]);
    cluster.deliverAll();
    const command = cluster.request(0, 1);
    expect(cluster.lives[0]!.forwarded).toEqual([{ to: 1, command }]);
  });

  test("what a cut-off leader appended is not executed when its successor overwrites it", () => {
    const cluster = clusterWithLeader(3);
    cluster.request(0, 1);
    cluster.drop();
    elect(cluster, 1, [2]);
    const command = cluster.request(1, 2);
    cluster.deliverAll();
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(namesOf(command));
  });
});

describe("§5.5 restart", () => {
  test("a replica that restarts has its term, vote and log, and executes what it knew to be committed", () => {
    const cluster = clusterWithLeader(3);
    const commands = [cluster.request(0, 1), cluster.request(0, 2)];
    cluster.deliverAll();
    cluster.fire(0, "heartbeat");
    cluster.deliverAll();
    for (const replica of [0, 1]) {
      const before = cluster.lives[replica]!.replica.status();
      cluster.crash(replica);
      cluster.restart(replica);
      expect(cluster.lives[replica]!.replica.status()).toEqual({ ...before, role: "follower" });
      expect(cluster.executed(replica)).toEqual(namesOf(...commands));
    }
  });

  test("a leader that restarts waits like any other", () => {
    const cluster = clusterWithLeader(3);
    cluster.crash(0);
    cluster.restart(0);
    expect(cluster.inFlight).toEqual([]);
    expect(cluster.lives[0]!.timers.get("election")).toBeGreaterThanOrEqual(1000 * millisecond);
  });

  test("entries that were on the disk but not committed are committed by the next leader", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(0, 1);
    cluster.deliver({ to: 1, type: "appendEntries" });
    for (const replica of [0, 1, 2]) cluster.crash(replica);
    cluster.drop();
    for (const replica of [0, 1, 2]) cluster.restart(replica);
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual([]);
    elect(cluster, 1, [2]);
    cluster.deliverAll();
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(namesOf(command));
  });
});
