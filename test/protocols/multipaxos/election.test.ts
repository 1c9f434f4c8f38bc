/** The distinguished proposer (§2.4), whose election the paper leaves open; and where commands wait meanwhile. */
import { UsageError } from "paxbench";
import { describe, expect, test } from "vitest";
import multipaxos from "../../../protocols/multipaxos/index.ts";
import {
  b, campaign, clusterWithDisks, clusterWithLeader, electionTimeout, inject, messagesOf, nameOf, newCluster, proposals, roleOf, statusOf,
} from "./support.ts";

describe("an election", () => {
  test("in a new cluster begins at the initial leader at once, at the others after a timeout drawn from once to twice its length", () => {
    const cluster = newCluster(7);
    expect([0, 1, 2].map((replica) => roleOf(cluster, replica))).toEqual(["candidate", "follower", "follower"]);
    const timeouts = [1, 2, 3, 4, 5, 6].map((replica) => cluster.lives[replica]!.timers.get("election")!);
    for (const timeout of timeouts) {
      expect(timeout).toBeGreaterThanOrEqual(electionTimeout);
      expect(timeout).toBeLessThan(2 * electionTimeout);
    }
    expect(new Set(timeouts).size).toBe(timeouts.length);
  });

  test("makes a leader that beats and waits for no election, and followers that do the opposite", () => {
    const cluster = clusterWithLeader(3);
    const timers = (): string[][] => cluster.lives.map((life) => [...life.timers.keys()]);
    expect(timers()).toEqual([["heartbeat"], ["election"], ["election"]]);
    cluster.request(0, 1);
    cluster.deliverAll();
    expect(timers()).toEqual([["heartbeat"], ["election"], ["election"]]);
    expect(cluster.lives[0]!.notes).toEqual([{ note: "leader", value: b(1, 0) }]);
  });

  test("begins again, in a higher ballot, if it came to nothing", () => {
    const cluster = newCluster(3);
    cluster.drop();
    cluster.fire(0, "election");
    expect(statusOf(cluster, 0)).toMatchObject({ role: "candidate", ballot: b(2, 0) });
    cluster.deliverAll();
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test.each<[string, (timeout: number) => Parameters<typeof inject>[3], boolean]>([
    ["a heartbeat", () => ({ type: "heartbeat", ballot: b(1, 0), upTo: 0 }), true],
    ["an accept", () => ({ type: "accept", ballot: b(1, 0), slot: 0, command: { ...noCommand } }), true],
    ["a prepare it grants", () => ({ type: "prepare", ballot: b(2, 2), from: 0 }), true],
    ["a prepare it refuses", () => ({ type: "prepare", ballot: b(0, 2), from: 0 }), false],
    ["a heartbeat of the past", () => ({ type: "heartbeat", ballot: b(0, 2), upTo: 0 }), false],
  ])("is put off by %s: %2$s", (_, message, putOff) => {
    const cluster = clusterWithLeader(3);
    const before = cluster.lives[1]!.timers.get("election")!;
    cluster.pass(2 * electionTimeout);
    inject(cluster, 2, 1, message(before));
    expect(cluster.lives[1]!.timers.get("election")! > before).toBe(putOff);
  });
});

const noCommand = { id: 33 as never, readOnly: false, keys: [], payload: new Uint8Array(0) };

describe("a leader steps down", () => {
  test.each<[string, Parameters<typeof inject>[3]]>([
    ["told that it is preempted", { type: "preempted", ballot: b(4, 1) }],
    ["asked for a promise above its ballot", { type: "prepare", ballot: b(4, 1), from: 0 }],
    ["by the heartbeat of a later leader", { type: "heartbeat", ballot: b(4, 1), upTo: 0 }],
    ["by a decision of a later leader", { type: "decide", ballot: b(4, 1), upTo: 0 }],
    ["by an accept of a later leader", { type: "accept", ballot: b(4, 1), slot: 0, command: noCommand }],
  ])("%s; its next campaign is above that", (_, message) => {
    const cluster = clusterWithLeader(3);
    inject(cluster, 1, 0, message);
    expect(roleOf(cluster, 0)).toBe("follower");
    expect([...cluster.lives[0]!.timers.keys()]).toEqual(["election"]);
    cluster.fire(0, "election");
    expect(statusOf(cluster, 0)).toMatchObject({ role: "candidate", ballot: b(5, 0) });
  });

  test("not for word of a ballot below its own, or of its own", () => {
    const cluster = clusterWithLeader(3);
    for (const ballot of [b(0, 2), b(1, 0)]) inject(cluster, 1, 0, { type: "preempted", ballot });
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test("and finds out by its own heartbeat that others went on", () => {
    const cluster = clusterWithLeader(3);
    campaign(cluster, 1, [2]);
    cluster.drop();
    cluster.fire(0, "heartbeat");
    cluster.deliver({ from: 0, to: 1, type: "heartbeat" });
    cluster.deliver({ from: 1, to: 0, type: "preempted" });
    expect(roleOf(cluster, 0)).toBe("follower");
  });
});

describe("a command that arrives", () => {
  test("at a follower goes to the leader it heard last", () => {
    const cluster = clusterWithLeader(3);
    const command = cluster.request(1, 1);
    expect(cluster.lives[1]!.forwarded).toEqual([{ to: 0, command }]);
    inject(cluster, 2, 1, { type: "heartbeat", ballot: b(2, 2), upTo: 0 });
    cluster.request(1, 1);
    expect(cluster.lives[1]!.forwarded.at(-1)?.to).toBe(2);
  });

  test("while nobody leads waits, and goes to whoever comes to lead", () => {
    const cluster = newCluster(3);
    const commands = [0, 1, 2].map((replica) => cluster.request(replica, 1));
    expect(cluster.lives.map(({ forwarded }) => forwarded)).toEqual([[], [], []]);
    cluster.deliver({ to: 1, type: "prepare" });
    cluster.deliver({ from: 1, to: 0, type: "promise" });
    expect(proposals(cluster, 0, 1)).toEqual([`0: ${nameOf(commands[0]!)}`]);
    cluster.deliverAll();
    for (const replica of [1, 2]) expect(cluster.lives[replica]!.forwarded).toEqual([{ to: 0, command: commands[replica] }]);
  });

  test("at a leader that stepped down waits for the next one, and goes there once", () => {
    const cluster = clusterWithLeader(3);
    inject(cluster, 1, 0, { type: "prepare", ballot: b(4, 1), from: 0 });
    const command = cluster.request(0, 1);
    for (let i = 0; i < 2; i++) inject(cluster, 1, 0, { type: "heartbeat", ballot: b(4, 1), upTo: 0 });
    expect(cluster.lives[0]!.forwarded).toEqual([{ to: 1, command }]);
  });

  test("is not sent to the leader of an older ballot while somebody campaigns", () => {
    const cluster = clusterWithLeader(3);
    inject(cluster, 2, 1, { type: "prepare", ballot: b(4, 2), from: 0 });
    cluster.request(1, 1);
    expect(cluster.lives[1]!.forwarded).toEqual([]);
  });
});

test("a replica that restarts among strangers neither campaigns at once nor follows anybody", () => {
  const cluster = clusterWithDisks([{ promised: b(1, 0) }, {}, {}]);
  expect(roleOf(cluster, 0)).toBe("follower");
  cluster.request(0, 1);
  expect(cluster.lives[0]!.forwarded).toEqual([]);
  expect(messagesOf(cluster, "prepare")).toEqual([]);
});

describe("options", () => {
  test.each([[100, 1000], [100, 101]])("heartbeat %i goes with electionTimeout %i", (heartbeat, electionTimeout) => {
    expect(() => multipaxos.validate!(3, { heartbeat, electionTimeout, phase2Quorum: 3, trim: 512, keep: 1024 })).not.toThrow();
  });

  test.each([[100, 100], [100, 20]])("heartbeat %i does not go with electionTimeout %i: every follower would campaign", (heartbeat, electionTimeout) => {
    expect(() => multipaxos.validate!(3, { heartbeat, electionTimeout, phase2Quorum: 0, trim: 512, keep: 1024 })).toThrow(
      new UsageError(`multipaxos: electionTimeout=${electionTimeout}: allowed is more than heartbeat=100`),
    );
  });

  test("more acceptors than there are cannot decide", () => {
    expect(() => multipaxos.validate!(3, { heartbeat: 100, electionTimeout: 1000, phase2Quorum: 4, trim: 512, keep: 1024 })).toThrow(
      new UsageError("multipaxos: phase2Quorum=4: allowed are at most the 3 replicas"),
    );
  });
});
