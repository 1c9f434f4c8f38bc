/** "Paxos Made Simple" §2.2, phase 1, and §3: what a proposer must adopt, what an acceptor must remember. */
import { noop, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  b, campaign, clusterWithDisks, clusterWithLeader, inject, messagesOf, nameOf, newCluster, proposals, replicaWithSlowDisk, roleOf,
  statusOf, v, type Disk,
} from "./support.ts";

describe("a new leader proposes the command of the highest-numbered proposal that its majority accepted", () => {
  interface Case {
    readonly disks: readonly Disk[];
    readonly candidate: ReplicaId;
    readonly voters: readonly ReplicaId[];
    readonly proposed: readonly string[];
  }
  const [v1, v2, v3] = [v(1), v(2), v(3)];
  const [one, two] = [nameOf(v1), nameOf(v2)];

  test.each<[string, Case]>([
    [
      "what may be chosen, and not its own",
      {
        disks: [{ accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(1, 0), v1] } }, {}],
        candidate: 2, voters: [1], proposed: [`0: ${one}`],
      },
    ],
    [
      "not its own, when another's is higher",
      {
        disks: [{ accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(2, 1), v2] } }, { accepted: { 0: [b(2, 1), v2] } }],
        candidate: 0, voters: [1], proposed: [`0: ${two}`],
      },
    ],
    [
      "its own, when that is the highest",
      {
        disks: [{ accepted: { 0: [b(3, 0), v3] } }, { accepted: { 0: [b(2, 1), v2] } }, {}],
        candidate: 0, voters: [1], proposed: [`0: ${nameOf(v3)}`],
      },
    ],
    [
      "the highest ballot, and not the most frequent command",
      {
        disks: [{ accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(2, 2), v2] } }, {}, {}],
        candidate: 3, voters: [2, 1], proposed: [`0: ${two}`],
      },
    ],
    [
      "the highest ballot, and not the last answer",
      {
        disks: [{ accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(2, 2), v2] } }, {}, {}],
        candidate: 0, voters: [2, 1], proposed: [`0: ${two}`],
      },
    ],
    [
      "the highest ballot, whoever answers first",
      {
        disks: [{ accepted: { 0: [b(1, 0), v1] } }, { accepted: { 0: [b(2, 2), v2] } }, { accepted: { 0: [b(2, 2), v2] } }, {}, {}],
        candidate: 4, voters: [0, 2], proposed: [`0: ${two}`],
      },
    ],
    [
      "slot by slot, no-ops in the gaps, from answers that know different slots",
      {
        disks: [{ accepted: { 1: [b(1, 0), v1] } }, { accepted: { 1: [b(2, 1), v2], 4: [b(1, 0), v3] } }, {}],
        candidate: 0, voters: [1], proposed: ["0: no-op", `1: ${two}`, "2: no-op", "3: no-op", `4: ${nameOf(v3)}`],
      },
    ],
    ["nothing, when nothing was accepted", { disks: [{}, {}, {}], candidate: 1, voters: [2], proposed: [] }],
  ])("%s", (_, { disks, candidate, voters, proposed }) => {
    // The candidate heard of some later ballot, so that nobody preempts it.
    const cluster = clusterWithDisks(disks.map((disk, replica) => (replica === candidate ? { ...disk, promised: b(9, 0) } : disk)));
    campaign(cluster, candidate, voters);
    expect(roleOf(cluster, candidate)).toBe("leader");
    expect(proposals(cluster, candidate, (candidate + 1) % disks.length)).toEqual(proposed);
  });

  test("new commands go into slots above all that its majority knows", () => {
    const cluster = clusterWithDisks([
      { accepted: { 0: [b(1, 0), v1] } },
      { accepted: { 0: [b(1, 0), v1], 1: [b(1, 0), v2], 5: [b(1, 0), v3] } },
      {},
    ]);
    campaign(cluster, 0, [1]);
    const command = cluster.request(0, 1);
    expect(proposals(cluster, 0, 2).at(-1)).toBe(`6: ${nameOf(command)}`);
  });

  test("promises of two hundred thousand slots are not too many", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 3);
    const ballot = b(1, 0);
    const accepted = Array.from({ length: 200_000 }, (_, slot) => ({ slot, ballot: b(0, 1), command: noop }));
    replica.onMessage(0, { type: "promise", ballot, accepted: [] });
    takeCaused();
    replica.onMessage(1, { type: "promise", ballot, accepted });
    expect(takeCaused().filter((line) => line === "ahead accept 2")).toHaveLength(200_000);
  });
});

