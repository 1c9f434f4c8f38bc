/** The commit protocol (§4.3.1, Figure 2) and its optimized fast path (§4.4), message by message. */
import { ballotOf, InvariantError, noReplicas, replicaSetOf, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import {
  commitAt, committed, depsOf, fastQuorumOf, inject, messagesOf, namesOf, newCluster, notesOf, preAcceptAt, readOf, receivers,
  sweep, writeOf, type EPaxosCluster, type Known,
} from "./support.ts";

const key = 7;

/** The fast quorum of replica 0 gets its PreAccepts and answers. */
const runPhase1 = (cluster: EPaxosCluster): void => {
  cluster.deliverAll({ from: 0, type: "preAccept" });
  cluster.deliverAll({ to: 0, type: "preAcceptOk" });
};

describe("§4.4 a fast quorum is F+⌊(F+1)/2⌋ replicas, the command leader included", () => {
  test.each([
    { replicas: 1, peers: [] },
    { replicas: 2, peers: [1] },
    { replicas: 3, peers: [1] },
    { replicas: 4, peers: [1, 2] },
    { replicas: 5, peers: [1, 2] },
    { replicas: 6, peers: [1, 2, 3] },
    { replicas: 7, peers: [1, 2, 3, 4] },
    { replicas: 8, peers: [1, 2, 3, 4, 5] },
    { replicas: 9, peers: [1, 2, 3, 4, 5] },
    { replicas: 11, peers: [1, 2, 3, 4, 5, 6, 7] },
  ])("of $replicas replicas the nearest peers $peers are asked, and all of them must answer", ({ replicas, peers }) => {
    const cluster = newCluster(replicas);
    const command = cluster.request(0, key);
    expect(receivers(cluster, "preAccept")).toEqual(peers);
    cluster.deliverAll({ type: "preAccept" });
    for (const peer of peers) {
      expect(committed(cluster, 0)).toEqual([]);
      cluster.deliver({ from: peer, type: "preAcceptOk" });
    }
    expect(committed(cluster, 0)).toEqual(namesOf(command));
    expect(notesOf(cluster, 0)).toEqual(["fast"]);
    cluster.deliverAll();
    for (let replica = 0; replica < replicas; replica++) expect(cluster.executed(replica)).toEqual(namesOf(command));
  });
});

describe("phase 1: attributes (Figure 2, lines 2-3 and 6-7)", () => {
  const others: Known[] = [
    { leader: 3, number: 1, command: writeOf(1, key), seq: 4 },
    { leader: 3, number: 2, command: readOf(2, key), seq: 6 },
    { leader: 3, number: 3, command: writeOf(3, key + 1), seq: 9 },
  ];

  test.each([
    { what: "a write interferes with the reads and writes of its key", command: writeOf(9, key), seq: 7, deps: { 3: 2 } },
    { what: "a read interferes with the writes of its key", command: readOf(9, key), seq: 5, deps: { 3: 1 } },
    { what: "a command on several keys interferes by each of them", command: writeOf(9, key, key + 1), seq: 10, deps: { 3: 3 } },
    { what: "a command on a key of its own interferes with none", command: writeOf(9, key + 2), seq: 1, deps: {} },
  ])("$what: deps are the latest such instances, seq is above all of theirs", ({ command, seq, deps }) => {
    const expected = { seq, deps: depsOf(5, deps) };
    const cluster = newCluster(5);
    for (const other of others) preAcceptAt(cluster, [0, 1], other);
    cluster.lives[0]!.replica.onRequest(command);
    expect(messagesOf(cluster, "preAccept")[0]).toMatchObject(expected);
    cluster.drop();
    inject(cluster, 2, 1, {
      type: "preAccept", leader: 2, number: 1, ballot: ballotOf(0, 2), command, seq: 1, deps: depsOf(5), quorum: fastQuorumOf(5, 2),
    });
    expect(messagesOf(cluster, "preAcceptOk")[0]).toMatchObject(expected);
  });

  test("a replica adds to the leader's attributes and takes nothing away", () => {
    const cluster = newCluster(5);
    preAcceptAt(cluster, [1], { leader: 3, number: 2, command: writeOf(1, key), seq: 2 });
    const theirs = { seq: 8, deps: depsOf(5, { 3: 1, 4: 6 }) };
    inject(cluster, 2, 1, { type: "preAccept", leader: 2, number: 1, ballot: ballotOf(0, 2), command: writeOf(9, key), ...theirs, quorum: fastQuorumOf(5, 2) });
    expect(messagesOf(cluster, "preAcceptOk")[0]).toMatchObject({ seq: 8, deps: depsOf(5, { 3: 2, 4: 6 }) });
  });

  test("asked again, a replica gives the same attributes and records nothing", () => {
    const cluster = newCluster(5);
    cluster.request(0, key);
    const [preAccept] = messagesOf(cluster, "preAccept");
    cluster.deliver({ to: 1, type: "preAccept" });
    const records = cluster.lives[1]!.journal.length;
    commitAt(cluster, [1], { leader: 3, number: 1, command: writeOf(1, key), seq: 5 });
    inject(cluster, 0, 1, preAccept!);
    const [first, second] = messagesOf(cluster, "preAcceptOk");
    expect([second!.seq, second!.deps]).toEqual([first!.seq, first!.deps]);
    // That commit is its only new record. Nor does it speak of commits that came after it chose the attributes.
    expect(cluster.lives[1]!.journal.length).toBe(records + 1);
    expect(second!.covered).toBe(noReplicas);
  });
});

describe("the fast path (Figure 2, lines 10-11)", () => {
  const dependency: Known = { leader: 3, number: 1, command: writeOf(1, key) };

  test("equal replies are enough, though they are not what the leader thought at first", () => {
    const cluster = newCluster(5);
    commitAt(cluster, [1, 2], dependency);
    const command = cluster.request(0, key);
    expect(messagesOf(cluster, "preAccept")[0]).toMatchObject({ seq: 1, deps: depsOf(5) });
    runPhase1(cluster);
    expect(notesOf(cluster, 0)).toEqual(["fast"]);
    expect(committed(cluster, 0)).toEqual(namesOf(command));
    expect(messagesOf(cluster, "commit")[0]).toMatchObject({ seq: 2, deps: depsOf(5, { 3: 1 }) });
    expect(receivers(cluster, "commit")).toEqual([1, 2, 3, 4]);
  });

  test("a reply counts once", () => {
    const cluster = newCluster(5);
    cluster.request(0, key);
    cluster.deliver({ to: 1, type: "preAccept" });
    const [reply] = messagesOf(cluster, "preAcceptOk");
    inject(cluster, 1, 0, reply!);
    inject(cluster, 1, 0, reply!);
    expect(committed(cluster, 0)).toEqual([]);
  });

  test.each([3, 5])("non-interfering commands of all %i replicas commit in one round trip each", (replicas) => {
    const cluster = newCluster(replicas);
    const commands = Array.from({ length: replicas }, (_, replica) => cluster.request(replica, replica));
    cluster.deliverAll({ type: "preAccept" });
    cluster.deliverAll({ type: "preAcceptOk" });
    for (const [replica, command] of commands.entries()) {
      expect(committed(cluster, replica)).toEqual(namesOf(command));
      expect(notesOf(cluster, replica)).toEqual(["fast"]);
    }
  });

  test("three replicas: always fast, for one acceptor cannot disagree with itself", () => {
    const cluster = newCluster(3);
    const commands = [0, 1, 2].map((replica) => cluster.request(replica, key));
    cluster.deliverAll();
    for (const replica of [0, 1, 2]) expect(notesOf(cluster, replica)).toEqual(["fast"]);
    for (const replica of [0, 1, 2]) expect(cluster.executed(replica)).toEqual(cluster.executed(0));
    expect(cluster.executed(0).toSorted()).toEqual(namesOf(...commands).toSorted());
  });
});

describe("§4.4 with more than three replicas, some replica of the quorum must know each dependency as committed", () => {
  const dependency: Known = { leader: 3, number: 1, command: writeOf(1, key) };
  const committedLater = (seq: number) => (cluster: EPaxosCluster): void => commitAt(cluster, [0], { ...dependency, seq });

  interface Row {
    readonly what: string;
    readonly replicas?: number;
    readonly before: (cluster: EPaxosCluster) => void;
    readonly meanwhile?: (cluster: EPaxosCluster) => void;
    readonly path: "fast" | "slow";
  }

  test.each<Row>([
    { what: "nobody knows that it is committed", before: (c) => preAcceptAt(c, [0, 1, 2], dependency), path: "slow" },
    { what: "nobody knows that it is committed, of three", replicas: 3, before: (c) => preAcceptAt(c, [0, 1], { ...dependency, leader: 2 }), path: "fast" },
    { what: "one acceptor does", before: (c) => { preAcceptAt(c, [0, 1], dependency); commitAt(c, [2], dependency); }, path: "fast" },
    { what: "the leader does", before: (c) => { commitAt(c, [0], dependency); preAcceptAt(c, [1, 2], dependency); }, path: "fast" },
    {
      what: "the leader does, of an earlier one than the acceptors add",
      before(c) {
        commitAt(c, [0], dependency);
        preAcceptAt(c, [1, 2], dependency);
        preAcceptAt(c, [1, 2], { leader: 3, number: 2, command: writeOf(2, key), seq: 2, deps: { 3: 1 } });
      },
      path: "slow",
    },
    // seq of this command was chosen before: the dependency's may have become higher.
    { what: "the leader does, but learned it after it had asked", before: (c) => preAcceptAt(c, [0, 1, 2], dependency), meanwhile: committedLater(6), path: "slow" },
    {
      what: "two dependencies, each known by another acceptor",
      before(c) {
        for (const leader of [3, 4]) preAcceptAt(c, [0, 1, 2], { ...dependency, leader, command: writeOf(leader, key) });
        commitAt(c, [1], { ...dependency, leader: 3, command: writeOf(3, key) });
        commitAt(c, [2], { ...dependency, leader: 4, command: writeOf(4, key) });
      },
      path: "fast",
    },
    {
      what: "it is committed, and not executed, for it waits for another that does not interfere",
      before(c) {
        preAcceptAt(c, [1, 2], { leader: 4, number: 1, command: writeOf(2, key + 1) });
        preAcceptAt(c, [1, 2], { leader: 3, number: 1, command: writeOf(3, key + 2) });
        commitAt(c, [1, 2], { leader: 3, number: 2, command: writeOf(1, key, key + 1), seq: 2, deps: { 4: 1 } });
      },
      path: "fast",
    },
    // 3.1 is not known, may interfere, and 3.2 stands for it too.
    { what: "it is committed, but one before it is not known", before: (c) => commitAt(c, [1, 2], { ...dependency, number: 2 }), path: "slow" },
    {
      what: "it is committed; one before it is not, and does not interfere",
      before(c) {
        preAcceptAt(c, [1, 2], { ...dependency, command: writeOf(2, key + 1) });
        commitAt(c, [1, 2], { ...dependency, number: 2, deps: { 3: 0 } });
      },
      path: "fast",
    },
  ])("$what: $path", ({ replicas = 5, before, meanwhile, path }) => {
    const cluster = newCluster(replicas);
    before(cluster);
    cluster.request(0, key);
    meanwhile?.(cluster);
    runPhase1(cluster);
    expect(notesOf(cluster, 0)).toEqual(path === "fast" ? ["fast"] : []);
    expect(messagesOf(cluster, "accept").length > 0).toBe(path === "slow");
  });
});

/** Replica 1 knows an interfering command that replica 2 does not, and the other way round. */
const differingReplies = (replicas: number): EPaxosCluster => {
  const cluster = newCluster(replicas);
  commitAt(cluster, [1], { leader: 3, number: 1, command: writeOf(1, key), seq: 4 });
  commitAt(cluster, [2], { leader: 4, number: 1, command: writeOf(2, key), seq: 2 });
  return cluster;
};

describe("the slow path (Figure 2, lines 13-20)", () => {
  const union = { seq: 5, deps: depsOf(5, { 3: 1, 4: 1 }) };

  test("replies differ: their union is accepted by a majority, then committed", () => {
    const cluster = differingReplies(5);
    const command = cluster.request(0, key);
    runPhase1(cluster);
    expect(receivers(cluster, "accept")).toEqual([1, 2]);
    expect(messagesOf(cluster, "accept")[0]).toMatchObject(union);
    cluster.deliverAll({ type: "accept" });
    expect(committed(cluster, 0)).toEqual([]);
    cluster.deliver({ from: 2, type: "acceptOk" });
    expect(committed(cluster, 0)).toEqual([]);
    cluster.deliver({ from: 1, type: "acceptOk" });
    expect(committed(cluster, 0)).toEqual(namesOf(command));
    expect(notesOf(cluster, 0)).toEqual(["slow"]);
    expect(messagesOf(cluster, "commit")[0]).toMatchObject(union);
  });

  test("of seven, the replies of a majority that differ are enough; a later one is ignored", () => {
    const cluster = differingReplies(7);
    commitAt(cluster, [4], { leader: 5, number: 1, command: writeOf(3, key), seq: 9 });
    cluster.request(0, key);
    cluster.deliverAll({ type: "preAccept" });
    for (const peer of [1, 2]) cluster.deliver({ from: peer, type: "preAcceptOk" });
    expect(receivers(cluster, "accept")).toEqual([]);
    cluster.deliver({ from: 3, type: "preAcceptOk" });
    expect(receivers(cluster, "accept")).toEqual([1, 2, 3]);
    cluster.deliver({ from: 4, type: "preAcceptOk" });
    cluster.deliverAll({ type: "accept" });
    cluster.deliverAll({ type: "acceptOk" });
    expect(messagesOf(cluster, "commit")[0]).toMatchObject({ seq: 5, deps: depsOf(7, { 3: 1, 4: 1 }) });
  });

  test("replies that come after the commit change nothing", () => {
    const cluster = differingReplies(5);
    cluster.request(0, key);
    runPhase1(cluster);
    cluster.deliverAll({ type: "accept" });
    const late = messagesOf(cluster, "acceptOk");
    cluster.deliverAll();
    const records = cluster.lives[0]!.journal.length;
    inject(cluster, 1, 0, late[0]!);
    inject(cluster, 2, 0, { ...late[0]!, type: "preAcceptOk", seq: 99, deps: depsOf(5, { 1: 9 }), covered: replicaSetOf([]) });
    expect(cluster.inFlight).toEqual([]);
    expect(cluster.lives[0]!.journal.length).toBe(records);
  });

  test("a PreAccept that comes after the Accept is ignored, after the Commit it is answered with that", () => {
    const cluster = differingReplies(5);
    cluster.request(0, key);
    const [preAccept] = messagesOf(cluster, "preAccept");
    runPhase1(cluster);
    cluster.deliver({ to: 1, type: "accept" });
    cluster.drop();
    inject(cluster, 0, 1, preAccept!);
    expect(cluster.inFlight).toEqual([]);
    commitAt(cluster, [1], { leader: 0, number: 1, command: preAccept!.command, ...union, deps: { 3: 1, 4: 1 } });
    const records = cluster.lives[1]!.journal.length;
    inject(cluster, 0, 1, preAccept!);
    expect(cluster.inFlight).toMatchObject([{ from: 1, to: 0, message: { type: "commit", leader: 0, number: 1, ...union } }]);
    expect(cluster.lives[1]!.journal.length).toBe(records);
  });
});

describe("a fast quorum that does not answer", () => {
  test.each([
    { replicas: 3, silent: [1], asked: [1, 2], answers: [2] },
    { replicas: 5, silent: [2], asked: [2, 3, 4], answers: [4] },
    { replicas: 5, silent: [1, 2], asked: [1, 2, 3, 4], answers: [3, 4] },
    { replicas: 7, silent: [1, 4], asked: [1, 4, 5, 6], answers: [6] },
  ])("$replicas replicas, $silent silent: all silent ones are asked, and a majority leads to the slow path only", ({ replicas, silent, asked, answers }) => {
    const cluster = newCluster(replicas);
    const command = cluster.request(0, key);
    for (const peer of silent) cluster.drop({ to: peer });
    runPhase1(cluster);
    sweep(cluster, 0);
    expect(receivers(cluster, "preAccept")).toEqual(asked);
    for (const peer of answers) {
      expect(messagesOf(cluster, "accept")).toEqual([]);
      cluster.deliver({ to: peer, type: "preAccept" });
      cluster.deliver({ from: peer, type: "preAcceptOk" });
    }
    // All replies are alike, yet whom recovery finds would not tell which of them the leader had counted (§4.4).
    expect(messagesOf(cluster, "accept").length).toBeGreaterThan(0);
    cluster.deliverAll();
    expect(notesOf(cluster, 0)).toEqual(["slow"]);
    expect(committed(cluster, 0)).toEqual(namesOf(command));
  });

  test("acceptors that do not answer an Accept: everybody is asked", () => {
    const cluster = newCluster(5);
    preAcceptAt(cluster, [1], { leader: 3, number: 1, command: writeOf(1, key) });
    const command = cluster.request(0, key);
    runPhase1(cluster);
    cluster.drop();
    sweep(cluster, 0);
    expect(receivers(cluster, "accept")).toEqual([1, 2, 3, 4]);
    for (const peer of [3, 4] as const) {
      cluster.deliver({ to: peer, type: "accept" });
      cluster.deliver({ from: peer, type: "acceptOk" });
    }
    expect(committed(cluster, 0)).toEqual(namesOf(command));
  });

  test("a sweep before the retry time does nothing", () => {
    const cluster = newCluster(5);
    cluster.pass(500_000);
    cluster.request(0, key);
    cluster.drop();
    cluster.pass(999_999);
    cluster.fire(0, "sweep");
    expect(cluster.inFlight).toEqual([]);
  });

  test("a peer whose link is down is not chosen while others are there, and is chosen again when it is back", () => {
    const cluster = newCluster(5);
    const asked = (): ReplicaId[] => {
      cluster.drop();
      cluster.request(0, key);
      return receivers(cluster, "preAccept");
    };
    cluster.link(0, 1, false);
    expect(asked()).toEqual([2, 3]);
    cluster.link(0, 2, false);
    expect(asked()).toEqual([3, 4]);
    cluster.link(0, 1, true);
    expect(asked()).toEqual([1, 3]);
    cluster.link(0, 2, true);
    expect(asked()).toEqual([1, 2]);
  });

  test("without a majority whose links stand, a request is turned away", () => {
    const cluster = newCluster(5);
    for (const peer of [1, 2, 3]) cluster.link(0, peer, false);
    const command = cluster.request(0, key);
    expect(cluster.lives[0]!.rejected).toEqual([command]);
    expect(messagesOf(cluster, "preAccept")).toEqual([]);
    cluster.link(0, 3, true);
    cluster.drop();
    cluster.request(0, key);
    expect(receivers(cluster, "preAccept")).toEqual([3, 4]);
  });

  test("a peer that keeps silent though its link stands is asked last from then on, until it speaks", () => {
    const cluster = newCluster(5);
    const askedFor = (): ReplicaId[] => {
      cluster.drop();
      cluster.request(0, key);
      return receivers(cluster, "preAccept");
    };
    expect(askedFor()).toEqual([1, 2]);
    cluster.deliver({ from: 0, to: 2, type: "preAccept" });
    cluster.deliver({ from: 2, to: 0 });
    cluster.drop();
    sweep(cluster, 0);
    expect(receivers(cluster, "preAccept")).toEqual([1, 3, 4]);
    // Only so that it speaks, if it is there.
    expect(receivers(cluster, "learn")).toEqual([1]);
    expect(askedFor()).toEqual([2, 3]);
    inject(cluster, 1, 0, { type: "learned", commits: [], more: false });
    expect(askedFor()).toEqual([1, 2]);
  });
});

describe("ballots (§4.3.1: messages below the highest ballot seen are disregarded)", () => {
  const higher = ballotOf(1, 2);
  const vote = { leader: 0, number: 1, command: writeOf(1, key), seq: 3, deps: depsOf(5, { 4: 1 }), quorum: noReplicas };
  const lower = { ...vote, ballot: ballotOf(0, 0), seq: 1, deps: depsOf(5), quorum: fastQuorumOf(5, 0) };

  test.each(["preAccept", "accept"] as const)("a replica that voted in a higher ballot answers a lower %s with that one, and does not vote", (type) => {
    for (const voted of ["preAccept", "accept"] as const) {
      const cluster = newCluster(5);
      inject(cluster, 2, 1, { type: voted, ...vote, ballot: higher });
      cluster.drop();
      inject(cluster, 0, 1, { type, ...lower });
      expect(cluster.inFlight).toEqual([{ from: 1, to: 0, message: { type: "overtaken", leader: 0, number: 1, ballot: higher } }]);
      expect(cluster.lives[1]!.journal.map(({ ballot }) => ballot)).toEqual([higher]);
    }
  });

  test.each(["preAccept", "accept"] as const)("a vote of a lower ballot gives way to a higher %s", (type) => {
    for (const voted of ["preAccept", "accept"] as const) {
      const cluster = newCluster(5);
      inject(cluster, 0, 1, { type: voted, ...lower });
      cluster.drop();
      inject(cluster, 2, 1, { type, ...vote, ballot: higher });
      const reply = type === "accept" ? "acceptOk" : "preAcceptOk";
      expect(messagesOf(cluster, reply)[0]).toMatchObject({ leader: 0, number: 1, ballot: higher });
      expect(cluster.lives[1]!.journal.at(-1)).toMatchObject({ type: `${type}ed`, ballot: higher });
    }
  });

  test("a command leader that joined a higher ballot of its instance counts no more replies; when nothing comes of that ballot, it recovers the instance", () => {
    const cluster = newCluster(5);
    const command = cluster.request(0, key);
    cluster.deliverAll({ type: "preAccept" });
    inject(cluster, 2, 0, { type: "accept", ...vote, command, ballot: higher });
    cluster.deliverAll({ to: 0, type: "preAcceptOk" });
    cluster.drop({ type: "acceptOk" });
    expect(cluster.inFlight).toEqual([]);
    expect(notesOf(cluster, 0)).toEqual([]);
    sweep(cluster, 0);
    sweep(cluster, 0);
    cluster.drop({ type: "learn" });
    expect([...new Set(cluster.inFlight.map(({ message }) => message.type))]).toEqual(["prepare"]);
    expect(messagesOf(cluster, "prepare")[0]!.ballot).toBeGreaterThan(higher);
    cluster.deliverAll();
    expect(messagesOf(cluster, "preAccept")).toEqual([]);
    expect(committed(cluster, 3)).toEqual(namesOf(command));
    for (const life of cluster.lives) expect(life.journal.at(-1)).toMatchObject({ type: "committed", seq: 3, deps: depsOf(5, { 4: 1 }) });
  });

  test("an own instance that another replica committed is no longer the leader's to finish", () => {
    const cluster = newCluster(5);
    const command = cluster.request(0, key);
    cluster.deliverAll({ type: "preAccept" });
    commitAt(cluster, [0], { ...vote, command, deps: {} });
    cluster.deliverAll({ to: 0 });
    sweep(cluster, 0);
    expect(cluster.inFlight).toEqual([]);
    expect(cluster.lives[0]!.replica.status()).toMatchObject({ inFlight: 0, committed: "1,0,0,0,0" });
  });
});

describe("§4.2 stability: an instance is committed once", () => {
  const known = { leader: 0, number: 1, command: writeOf(1, key), seq: 2, deps: depsOf(3, { 2: 1 }) };

  test("a second Commit that says the same is ignored", () => {
    const cluster = newCluster(3);
    for (let i = 0; i < 2; i++) inject(cluster, 0, 1, { type: "commit", ...known });
    expect(cluster.lives[1]!.journal.length).toBe(1);
  });

  test.each([
    { what: "seq", second: { ...known, seq: 3 } },
    { what: "deps", second: { ...known, deps: depsOf(3, { 2: 2 }) } },
    { what: "command", second: { ...known, command: writeOf(2, key) } },
  ])("another $what is a broken invariant", ({ second }) => {
    const cluster = newCluster(3);
    inject(cluster, 0, 1, { type: "commit", ...known });
    expect(() => inject(cluster, 0, 1, { type: "commit", ...second })).toThrow(InvariantError);
  });
});

test("§4.9 old commands before new ones: with 4096 own instances under way, further commands wait their turn", () => {
  const cluster = newCluster(3);
  for (let i = 0; i < 4096; i++) cluster.request(0, i);
  expect(messagesOf(cluster, "preAccept").length).toBe(4096);
  cluster.request(0, key);
  expect(messagesOf(cluster, "preAccept").length).toBe(4096);
  cluster.deliver({ type: "preAccept" });
  cluster.deliver({ type: "preAcceptOk" });
  expect(messagesOf(cluster, "preAccept").at(-1)!.number).toBe(4097);
});
