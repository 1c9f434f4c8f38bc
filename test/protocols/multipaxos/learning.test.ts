/** "Paxos Made Simple" §2.3: how replicas that do not lead come to know, and execute, what was chosen. */
import { describe, expect, test } from "vitest";
import {
  b, campaign, clusterWithDisks, clusterWithLeader, electionTimeout, inject, messagesOf, nameOf, proposals, statusOf, v, type PaxosCluster,
} from "./support.ts";

/** As in replica.ts. */
const learnChunk = 512;

/** The leader executes `count` commands of which replica 2 hears nothing. */
const clusterWithLaggard = (count: number): { cluster: PaxosCluster; commands: string[] } => {
  const cluster = clusterWithLeader(3);
  const commands = Array.from({ length: count }, (_, key) => {
    const command = cluster.request(0, key);
    for (const to of [1, 0, 1]) cluster.deliverAll({ to });
    cluster.drop({ to: 2 });
    return nameOf(command);
  });
  return { cluster, commands };
};

const heartbeat = (cluster: PaxosCluster): void => {
  cluster.fire(0, "heartbeat");
  cluster.deliver({ from: 0, to: 2, type: "heartbeat" });
};

describe("word of a decision", () => {
  const decide = { type: "decide", ballot: b(2, 0), upTo: 2 } as const;

  test.each([
    ["executes what was accepted in the same ballot", [b(2, 0), b(2, 0)], 2],
    ["does not execute what was accepted in an older one", [b(1, 1), b(2, 0)], 0],
    ["stops at the first slot of an older one", [b(2, 0), b(1, 1)], 1],
  ] as const)("%s; for the rest the leader is asked", (_, [first, second], executed) => {
    const cluster = clusterWithDisks([{}, { accepted: { 0: [first, v(0)], 1: [second, v(1)] } }, {}]);
    inject(cluster, 0, 1, decide);
    expect(cluster.executed(1)).toEqual([v(0), v(1)].slice(0, executed).map(nameOf));
    expect(messagesOf(cluster, "learn", 1, 0)).toEqual(executed === 2 ? [] : [{ type: "learn", from: executed }]);
  });

  test("stops at a slot that was never accepted here", () => {
    const cluster = clusterWithDisks([{}, { accepted: { 1: [b(2, 0), v(1)] } }, {}]);
    inject(cluster, 0, 1, decide);
    expect(cluster.executed(1)).toEqual([]);
  });

  test("from a leader of the past is not heard", () => {
    const cluster = clusterWithDisks([{}, { accepted: { 0: [b(1, 0), v(0)] }, promised: b(3, 2) }, {}]);
    inject(cluster, 0, 1, { type: "decide", ballot: b(1, 0), upTo: 1 });
    expect(cluster.executed(1)).toEqual([]);
  });

  test("of a command that lost its slot does not execute it: old leader, new leader, laggard", () => {
    const cluster = clusterWithLeader(3);
    const lost = cluster.request(0, 1); // accepted at 0 alone
    cluster.drop();
    campaign(cluster, 1, [2]);
    const chosen = cluster.request(1, 1);
    cluster.drop({ to: 0 });
    cluster.deliverAll({ from: 1, to: 2 });
    cluster.deliver({ from: 2, to: 1, type: "accepted" });
    cluster.deliver({ from: 1, to: 0, type: "decide" });
    expect(cluster.executed(0)).toEqual([]);
    cluster.deliverAll();
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual([nameOf(chosen)]);
    expect(cluster.executed(0)).not.toContain(nameOf(lost));
  });
});

