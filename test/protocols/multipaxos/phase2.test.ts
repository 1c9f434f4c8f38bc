/** "Paxos Made Simple" §2.2, phase 2, pipelined as in §3: votes, decisions, the window, what is sent again. */
import { describe, expect, test } from "vitest";
import {
  b, campaign, clusterWithDisks, clusterWithLeader, electionTimeout, inject, messagesOf, nameOf, proposals, roleOf, statusOf, v,
  type PaxosCluster,
} from "./support.ts";

/** As in replica.ts. */
const maxInFlight = 4096;
const maxPending = 65_536;

const accept = (cluster: PaxosCluster, slot: number, ...replicas: number[]): void => {
  for (const from of replicas) inject(cluster, from, 0, { type: "accepted", ballot: statusOf(cluster, 0).ballot, slot });
};

/** Time passes, and the leader beats; nobody hears it. */
const heartbeat = (cluster: PaxosCluster, after: number): void => {
  cluster.pass(after);
  cluster.fire(0, "heartbeat");
  cluster.drop({ type: "heartbeat" });
};

/** The leader has as many undecided slots as it may. */
const full = (): PaxosCluster => {
  const cluster = clusterWithLeader(3);
  for (let i = 0; i < maxInFlight; i++) cluster.request(0, i);
  return cluster;
};

describe("a slot is decided", () => {
  test.each([[1, 0], [2, 1], [3, 1], [4, 2], [5, 2], [7, 3]])("of %i replicas, with %i votes beside the leader's own", (replicas, needed) => {
    const cluster = clusterWithLeader(replicas);
    const command = cluster.request(0, 1);
    for (let voter = 1; voter <= needed; voter++) {
      expect(cluster.executed(0)).toEqual([]);
      accept(cluster, 0, voter);
    }
    expect(cluster.executed(0)).toEqual([nameOf(command)]);
  });

  test("by replicas, not messages", () => {
    const cluster = clusterWithLeader(5);
    cluster.request(0, 1);
    accept(cluster, 0, 1, 1, 1, 1, 0);
    expect(cluster.executed(0)).toEqual([]);
  });

  test("by votes of the leader's present ballot alone", () => {
    const cluster = clusterWithLeader(3);
    cluster.fire(1, "election");
    cluster.deliverAll();
    cluster.fire(0, "election");
    cluster.deliverAll();
    expect(statusOf(cluster, 0)).toMatchObject({ role: "leader", ballot: b(3, 0) });
    const command = cluster.request(0, 1);
    inject(cluster, 2, 0, { type: "accepted", ballot: b(1, 0), slot: 0 });
    expect(cluster.executed(0)).toEqual([]);
    accept(cluster, 0, 2);
    expect(cluster.executed(0)).toEqual([nameOf(command)]);
  });

  test("in any order, and executed in the order of the log", () => {
    const cluster = clusterWithLeader(3);
    const commands = [1, 2, 3].map((key) => nameOf(cluster.request(0, key)));
    accept(cluster, 2, 1);
    accept(cluster, 1, 1);
    expect(cluster.executed(0)).toEqual([]);
    accept(cluster, 0, 1);
    expect(cluster.executed(0)).toEqual(commands);
    accept(cluster, 0, 2); // one more vote than it took
    expect(cluster.executed(0)).toEqual(commands);
    cluster.deliverAll();
    for (const replica of [1, 2]) expect(cluster.executed(replica)).toEqual(commands);
  });

  test("with the leader's own vote still on its way to disk", () => {
    const cluster = clusterWithDisks([{ promised: b(1, 0) }, {}, {}, {}, {}]);
    campaign(cluster, 0, [1, 2]);
    const command = cluster.request(0, 1);
    accept(cluster, 0, 3, 4);
    expect(cluster.executed(0)).toEqual([nameOf(command)]);
  });
});