test("where two of five decide, nobody leads without four promises: one of them knows what was decided", () => {
  const cluster = newCluster(5, { phase2Quorum: "2" });
  cluster.deliverAll();
  const command = cluster.request(0, 1);
  cluster.deliver({ to: 1, type: "accept" });
  cluster.deliver({ from: 1, to: 0, type: "accepted" });
  expect(cluster.executed(0)).toEqual([nameOf(command)]);
  cluster.crash(0);
  cluster.drop();
  campaign(cluster, 2, [3, 4]);
  expect(roleOf(cluster, 2)).toBe("candidate");
  campaign(cluster, 2, [3, 4, 1]);
  expect(roleOf(cluster, 2)).toBe("leader");
  cluster.deliverAll();
  for (const replica of [1, 2, 3, 4]) expect(cluster.executed(replica)).toEqual([nameOf(command)]);
});

test("a chosen command outlives its leader: the next one proposes and executes it", () => {
  const cluster = clusterWithLeader(3);
  const command = cluster.request(0, 1);
  cluster.deliver({ to: 1, type: "accept" });
  cluster.deliver({ from: 1, to: 0, type: "accepted" });
  expect(cluster.executed(0)).toEqual([nameOf(command)]);
  cluster.crash(0);
  cluster.drop();
  const other = cluster.request(2, 1);
  campaign(cluster, 2, [1]);
  cluster.deliverAll();
  for (const replica of [1, 2]) expect(cluster.executed(replica)[0]).toBe(nameOf(command));
  expect(cluster.executed(1)).toEqual(cluster.executed(2));
  expect(cluster.executed(2)).not.toContain(nameOf(other)); // it was forwarded to the leader that had crashed
});

describe("a promise reports", () => {
  test("the ballot in which a command was accepted, not the one promised since", () => {
    const [v1, v2] = [v(1), v(2)];
    // v2 is chosen in ballot 2 at replicas 1 and 2, while 0 still has v1 of ballot 1.
    const cluster = clusterWithDisks([
      { accepted: { 0: [b(1, 0), v1] } },
      { accepted: { 0: [b(2, 1), v2] } },
      { accepted: { 0: [b(2, 1), v2] } },
    ]);
    cluster.fire(2, "election");
    cluster.deliver({ to: 0, type: "prepare" });
    cluster.drop();
    expect(statusOf(cluster, 0).ballot).toBe(b(3, 2));
    for (const campaigns of [1, 2]) {
      cluster.fire(1, "election");
      if (campaigns === 1) cluster.drop(); // in ballot 3 as well: 2 campaigned there with a higher number
    }
    cluster.deliver({ to: 0, type: "prepare" });
    expect(messagesOf(cluster, "promise", 0)[0]!.accepted).toEqual([{ slot: 0, ballot: b(1, 0), command: v1 }]);
    cluster.deliver({ from: 0, to: 1, type: "promise" });
    expect(proposals(cluster, 1, 2)).toEqual([`0: ${nameOf(v2)}`]);
  });

  test("slots from the prepare's first one on", () => {
    const accepted = { 0: [b(1, 0), v(0)], 1: [b(1, 0), v(1)], 2: [b(1, 0), v(2)] } as const;
    const cluster = clusterWithDisks([{}, { accepted }, {}]);
    inject(cluster, 2, 1, { type: "prepare", ballot: b(5, 2), from: 1 });
    expect(messagesOf(cluster, "promise")[0]!.accepted.map(({ slot }) => slot)).toEqual([1, 2]);
  });
});

/** Of a round of replica 0, for slot 0. */
const accept = (round: number) => ({ type: "accept", ballot: b(round, 0), slot: 0, command: v(1) }) as const;