describe("a laggard", () => {
  test("catches up in chunks, one after the other, and asks no more when it is there", () => {
    const { cluster, commands } = clusterWithLaggard(2 * learnChunk + 10);
    heartbeat(cluster);
    const chunks: number[] = [];
    while (messagesOf(cluster, "learn").length > 0) {
      cluster.deliver({ from: 2, to: 0, type: "learn" });
      chunks.push(messagesOf(cluster, "learned")[0]!.commands.length);
      cluster.deliver({ from: 0, to: 2, type: "learned" });
    }
    expect(chunks).toEqual([learnChunk, learnChunk, 10]);
    expect(cluster.executed(2)).toEqual(commands);
  });

  test("has one question open at a time, and asks again after an election timeout", () => {
    const { cluster, commands } = clusterWithLaggard(3);
    heartbeat(cluster);
    cluster.drop({ type: "learn" });
    heartbeat(cluster);
    expect(messagesOf(cluster, "learn")).toEqual([]);
    cluster.pass(electionTimeout);
    heartbeat(cluster);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(commands);
  });

  test("executes nothing twice, however often and late it is told", () => {
    const { cluster, commands } = clusterWithLaggard(3);
    const told = (from: number) => ({
      type: "learned" as const, ballot: b(1, 0), from, commands: cluster.lives[0]!.executed.slice(from),
    });
    inject(cluster, 0, 2, told(1)); // not from where it stands
    expect(cluster.executed(2)).toEqual([]);
    for (const from of [0, 0, 2, 1]) inject(cluster, 0, 2, told(from));
    expect(cluster.executed(2)).toEqual(commands);
  });

  test("keeps what it learned: after a restart it answers a prepare with it, in the ballot of the leader that told", () => {
    const { cluster, commands } = clusterWithLaggard(2);
    heartbeat(cluster);
    cluster.deliverAll();
    cluster.crash(2);
    cluster.restart(2);
    inject(cluster, 1, 2, { type: "prepare", ballot: b(5, 1), from: 0 });
    expect(messagesOf(cluster, "promise", 2, 1)[0]!.accepted.map(({ ballot, command }) => [ballot, nameOf(command)])).toEqual(
      commands.map((name) => [b(1, 0), name]),
    );
  });

  test("that learns from a leader follows it: an older ballot's accept is refused, not compared", () => {
    // 2 asked the leader of ballot 9, and restarted before the answer. An accept of ballot 7 comes late.
    const cluster = clusterWithDisks([{}, {}, {}]);
    inject(cluster, 0, 2, { type: "learned", ballot: b(9, 0), from: 0, commands: [v(1)] });
    inject(cluster, 1, 2, { type: "accept", ballot: b(7, 1), slot: 0, command: v(2) });
    expect(messagesOf(cluster, "accepted")).toEqual([]);
    expect(messagesOf(cluster, "preempted", 2, 1)).toEqual([{ type: "preempted", ballot: b(9, 0) }]);
    expect(cluster.executed(2)).toEqual([nameOf(v(1))]);
    cluster.crash(2);
    cluster.restart(2);
    expect(statusOf(cluster, 2).ballot).toBe(b(9, 0));
  });

  test("that does not lead is not asked, and does not answer", () => {
    const { cluster } = clusterWithLaggard(1);
    inject(cluster, 2, 1, { type: "learn", from: 0 });
    expect(messagesOf(cluster, "learned")).toEqual([]);
  });

  test("that comes to lead proposes what it missed, and executes it in order", () => {
    const { cluster, commands } = clusterWithLaggard(3);
    cluster.crash(0);
    campaign(cluster, 2, [1]);
    expect(proposals(cluster, 2, 1)).toEqual(commands.map((name, slot) => `${slot}: ${name}`));
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual(commands);
  });
});

describe("a restarted replica", () => {
  test("executes at once what it knew to be decided, and the rest when it hears of it", () => {
    const cluster = clusterWithLeader(3);
    const early = [1, 2].map((key) => nameOf(cluster.request(0, key)));
    cluster.deliverAll();
    heartbeat(cluster); // it is then that decisions are journaled
    const late = [3, 4].map((key) => nameOf(cluster.request(0, key)));
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual([...early, ...late]);
    cluster.crash(2);
    cluster.restart(2);
    expect(cluster.executed(2)).toEqual(early);
    heartbeat(cluster);
    cluster.deliverAll();
    expect(cluster.executed(2)).toEqual([...early, ...late]);
  });

  test("writes down a decision once, however many heartbeats say it", () => {
    const cluster = clusterWithLeader(3);
    cluster.request(0, 1);
    cluster.deliverAll();
    for (let i = 0; i < 3; i++) heartbeat(cluster);
    cluster.crash(2);
    cluster.restart(2);
    heartbeat(cluster);
    for (const replica of [0, 2]) {
      expect(cluster.lives[replica]!.journal.filter(({ type }) => type === "decided")).toEqual([{ type: "decided", upTo: 1 }]);
    }
  });
});
