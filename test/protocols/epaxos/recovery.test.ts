/** Recovery (Figure 3, §4.4): what is concluded from a majority's answers, and the schedules in which implementations went wrong. */
import { ballotOf, majorityOf, noop, noReplicas, replicaSetOf, type Ballot, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import { findingOf, type Finding } from "../../../protocols/epaxos/finding.ts";
import type { JournalRecord, PriorVote } from "../../../protocols/epaxos/messages.ts";
import {
  commitAt, committed, contradictionsOf, depsOf, fastQuorumOf, inject, messagesOf, namesOf, newCluster, notesOf, preAcceptAt,
  recoverBy, settle, sweep, writeOf, type EPaxosCluster,
} from "./support.ts";

const key = 7;

type Given = Readonly<Record<ReplicaId, PriorVote | null>>;
const all = (replicas: readonly ReplicaId[], vote: PriorVote): Given => Object.fromEntries(replicas.map((replica) => [replica, vote]));

describe.each([3, 5, 7])("findings: the command leader is replica 0 of %i", (replicas) => {
  const command = writeOf(1, key);
  const initial = ballotOf(0, 0);
  const quorum = fastQuorumOf(replicas, 0);
  const attributes = { command, seq: 3, deps: depsOf(replicas, { 1: 2 }) };
  const reply: PriorVote = { accepted: false, votedBallot: initial, ...attributes, quorum };
  const other: PriorVote = { ...reply, deps: depsOf(replicas, { 1: 2, 2: 1 }) };
  const otherSeq: PriorVote = { ...reply, seq: 4 };
  const acceptedIn = (votedBallot: Ballot, seq: number): PriorVote => ({ accepted: true, votedBallot, ...attributes, seq, quorum: noReplicas });
  const phase1In = (votedBallot: Ballot): PriorVote => ({ ...reply, votedBallot, quorum: noReplicas });
  /** The majority that has the fewest members of the fast quorum, and not the leader. */
  const majority = Array.from({ length: majorityOf(replicas) }, (_, i) => replicas - 1 - i);
  const members = majority.filter((replica) => (quorum & (1 << replica)) !== 0);
  const strangers = majority.filter((replica) => !members.includes(replica));
  const [member] = members as [ReplicaId];
  const stranger = strangers[0]!;
  const open: Finding = { type: "open", command };

  const find = (given: Given): Finding => {
    const answers = new Map<ReplicaId, PriorVote | null>(majority.map((replica) => [replica, null]));
    for (const [replica, vote] of Object.entries(given)) answers.set(Number(replica), vote);
    return findingOf(answers, 0, initial);
  };
  test("any majority without the leader has ⌊(F+1)/2⌋ other members of the fast quorum", () => {
    expect(members.length).toBe(Math.floor(majorityOf(replicas) / 2));
  });

  test.each<{ what: string; given: Given; finding: Finding }>([
    { what: "nobody knows it", given: {}, finding: { type: "unknown" } },
    { what: "one has accepted", given: { [stranger]: acceptedIn(initial, 5) }, finding: { type: "accepted", vote: acceptedIn(initial, 5) } },
    {
      what: "two have accepted: the higher ballot, in either order",
      given: { [stranger]: acceptedIn(ballotOf(2, 1), 5), [member]: acceptedIn(ballotOf(1, 2), 6) },
      finding: { type: "accepted", vote: acceptedIn(ballotOf(2, 1), 5) },
    },
    {
      what: "two have accepted, the other way round",
      given: { [stranger]: acceptedIn(ballotOf(1, 2), 6), [member]: acceptedIn(ballotOf(2, 1), 5) },
      finding: { type: "accepted", vote: acceptedIn(ballotOf(2, 1), 5) },
    },
    {
      what: "accepted in a lower ballot than a later phase 1's: accepted all the same",
      given: { [stranger]: acceptedIn(initial, 5), [member]: phase1In(ballotOf(1, 1)) },
      finding: { type: "accepted", vote: acceptedIn(initial, 5) },
    },
    { what: "the leader answers, and so do members, alike", given: { ...all(members, reply), 0: reply }, finding: open },
    { what: "only the leader knows it", given: { 0: reply }, finding: open },
    { what: "all members that answer replied alike", given: all(members, reply), finding: { type: "perhaps", vote: reply } },
    {
      what: "the same, and another replica, asked later, said something else",
      given: { ...all(members, reply), [stranger]: other }, finding: { type: "perhaps", vote: reply },
    },
    { what: "a member has not heard of it, others have", given: { [stranger]: reply }, finding: open },
    { what: "a member has it only from a later phase 1", given: all(members, phase1In(ballotOf(1, 1))), finding: open },
    { what: "a member voted in a later phase 1, another replica in the first", given: { [member]: phase1In(ballotOf(1, 1)), [stranger]: reply }, finding: open },
    ...(members.length < 2 ? [] : [
      { what: "members replied with other deps", given: { ...all(members, reply), [member]: other }, finding: open },
      { what: "members replied with another seq", given: { ...all(members, reply), [member]: otherSeq }, finding: open },
      { what: "one of the members has not heard of it", given: { ...all(members, reply), [member]: null }, finding: open },
    ]),
  ])("$what", ({ given, finding }) => {
    expect(find(given)).toEqual(finding);
  });
});

/** This replica waits for L.number: it has committed a command that depends on it. */
const makeWait = (cluster: EPaxosCluster, replica: ReplicaId, leader: ReplicaId, number: number, own: ReplicaId, waitingKey = key): void =>
  commitAt(cluster, [replica], { leader: own, number: 1, command: writeOf(90 + own, waitingKey), seq: 50, deps: { [leader]: number } });

/** All messages of the answers to what `replica` asks of `peers`, one type after the other. */
const ask = (cluster: EPaxosCluster, replica: ReplicaId, peers: readonly ReplicaId[], ...types: readonly ("prepare" | "tryPreAccept" | "preAccept" | "accept")[]): void => {
  for (const type of types) {
    for (const peer of peers) cluster.deliver({ from: replica, to: peer, type });
    for (const peer of peers) cluster.deliverAll({ from: peer, to: replica });
  }
};

/** Of the replicas that are up. */
const outcomeOf = (cluster: EPaxosCluster): { contradictions: string[]; alike: boolean; executed: number } => {
  const executed = cluster.lives.flatMap(({ up }, replica) => (up ? [cluster.executed(replica)] : []));
  return {
    contradictions: contradictionsOf(cluster),
    alike: executed.every((names) => names.join() === executed[0]!.join()),
    executed: executed[0]!.length,
  };
};

describe("schedules in which implementations went wrong", () => {
  test("a higher ballot joined is not the ballot of the vote (Sutra 2019)", () => {
    for (const voted of ["preAccept", "accept"] as const) {
      const cluster = newCluster(3);
      const vote = { leader: 0, number: 1, ballot: ballotOf(0, 0), command: writeOf(1, key), seq: 1, deps: depsOf(3), quorum: fastQuorumOf(3, 0) };
      inject(cluster, 0, 1, { type: voted, ...vote });
      for (const round of [1, 2]) {
        cluster.drop();
        inject(cluster, 2, 1, { type: "prepare", leader: 0, number: 1, ballot: ballotOf(round, 2) });
        expect(messagesOf(cluster, "prepareOk")).toMatchObject([{ ballot: ballotOf(round, 2), vote: { votedBallot: ballotOf(0, 0), accepted: voted === "accept" } }]);
        cluster.crash(1);
        cluster.restart(1);
      }
    }
  });

  test("three ballots of one instance, votes of two of them left (Sutra's counter-example)", () => {
    const cluster = newCluster(3);
    cluster.request(2, key);
    cluster.drop();
    cluster.link(0, 1, false);
    cluster.lives[0]!.replica.onRequest(writeOf(1, key, key + 1));
    cluster.deliver({ from: 0, to: 2, type: "preAccept" });
    cluster.drop();
    // 2 recovers 0.1 with 1, and itself accepts what it had replied; its Accept to 1 is held.
    makeWait(cluster, 2, 0, 1, 1, key + 1);
    recoverBy(cluster, 2, 0, 1);
    ask(cluster, 2, [1], "prepare");
    sweep(cluster, 2);
    cluster.drop({ type: "learn" });
    ask(cluster, 2, [1], "tryPreAccept");
    expect(cluster.lives[2]!.journal.at(-1)).toMatchObject({ type: "accepted", leader: 0, deps: depsOf(3, { 2: 1 }) });
    cluster.drop();
    // 1 recovers it with 0, the command leader.
    makeWait(cluster, 1, 0, 1, 1, key + 1);
    cluster.link(1, 2, false);
    recoverBy(cluster, 1, 0, 1);
    ask(cluster, 1, [0], "prepare", "preAccept");
    cluster.deliver({ from: 1, to: 0, type: "accept" });
    const [held] = messagesOf(cluster, "acceptOk");
    const chosen = cluster.lives[0]!.journal.at(-1)!;
    expect(chosen).toMatchObject({ type: "accepted", leader: 0, number: 1 });
    cluster.drop();
    // 0 asks 2 twice, in two ballots: what it accepted itself is the later vote.
    for (let i = 0; i < 2; i++) {
      recoverBy(cluster, 0, 0, 1);
      if (i === 0) {
        cluster.deliver({ from: 0, to: 2, type: "prepare" });
        cluster.drop();
      }
    }
    ask(cluster, 0, [2], "prepare", "accept");
    inject(cluster, 0, 1, held!);
    settle(cluster);
    expect(contradictionsOf(cluster)).toEqual([]);
    expect(cluster.lives[1]!.journal.find(({ type, leader }) => type === "committed" && leader === 0)).toMatchObject({ deps: (chosen as Extract<JournalRecord, { type: "accepted" }>).deps });
  });

  test("votes of two interfering commands survive, each with one of the others: both are recovered, one behind the other", () => {
    const cluster = newCluster(5);
    for (const peer of [0, 1]) cluster.link(4, peer, false);
    cluster.request(0, key);
    cluster.deliver({ to: 1, type: "preAccept" });
    cluster.request(4, key);
    cluster.deliver({ to: 3, type: "preAccept" });
    cluster.drop();
    cluster.crash(0);
    cluster.crash(4);
    cluster.request(2, key);
    settle(cluster);
    expect(outcomeOf(cluster)).toEqual({ contradictions: [], alike: true, executed: 3 });
  });

  test("a rival is committed that the rest of the fast quorum would have known: who recovers gives up the reply that it found", () => {
    const cluster = newCluster(5);
    cluster.request(0, key);
    cluster.deliver({ to: 1, type: "preAccept" });
    cluster.drop();
    cluster.crash(0);
    for (const peer of [0, 1]) cluster.link(3, peer, false);
    cluster.request(3, key);
    cluster.deliverAll();
    expect(notesOf(cluster, 3)).toEqual(["fast"]);
    cluster.crash(2);
    for (const replica of [1, 3, 4]) for (const peer of [0, 2]) cluster.link(replica, peer, false);
    cluster.request(1, key);
    settle(cluster);
    expect(outcomeOf(cluster)).toEqual({ contradictions: [], alike: true, executed: 3 });
  });

  test("three replicas, replies to one command differ: who recovers finds the one that its leader counted", () => {
    const cluster = newCluster(3);
    for (const replica of [0, 1, 2]) cluster.request(replica, key);
    // Only one peer is asked, so only one reply can have been counted.
    expect(cluster.inFlight.map(({ from, to }) => [from, to])).toEqual([[0, 1], [1, 2], [2, 0]]);
    cluster.deliver({ from: 0, to: 1 });
    cluster.deliver({ from: 1, to: 0, type: "preAcceptOk" });
    expect(notesOf(cluster, 0)).toEqual(["fast"]);
    cluster.drop({ from: 0 });
    cluster.crash(0);
    settle(cluster);
    cluster.restart(0);
    settle(cluster);
    expect(outcomeOf(cluster)).toEqual({ contradictions: [], alike: true, executed: 3 });
  });

  test("a ballot joined for an instance that is not known keeps its leader's PreAccept out; the command gets another instance", () => {
    for (const restarts of [false, true]) {
      const cluster = newCluster(3);
      cluster.link(2, 0, false);
      const command = cluster.request(0, key);
      const [preAccept] = messagesOf(cluster, "preAccept");
      cluster.drop();
      commitAt(cluster, [2], { leader: 1, number: 1, command: writeOf(91, key + 1), deps: { 0: 1 } });
      recoverBy(cluster, 2, 0, 1);
      cluster.deliver({ from: 2, to: 1, type: "prepare" });
      cluster.deliver({ from: 1, to: 2, type: "prepareOk" });
      expect(messagesOf(cluster, "accept")[0]!.command.keys).toEqual([]);
      if (restarts) {
        cluster.crash(1);
        cluster.restart(1);
      }
      inject(cluster, 0, 1, preAccept!);
      expect(messagesOf(cluster, "preAcceptOk")).toEqual([]);
      cluster.deliverAll({ from: 1, to: 0 });
      expect(committed(cluster, 0)).toEqual([]);
      // The no-op is accepted by the leader too, and still its client's command is not forgotten.
      const [accept] = messagesOf(cluster, "accept");
      inject(cluster, 2, 0, accept!);
      settle(cluster);
      expect(contradictionsOf(cluster)).toEqual([]);
      for (const replica of [0, 1, 2]) expect(cluster.executed(replica).filter((name) => name === namesOf(command)[0])).toHaveLength(1);
    }
  });

  test("a command leader that answered a Prepare counts no more replies", () => {
    const cluster = newCluster(3);
    preAcceptAt(cluster, [2], { leader: 1, number: 1, command: writeOf(2, key) });
    cluster.request(0, key);
    cluster.deliver({ to: 1, type: "preAccept" });
    const [held] = messagesOf(cluster, "preAcceptOk");
    cluster.drop();
    commitAt(cluster, [2], { leader: 1, number: 2, command: writeOf(3, key), seq: 9, deps: { 0: 1, 1: 1 } });
    recoverBy(cluster, 2, 0, 1);
    cluster.link(2, 1, false);
    ask(cluster, 2, [0], "prepare");
    inject(cluster, 1, 0, held!);
    expect(notesOf(cluster, 0)).toEqual([]);
    ask(cluster, 2, [0], "preAccept");
    inject(cluster, 1, 0, held!);
    expect(notesOf(cluster, 0)).toEqual([]);
    expect(cluster.lives[0]!.journal.some(({ type }) => type === "committed")).toBe(false);
  });

  test("phase 1 that is begun again never takes the fast path, however alike the replies are", () => {
    const cluster = newCluster(3);
    cluster.request(0, key);
    cluster.drop();
    makeWait(cluster, 2, 0, 1, 1);
    recoverBy(cluster, 2, 0, 1);
    ask(cluster, 2, [0], "prepare");
    expect(messagesOf(cluster, "preAccept")).toHaveLength(2);
    ask(cluster, 2, [0], "preAccept");
    expect(messagesOf(cluster, "commit")).toEqual([]);
    expect(messagesOf(cluster, "accept").length).toBeGreaterThan(0);
    expect(cluster.lives[2]!.journal.some(({ type, leader }) => type === "committed" && leader === 0)).toBe(false);
  });

  test("answers that come after a higher ballot was joined start nothing: the vote in that one stands", () => {
    const cluster = newCluster(5);
    cluster.request(0, key);
    cluster.drop();
    makeWait(cluster, 1, 0, 1, 3);
    recoverBy(cluster, 1, 0, 1);
    for (const peer of [0, 4]) cluster.deliver({ to: peer, type: "prepare" });
    cluster.deliver({ from: 0, to: 1, type: "prepareOk" });
    const late = messagesOf(cluster, "prepareOk")[0]!;
    cluster.drop();
    // Two of three have answered replica 1. Meanwhile replica 2 has a no-op chosen by 1, 2, 3.
    const noop = { leader: 0, number: 1, ballot: ballotOf(7, 2), command: writeOf(5), seq: 0, deps: depsOf(5) };
    for (const peer of [1, 3]) inject(cluster, 2, peer, { type: "prepare", leader: 0, number: 1, ballot: noop.ballot });
    inject(cluster, 2, 1, { type: "accept", ...noop });
    cluster.drop();
    inject(cluster, 4, 1, late);
    expect(cluster.inFlight).toEqual([]);
    expect(cluster.lives[1]!.journal.at(-1)).toMatchObject({ type: "accepted", ballot: noop.ballot });
    for (let i = 0; i < 2; i++) {
      sweep(cluster, 1);
      expect(messagesOf(cluster, "preAccept")).toEqual([]);
    }
  });

  test("a leader whose instance another took over, and left, takes it back, though nothing depends on it", () => {
    for (const told of [true, false]) {
      const cluster = newCluster(3);
      const command = cluster.request(0, key);
      cluster.drop();
      for (const peer of told ? [0, 1] : [1]) inject(cluster, 2, peer, { type: "prepare", leader: 0, number: 1, ballot: ballotOf(1, 2) });
      cluster.drop();
      cluster.crash(2);
      settle(cluster, 30);
      for (const replica of [0, 1]) expect(cluster.executed(replica)).toEqual(namesOf(command));
    }
  });
});

describe("TryPreAccept (§4.4)", () => {
  const quorum = replicaSetOf([0, 1, 2]);
  const initial = { leader: 0, number: 1, ballot: ballotOf(0, 0), command: writeOf(1, key), seq: 1, deps: depsOf(5), quorum };
  const ballot = ballotOf(1, 2);
  const rival = { leader: 3, number: 1, command: writeOf(2, key) };

  interface Row {
    readonly what: string;
    readonly at: ReplicaId;
    readonly before: (cluster: EPaxosCluster) => void;
    readonly answer: "tryPreAcceptOk" | "refuted" | "undecided" | "overtaken" | "commit";
    /** The last record of the instance. */
    readonly last: string;
  }

  test.each<Row>([
    { what: "not a member, knows nothing", at: 3, before() {}, answer: "tryPreAcceptOk", last: "preAccepted" },
    { what: "a member that replied so", at: 1, before: (c) => inject(c, 0, 1, { type: "preAccept", ...initial }), answer: "tryPreAcceptOk", last: "joined" },
    { what: "a member that has not replied, and now never will", at: 1, before() {}, answer: "refuted", last: "joined" },
    { what: "a member that replied otherwise", at: 1, before: (c) => inject(c, 0, 1, { type: "preAccept", ...initial, seq: 2 }), answer: "refuted", last: "joined" },
    { what: "the command leader", at: 0, before: (c) => c.lives[0]!.replica.onRequest(initial.command), answer: "refuted", last: "joined" },
    { what: "accepted alike", at: 3, before: (c) => inject(c, 0, 3, { type: "accept", ...initial }), answer: "tryPreAcceptOk", last: "joined" },
    { what: "accepted otherwise", at: 3, before: (c) => inject(c, 0, 3, { type: "accept", ...initial, seq: 2 }), answer: "refuted", last: "joined" },
    {
      what: "a vote of a later phase 1", at: 3, answer: "refuted", last: "joined",
      before: (c) => inject(c, 1, 3, { type: "preAccept", ...initial, ballot: ballotOf(1, 1), quorum: noReplicas }),
    },
    { what: "asked later than the fast quorum, voted otherwise", at: 3, before: (c) => inject(c, 0, 3, { type: "preAccept", ...initial, seq: 2 }), answer: "tryPreAcceptOk", last: "preAccepted" },
    { what: "committed", at: 3, before: (c) => inject(c, 0, 3, { type: "commit", ...initial }), answer: "commit", last: "committed" },
    { what: "a higher ballot joined", at: 3, before: (c) => inject(c, 2, 3, { type: "prepare", leader: 0, number: 1, ballot: ballotOf(2, 2) }), answer: "overtaken", last: "joined" },
    { what: "another that interferes is committed, neither behind the other", at: 4, before: (c) => commitAt(c, [4], rival), answer: "refuted", last: "joined" },
    {
      what: "another, executed by all and forgotten", at: 4, answer: "refuted", last: "joined",
      before(c) {
        commitAt(c, [0, 1, 2, 3, 4], rival);
        for (const replica of c.lives.keys()) c.fire(replica, "sweep");
        c.deliverAll({ type: "executed" });
        expect(c.lives[4]!.replica.status()).toMatchObject({ trimmed: "0,0,0,1,0" });
      },
    },
    { what: "another that is committed behind this one", at: 4, before: (c) => commitAt(c, [4], { ...rival, deps: { 0: 1 } }), answer: "tryPreAcceptOk", last: "preAccepted" },
    { what: "another, led by one of the quorum, in its first phase 1", at: 4, before: (c) => preAcceptAt(c, [4], { ...rival, leader: 2 }), answer: "refuted", last: "joined" },
    { what: "another, led by one of the quorum, accepted", at: 4, before: (c) => inject(c, 2, 4, { type: "accept", ...rival, leader: 2, ballot: ballotOf(0, 2), seq: 1, deps: depsOf(5) }), answer: "undecided", last: "joined" },
    { what: "another, led by none of the quorum", at: 4, before: (c) => preAcceptAt(c, [4], rival), answer: "undecided", last: "joined" },
    {
      what: "a member that replied so, and since has accepted another that leaves it out", at: 1, answer: "undecided", last: "joined",
      before(c) {
        inject(c, 0, 1, { type: "preAccept", ...initial });
        inject(c, 3, 1, { type: "accept", ...rival, ballot: ballotOf(0, 3), seq: 1, deps: depsOf(5) });
      },
    },
    { what: "another on another key", at: 4, before: (c) => commitAt(c, [4], { ...rival, command: writeOf(2, key + 1) }), answer: "tryPreAcceptOk", last: "preAccepted" },
  ])("$what: $answer", ({ at, before, answer, last }) => {
    const cluster = newCluster(5, { trim: "1" });
    before(cluster);
    cluster.drop();
    inject(cluster, 2, at, { type: "tryPreAccept", ...initial, ballot });
    expect(cluster.inFlight.map(({ message }) => message.type)).toEqual([answer]);
    const records = cluster.lives[at]!.journal.filter(({ leader }) => leader === 0);
    // A vote for the attributes stands in the leader's ballot; the higher ballot stays joined, also after a restart.
    expect(records.at(-1)).toMatchObject({ type: last, ...(last === "preAccepted" ? { ballot: initial.ballot, seq: 1, quorum } : {}) });
    if (answer === "commit") return;
    cluster.crash(at);
    cluster.restart(at);
    cluster.drop();
    inject(cluster, 0, at, { type: "accept", ...initial, seq: 7 });
    expect(cluster.lives[at]!.journal.some((record) => record.type !== "joined" && record.seq === 7)).toBe(false);
  });
});

describe("the command leader crashes after any number of messages", () => {
  interface Row { readonly replicas: number; readonly slow: boolean; readonly lost: boolean; readonly linkDown: boolean }
  const rows = [3, 5].flatMap((replicas) => [false, true].flatMap((slow) => [false, true].flatMap((lost) =>
    [false, true].map((linkDown): Row => ({ replicas, slow, lost, linkDown })))));

  test.each(rows)("%o", ({ replicas, slow, lost, linkDown }) => {
    for (let delivered = 0; delivered < 40; delivered++) {
      const cluster = newCluster(replicas);
      if (slow) preAcceptAt(cluster, [1], { leader: replicas - 1, number: 1, command: writeOf(60, key) });
      cluster.request(0, key);
      const rivals = [cluster.request(replicas - 1, key)];
      for (let i = 0; i < delivered && cluster.inFlight.length > 0; i++) cluster.deliver();
      const finished = cluster.inFlight.length === 0;
      if (lost) cluster.drop({ from: 0 });
      cluster.crash(0);
      if (linkDown) for (let replica = 1; replica < replicas; replica++) cluster.link(replica, 0, false);
      rivals.push(cluster.request(1, key));
      settle(cluster, 25);
      expect(contradictionsOf(cluster)).toEqual([]);
      for (let replica = 1; replica < replicas; replica++) {
        expect(cluster.executed(replica), `replica ${replica} after ${delivered}`).toEqual(cluster.executed(1));
        expect(cluster.executed(replica)).toEqual(expect.arrayContaining(namesOf(...rivals)));
      }
      cluster.restart(0);
      settle(cluster, 25);
      expect(contradictionsOf(cluster)).toEqual([]);
      for (let replica = 0; replica < replicas; replica++) expect(cluster.executed(replica)).toEqual(cluster.executed(1));
      expect(cluster.executed(1).filter((name) => name !== namesOf(writeOf(60))[0])).toHaveLength(3);
      if (finished) return;
    }
    expect.unreachable("the messages end");
  });
});

test("what a no-op is proposed for is waited for until it is one: it may come to be a command after all", () => {
  const cluster = newCluster(5);
  const first = cluster.request(0, key);
  cluster.drop(); // nobody else heard of 0.1
  // Replicas 2, 3 and 4 know nothing of it, so 4 proposes a no-op, which reaches 3 and no other acceptor before 4 crashes.
  inject(cluster, 4, 3, { type: "accept", leader: 0, number: 1, ballot: ballotOf(1, 4), command: noop, seq: 0, deps: depsOf(5) });
  cluster.crash(4);
  // Replica 1 asks 0 and 2 next; 0 has the command, which then is committed, and comes before one of 2's.
  commitAt(cluster, [0, 1, 2], { leader: 0, number: 1, command: first });
  const second = { leader: 2, number: 1, command: writeOf(2, key), seq: 2, deps: { 0: 1 } };
  commitAt(cluster, [0, 1, 2, 3], second);
  expect(cluster.executed(2)).toEqual(namesOf(first, second.command));
  expect(cluster.executed(3)).toEqual([]);
  commitAt(cluster, [3], { leader: 0, number: 1, command: first });
  expect(cluster.executed(3)).toEqual(cluster.executed(2));
});