describe("a promise is kept", () => {
  test.each<[string, (cluster: ReturnType<typeof newCluster>) => void]>([
    ["given", () => {}],
    ["given, and the replica restarts", (cluster) => (cluster.crash(1), cluster.restart(1))],
  ])("%s: an accept and a prepare below it are refused, with what is promised", (_, then) => {
    const cluster = clusterWithDisks([{}, {}, {}]);
    inject(cluster, 2, 1, { type: "prepare", ballot: b(2, 2), from: 0 });
    then(cluster);
    cluster.drop();
    inject(cluster, 0, 1, accept(1));
    inject(cluster, 0, 1, { type: "prepare", ballot: b(1, 0), from: 0 });
    inject(cluster, 0, 1, { type: "heartbeat", ballot: b(1, 0), upTo: 0 });
    expect(cluster.inFlight.map(({ to, message }) => ({ to, message }))).toEqual(
      [0, 0, 0].map((to) => ({ to, message: { type: "preempted", ballot: b(2, 2) } })),
    );
    expect(statusOf(cluster, 1).log).toBe(0);
  });

  test("by whoever heard of the ballot before it was asked to promise it", () => {
    // 1 campaigns, and 2 tells it of ballot 5 of replica 0 just before that ballot's prepare arrives.
    const cluster = clusterWithDisks([{}, {}, {}]);
    cluster.fire(1, "election");
    cluster.drop();
    inject(cluster, 2, 1, { type: "preempted", ballot: b(5, 0) });
    inject(cluster, 0, 1, { type: "prepare", ballot: b(5, 0), from: 0 });
    expect(messagesOf(cluster, "promise", 1, 0)).toHaveLength(1);
    cluster.crash(1);
    cluster.restart(1);
    cluster.drop();
    inject(cluster, 2, 1, { type: "accept", ballot: b(4, 2), slot: 0, command: v(1) });
    expect(messagesOf(cluster, "accepted")).toEqual([]);
    expect(messagesOf(cluster, "preempted")).toEqual([{ type: "preempted", ballot: b(5, 0) }]);
  });

  test("by accepting: a prepare below an accepted ballot is refused, after a restart too", () => {
    const cluster = clusterWithDisks([{}, {}, {}]);
    inject(cluster, 0, 1, accept(3));
    expect(messagesOf(cluster, "accepted", 1, 0)).toHaveLength(1);
    for (const restart of [false, true]) {
      if (restart) {
        cluster.crash(1);
        cluster.restart(1);
      }
      cluster.drop();
      inject(cluster, 2, 1, { type: "prepare", ballot: b(2, 2), from: 0 });
      expect(messagesOf(cluster, "preempted")).toEqual([{ type: "preempted", ballot: b(3, 0) }]);
    }
  });

  test("before anybody hears of it: promise and vote wait for the journal, an accept does not", () => {
    const { replica, takeCaused } = replicaWithSlowDisk(0, 3);
    expect(takeCaused()).toEqual(["persist promised", "send prepare 0", "send prepare 1", "send prepare 2"]);
    const ballot = b(1, 0);
    replica.onMessage(0, { type: "prepare", ballot, from: 0 });
    expect(takeCaused()).toEqual(["send promise 0"]);
    for (const from of [0, 1]) replica.onMessage(from, { type: "promise", ballot, accepted: [] });
    expect(takeCaused()).toEqual(["send heartbeat 1", "send heartbeat 2"]);
    replica.onRequest(v(1));
    expect(takeCaused()).toEqual(["ahead accept 0", "ahead accept 1", "ahead accept 2"]);
    replica.onMessage(0, { type: "accept", ballot, slot: 0, command: v(1) });
    expect(takeCaused()).toEqual(["persist accepted", "send accepted 0"]);
    for (const from of [1, 2]) replica.onMessage(from, { type: "accepted", ballot, slot: 0 });
    expect(takeCaused()).toEqual(["ahead decide 1", "ahead decide 2"]);
    replica.onMessage(1, { type: "prepare", ballot: b(2, 1), from: 0 });
    expect(takeCaused()).toEqual(["persist promised", "send promise 1"]);
  });
});

describe("a candidate counts", () => {
  test("promises of its present ballot alone", () => {
    const cluster = newCluster(3); // 0 campaigns in ballot 1
    cluster.deliver({ to: 1, type: "prepare" });
    const late = messagesOf(cluster, "promise", 1, 0)[0]!;
    cluster.drop();
    // Ballot 1 of replica 2: its command is chosen at 1 and 2.
    campaign(cluster, 2, [1]);
    const command = cluster.request(2, 1);
    cluster.deliver({ from: 2, to: 1, type: "accept" });
    cluster.deliver({ from: 1, to: 2, type: "accepted" });
    expect(cluster.executed(2)).toEqual([nameOf(command)]);
    cluster.drop();
    cluster.fire(0, "election");
    inject(cluster, 1, 0, late);
    expect(roleOf(cluster, 0)).toBe("candidate");
    cluster.deliver({ from: 0, to: 1, type: "prepare" });
    cluster.deliver({ from: 1, to: 0, type: "promise" });
    expect(proposals(cluster, 0, 2)).toEqual([`0: ${nameOf(command)}`]);
  });

  test("replicas, not messages", () => {
    const cluster = newCluster(5);
    cluster.deliver({ to: 1, type: "prepare" });
    const promise = messagesOf(cluster, "promise", 1, 0)[0]!;
    for (let i = 0; i < 4; i++) inject(cluster, 1, 0, promise);
    expect(roleOf(cluster, 0)).toBe("candidate");
    cluster.deliver({ to: 2, type: "prepare" });
    cluster.deliver({ from: 2, to: 0, type: "promise" });
    expect(roleOf(cluster, 0)).toBe("leader");
  });

  test("nothing for a ballot of an earlier life: a restarted proposer starts a higher one", () => {
    const cluster = newCluster(3);
    cluster.deliver({ to: 1, type: "prepare" });
    const late = messagesOf(cluster, "promise", 1, 0)[0]!;
    const before = statusOf(cluster, 0).ballot;
    cluster.crash(0);
    cluster.drop();
    cluster.restart(0);
    expect(roleOf(cluster, 0)).toBe("follower");
    cluster.fire(0, "election");
    expect(statusOf(cluster, 0).ballot).toBeGreaterThan(before);
    inject(cluster, 1, 0, late);
    expect(roleOf(cluster, 0)).toBe("candidate");
  });
});