describe("an acceptor", () => {
  test("accepts a ballot above its promise, and answers a repeated accept without writing it again", () => {
    const cluster = clusterWithDisks([{}, {}, {}]);
    const message = { type: "accept", ballot: b(3, 0), slot: 7, command: v(1) } as const;
    inject(cluster, 0, 1, message);
    const { journal } = cluster.lives[1]!;
    expect(journal).toEqual([
      { type: "promised", ballot: b(3, 0) },
      { type: "accepted", ballot: b(3, 0), slot: 7, command: v(1) },
    ]);
    inject(cluster, 0, 1, message);
    expect(journal).toHaveLength(2);
    expect(messagesOf(cluster, "accepted", 1, 0)).toEqual([3, 3].map(() => ({ type: "accepted", ballot: b(3, 0), slot: 7 })));
  });

  test("takes a higher ballot's command in place of a lower one's, and never the other way", () => {
    const cluster = clusterWithDisks([{}, { accepted: { 0: [b(2, 0), v(1)] } }, {}]);
    inject(cluster, 2, 1, { type: "accept", ballot: b(3, 2), slot: 0, command: v(2) });
    inject(cluster, 0, 1, { type: "accept", ballot: b(2, 0), slot: 0, command: v(1) });
    cluster.drop();
    inject(cluster, 0, 1, { type: "prepare", ballot: b(9, 0), from: 0 });
    expect(messagesOf(cluster, "promise")[0]!.accepted).toEqual([{ slot: 0, ballot: b(3, 2), command: v(2) }]);
  });
});

describe("accepts that were lost", () => {
  test("are sent again after an election timeout without a decision, to those who have not voted", () => {
    const cluster = clusterWithLeader(5);
    const commands = [1, 2].map((key) => nameOf(cluster.request(0, key)));
    cluster.drop({ type: "accept" });
    accept(cluster, 1, 3);
    heartbeat(cluster, electionTimeout - 1);
    expect(messagesOf(cluster, "accept")).toEqual([]);
    heartbeat(cluster, 1);
    const both = commands.map((name, slot) => `${slot}: ${name}`);
    expect([1, 2, 3, 4].map((to) => proposals(cluster, 0, to))).toEqual([both, both, [both[0]], both]);
    cluster.deliverAll();
    for (let replica = 0; replica < 5; replica++) expect(cluster.executed(replica)).toEqual(commands);
  });

  test("are sent again once a timeout, not with every heartbeat", () => {
    const cluster = clusterWithLeader(3);
    cluster.request(0, 1);
    heartbeat(cluster, electionTimeout);
    expect(cluster.drop({ type: "accept" })).toBe(4);
    heartbeat(cluster, electionTimeout / 2);
    expect(messagesOf(cluster, "accept")).toEqual([]);
    heartbeat(cluster, electionTimeout / 2);
    expect(messagesOf(cluster, "accept")).toHaveLength(2);
  });

  test("are told from those that are young: a quiet leader gives a new command its time", () => {
    const cluster = clusterWithLeader(3);
    heartbeat(cluster, electionTimeout - 10);
    cluster.request(0, 1);
    cluster.drop({ type: "accept" });
    heartbeat(cluster, 10);
    expect(messagesOf(cluster, "accept")).toEqual([]);
    heartbeat(cluster, electionTimeout - 10);
    expect(messagesOf(cluster, "accept")).toHaveLength(2);
  });
});

describe("the window", () => {
  test("holds so many undecided slots; what waits goes in as slots are decided, in order", () => {
    const cluster = full();
    const waiting = [1, 2, 3].map((key) => nameOf(cluster.request(0, key)));
    expect(messagesOf(cluster, "accept", 0, 1)).toHaveLength(maxInFlight);
    cluster.drop();
    accept(cluster, 0, 1);
    accept(cluster, 1, 1);
    expect(proposals(cluster, 0, 1)).toEqual([`${maxInFlight}: ${waiting[0]}`, `${maxInFlight + 1}: ${waiting[1]}`]);
  });

  test("is also for what a new leader has to finish: clients wait until there is room", () => {
    const cluster = full();
    cluster.deliverAll({ to: 1, type: "accept" });
    cluster.crash(0);
    cluster.drop();
    campaign(cluster, 2, [1]);
    const command = cluster.request(2, 9);
    expect(messagesOf(cluster, "accept", 2, 1)).toHaveLength(maxInFlight);
    cluster.deliverAll();
    expect(cluster.executed(2)).toHaveLength(maxInFlight + 1);
    expect(cluster.executed(1)).toEqual(cluster.executed(2));
    expect(cluster.executed(2).at(-1)).toBe(nameOf(command));
  });

  test("has a bounded queue behind it; beyond, a client gets a definite no", () => {
    const cluster = full();
    cluster.drop();
    for (let i = 0; i < maxPending; i++) cluster.request(0, i);
    const { rejected } = cluster.lives[0]!;
    expect(rejected).toEqual([]);
    const command = cluster.request(0, 1);
    expect(rejected).toEqual([command]);
    expect(roleOf(cluster, 0)).toBe("leader");
  });
});
