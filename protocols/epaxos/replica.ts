/**
 * Egalitarian Paxos: I. Moraru, D. Andersen, M. Kaminsky, "There Is More Consensus in Egalitarian Parliaments"
 * (SOSP 2013). Section, figure and line numbers below are that paper's. Every replica is command leader of what its own
 * clients ask; README.md lists what is done differently and why.
 */
import {
  ballotOf, hasReplica, invariant, majorityOf, mebibyte, millisecond, noop, noReplicas, replicaSetOf, sizeOf, withReplica, withoutReplica,
  type Ballot, type Command, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { compactedJournal } from "./compaction.ts";
import { blockerName, Execution } from "./execution.ts";
import { Instance, instanceKey, instanceName, sameDeps, unionOfDeps, type InstanceStatus } from "./instance.ts";
import { Interference } from "./interference.ts";
import { InstanceLog } from "./log.ts";
import type { Committed, JournalRecord, Message, MessageOf, Vote } from "./messages.ts";
import { Overdue } from "./overdue.ts";
import { acceptOf, proposalOf, type Proposal } from "./proposal.ts";
import { Peers } from "./peers.ts";
import { Recovery, type CommitProtocol } from "./recovery.ts";

export interface Options {
  readonly retry: number;
  readonly trim: number;
  readonly keep: number;
}

export type Timer = "sweep";

/** Own instances that may be under way at once; further commands wait. */
const maxInFlight = 4096;
const maxPending = 65_536;
/** Commits in one answer to a replica that catches up. */
const learnChunk = 256;

/** Only they show that a peer hears this replica; what it asks or tells does not. */
const answers: ReadonlySet<Message["type"]> = new Set([
  "preAcceptOk", "acceptOk", "prepareOk", "tryPreAcceptOk", "refuted", "undecided", "overtaken", "learned",
]);

export class EPaxosReplica implements Replica<Message, JournalRecord, Timer>, CommitProtocol {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #retry: Micros;
  readonly #trim: number;
  /** Bytes. */
  readonly #keep: number;
  /** F+1: of Paxos-Accept (§4.3). */
  readonly #slowQuorum: number;
  /** F+⌊(F+1)/2⌋, the command leader included (§4.4). */
  readonly #fastQuorum: number;

  readonly #log: InstanceLog;
  readonly #interference: Interference;
  readonly #execution: Execution;
  readonly #recovery: Recovery;
  readonly #overdue: Overdue;

  /** By instance key. */
  readonly #proposals = new Map<number, Proposal>();
  /** Ballots joined for instances that are not known, by instance key. */
  readonly #joined = new Map<number, Ballot>();
  /** Own instances that an earlier life left open. */
  readonly #orphans = new Set<number>();
  /** Commands of own instances of which others would make a no-op, by number. */
  readonly #displaced = new Map<number, Command>();
  readonly #pending: Command[] = [];
  readonly #peers: Peers;

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    const tolerated = Math.floor((env.replicas - 1) / 2);
    this.#env = env;
    this.#effects = effects;
    this.#retry = options.retry * millisecond;
    this.#trim = options.trim;
    this.#keep = options.keep * mebibyte;
    this.#slowQuorum = majorityOf(env.replicas);
    // ⌊N/2⌋ is the paper's F; an even number of replicas takes one more than the odd number below it, as its majority does.
    this.#fastQuorum = Math.floor(env.replicas / 2) + Math.max(1, Math.floor((tolerated + 1) / 2));
    this.#peers = new Peers(env);
    this.#log = new InstanceLog(env.replicas);
    this.#interference = new Interference(this.#log);
    this.#execution = new Execution(this.#log, this.#interference, ({ command }) => effects.execute(command));
    this.#recovery = new Recovery(env, effects, this.#log, this.#interference, this, this.#peers, this.#retry);
    this.#overdue = new Overdue(env, this.#log, this.#execution);
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const record of journal) {
      if (record.type === "joined") this.#remember(record.leader, record.number, record.ballot);
      else this.#record(record, record.type, record.type === "preAccepted" ? record.quorum : noReplicas);
    }
    const { self } = this.#env;
    for (let number = 1; number <= this.#log.last(self); number++) {
      if (this.#log.at(self, number)!.isCommitted) this.#displaced.delete(number);
      else this.#orphans.add(number);
    }
  }

  compacted(): Iterable<JournalRecord> {
    return compactedJournal(this.#log, this.#joined, this.#displaced, this.#env.self);
  }

  start(): void {
    // What was committed while this replica was down. A new cluster's replicas have nothing to tell.
    this.#learnFrom(this.#env.others);
    this.#effects.setTimer("sweep", this.#retry);
  }

  onRequest(command: Command): void {
    // Without a majority in reach an instance would only stand in the way of those who have one.
    if (!this.#peers.majorityInReach || this.#log.weight >= this.#keep) this.#effects.reject(command);
    else if (this.#proposals.size < maxInFlight) this.#propose(command);
    else if (this.#pending.length < maxPending) this.#pending.push(command);
    else this.#effects.reject(command);
  }

  onMessage(from: ReplicaId, message: Message): void {
    if (answers.has(message.type)) this.#peers.answered(from);
    switch (message.type) {
      case "preAccept": return this.#onPreAccept(from, message);
      case "preAcceptOk": return this.#onPreAcceptOk(from, message);
      case "accept": return this.#onAccept(from, message);
      case "acceptOk": return this.#onAcceptOk(from, message);
      case "commit": return this.#onCommit(message);
      case "prepare": return this.#recovery.onPrepare(from, message);
      case "prepareOk": return this.#recovery.onPrepareOk(from, message);
      case "tryPreAccept": return this.#recovery.onTryPreAccept(from, message);
      case "tryPreAcceptOk": return this.#recovery.onTryPreAcceptOk(from, message);
      case "refuted": return this.#recovery.onRefuted(from, message);
      case "undecided": return this.#recovery.onUndecided(from, message);
      case "overtaken": return this.#recovery.onOvertaken(from, message);
      case "learn": return this.#onLearn(from, message);
      case "learned": return this.#onLearned(from, message);
      case "executed": return this.#log.executedBy(from, message.upTo, (instance) => this.#interference.forget(instance));
      case "askExecuted": return this.#effects.send(from, { type: "executed", upTo: [...this.#log.executed] });
    }
  }

  onTimer(): void {
    this.#overdue.sweep();
    for (const { leader, number } of this.#overdue.mine()) this.#recovery.recover(leader, number);
    for (const number of this.#orphans) this.#recovery.recover(this.#env.self, number);
    for (const proposal of this.#proposals.values()) {
      if (this.#env.now - proposal.since >= this.#retry && this.#isLeading(proposal)) this.#askAgain(proposal);
    }
    // The Commit may be lost, and others have it. And whoever is silent answers if it is there, and so is in reach again.
    this.#learnFrom(this.#overdue.any ? this.#env.others : this.#peers.silent);
    // Behind the journal: a restarted replica executes again what it had executed, from what was durable then.
    const executed = this.#log.executedSince(this.#trim);
    if (executed !== null) this.#effects.broadcast(this.#env.everyone, { type: "executed", upTo: executed });
    if (this.#log.weight >= this.#keep / 2) this.#effects.broadcast(this.#env.everyone, { type: "askExecuted" });
    this.#effects.setTimer("sweep", this.#retry);
  }

  onLink(peer: ReplicaId, up: boolean): void {
    this.#peers.link(peer, up);
    if (up) this.#learnFrom(replicaSetOf([peer]));
  }

  // --- Phase 1: establish ordering constraints (Figure 2). ---

  /** The command leader, on a request (lines 1-5). */
  #propose(command: Command): void {
    const leader = this.#env.self;
    const number = this.#log.last(leader) + 1;
    const ballot = this.ballotOf(leader, number);
    invariant(ballot === ballotOf(0, leader), "nobody recovers what its command leader has not begun");
    const { seq, deps } = this.#interference.attributesOf(command);
    const peers = this.#peers.nearest(this.#fastQuorum);
    const vote = { leader, number, ballot, command, seq, deps };
    this.#beginPhase1(vote, peers, withReplica(peers, leader));
    if (this.#env.replicas === 1) {
      // Nobody to ask: the own vote, once durable, is the quorum.
      this.#effects.send(leader, { type: "preAcceptOk", leader, number, ballot, seq, deps, covered: noReplicas });
    }
  }

  /** Recovery: from here on this replica is to the instance what its command leader was. */
  beginPhase1(leader: ReplicaId, number: number, ballot: Ballot, command: Command): void {
    const { seq, deps } = this.#interference.attributesOf(command);
    this.#beginPhase1({ leader, number, ballot, command, seq, deps }, this.#env.others, noReplicas);
  }

  #beginPhase1(vote: Vote, peers: ReplicaSet, quorum: ReplicaSet): void {
    const coveredByLeader = this.#covered(vote.command, vote.deps);
    // Not ahead of the journal: after a restart the instance must not be used again for another command. So every
    // reply also tells that the own vote is durable.
    this.#effects.persist({ type: "preAccepted", ...vote, quorum });
    this.#record(vote, "preAccepted", quorum);
    const proposal = proposalOf(vote, quorum, coveredByLeader, this.#env.now);
    this.#proposals.set(instanceKey(vote.leader, vote.number), proposal);
    this.#sendPreAccept(peers, proposal);
  }

  /** A replica, on PreAccept (lines 6-9). */
  #onPreAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps, quorum }: MessageOf<"preAccept">): void {
    if (this.#answerTooLate(from, leader, number, ballot)) return;
    let instance = this.#log.at(leader, number);
    let covered = noReplicas;
    if (instance === undefined || ballot > instance.votedBallot) {
      const here = this.#interference.attributesOf(command);
      const updatedSeq = Math.max(seq, here.seq);
      const updatedDeps = unionOfDeps(deps, here.deps);
      covered = this.#covered(command, updatedDeps);
      const vote = { leader, number, ballot, command, seq: updatedSeq, deps: updatedDeps };
      this.#effects.persist({ type: "preAccepted", ...vote, quorum });
      instance = this.#record(vote, "preAccepted", quorum);
    } else if (instance.status !== "preAccepted") return;
    // Voted before, in this ballot: the leader asks again and gets the same attributes. It has given up the fast path.
    this.#effects.send(from, { type: "preAcceptOk", leader, number, ballot, seq: instance.seq, deps: instance.deps, covered });
  }

  /** The command leader, on PreAcceptOK (lines 10-15). */
  #onPreAcceptOk(from: ReplicaId, { leader, number, ballot, seq, deps, covered }: MessageOf<"preAcceptOk">): void {
    const proposal = this.#proposal(leader, number, ballot, "preAccept");
    if (proposal === undefined) return;
    const first = proposal.replies === noReplicas;
    // Compared with each other, not with the leader's own attributes: each reply contains those (line 10).
    if (!first && (seq !== proposal.seq || !sameDeps(deps, proposal.deps))) proposal.identical = false;
    proposal.replies = withReplica(proposal.replies, from);
    proposal.seq = Math.max(proposal.seq, seq);
    proposal.deps = unionOfDeps(proposal.deps, deps);
    proposal.covered = (proposal.covered | covered) as ReplicaSet;
    this.#endPhase1(proposal);
  }

  /** Fast path or slow path, once enough have answered. */
  #endPhase1(proposal: Proposal): void {
    const votes = sizeOf(withReplica(proposal.replies, this.#env.self));
    const fastPossible = proposal.thrifty && proposal.identical;
    if (fastPossible && votes < this.#fastQuorum) return;
    if (fastPossible && this.#everyDependencyCovered(proposal)) this.#decideFast(proposal);
    else if (votes >= this.#slowQuorum) this.#runAccept(proposal);
  }

  /**
   * Optimized EPaxos: the fast path also needs, for each dependency, a replica of the quorum that knew it as committed
   * when it chose its attributes. Otherwise the dependency's seq may still rise above this command's, or has risen
   * since, and recovery would take that as proof that this command was not committed (§4.4). With three replicas no
   * proof is needed: the one reply and the leader are a majority.
   */
  #everyDependencyCovered({ vote, deps, covered, coveredByLeader }: Proposal): boolean {
    if (this.#env.replicas <= 3) return true;
    return deps.every((number, q) => hasReplica(covered, q) || (hasReplica(coveredByLeader, q) && number === vote.deps[q]));
  }

  // --- Phase 2: Paxos-Accept, the slow path (Figure 2). ---

  /** Recovery: the attributes are settled, if not yet by whom. */
  beginPhase2(vote: Vote): void {
    const proposal = proposalOf(vote, noReplicas, noReplicas, this.#env.now);
    this.#proposals.set(instanceKey(vote.leader, vote.number), proposal);
    this.#runAccept(proposal);
  }

  /** Lines 16-17. */
  #runAccept(proposal: Proposal): void {
    proposal.phase = "accept";
    proposal.since = this.#env.now;
    proposal.replies = noReplicas;
    // Ahead of the journal: an accept is no vote, and after a restart this replica proposes nothing more in this ballot.
    // The leader's own vote is its acceptor's, by message.
    const acceptors = withReplica(this.#peers.nearest(this.#slowQuorum), this.#env.self);
    proposal.asked = acceptors;
    this.#effects.ahead.broadcast(acceptors, acceptOf(proposal));
  }

  /** A replica, on Accept (lines 18-19). */
  #onAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps }: MessageOf<"accept">): void {
    if (this.#answerTooLate(from, leader, number, ballot)) return;
    const instance = this.#log.at(leader, number);
    if (instance?.status !== "accepted" || instance.votedBallot !== ballot) {
      this.#effects.persist({ type: "accepted", leader, number, ballot, command, seq, deps });
      this.#record({ leader, number, ballot, command, seq, deps }, "accepted");
    }
    this.#effects.send(from, { type: "acceptOk", leader, number, ballot });
  }

  /** The command leader, on AcceptOK (line 20). */
  #onAcceptOk(from: ReplicaId, { leader, number, ballot }: MessageOf<"acceptOk">): void {
    const proposal = this.#proposal(leader, number, ballot, "accept");
    if (proposal === undefined) return;
    proposal.replies = withReplica(proposal.replies, from);
    if (sizeOf(proposal.replies) >= this.#slowQuorum) this.#decideSlow(proposal);
  }

  // --- Commit (Figure 2, lines 21-24; `commit` and `execute` tell the client). ---

  /**
   * The command leader, on the fast path. Nobody hears of it before the journal has it, the own Commit comes back by
   * message: after a restart this replica tells whoever recovers the instance whether it was committed (finding.ts).
   */
  #decideFast(proposal: Proposal): void {
    const { vote, seq, deps } = proposal;
    const { leader, number, command } = vote;
    proposal.phase = "decided";
    this.#effects.persist({ type: "committed", ...vote, seq, deps });
    this.#effects.broadcast(this.#env.everyone, { type: "commit", leader, number, command, seq, deps });
    this.#effects.note("fast");
  }

  /** The command leader, or who recovers, on the slow path. */
  #decideSlow({ vote, seq, deps }: Proposal): void {
    const { leader, number, command } = vote;
    if (leader === this.#env.self) this.#effects.note("slow");
    // Ahead of the journal: what is told is decided by the votes that a majority has made durable.
    this.#effects.ahead.broadcast(this.#env.others, { type: "commit", leader, number, command, seq, deps });
    this.#effects.persist({ type: "committed", ...vote, seq, deps });
    this.#commit({ ...vote, seq, deps });
  }

  /** Any replica, on Commit (line 24). */
  #onCommit({ leader, number, command, seq, deps }: Committed): void {
    if (this.#log.isTrimmed(leader, number)) return; // late: everybody has executed it
    const instance = this.#log.at(leader, number);
    if (instance?.isCommitted === true) {
      // Stability (§4.2) and Proposition 2 (§4.3.3): an instance is committed with one command and one set of attributes.
      const same = instance.command.id === command.id && instance.seq === seq && sameDeps(instance.deps, deps);
      return invariant(same, `instance ${instanceName(instance.key)} is committed once`);
    }
    const vote = { leader, number, ballot: this.ballotOf(leader, number), command, seq, deps };
    const decided = this.#proposals.get(instanceKey(leader, number))?.phase === "decided";
    if (!decided) this.#effects.persist({ type: "committed", ...vote });
    this.#commit(vote);
  }

  #commit(vote: Vote): void {
    const { leader, number, command } = vote;
    this.#proposals.delete(instanceKey(leader, number));
    this.#recovery.forget(leader, number);
    this.#record(vote, "committed");
    if (leader === this.#env.self) {
      this.#orphans.delete(number);
      const displaced = this.#displaced.get(number);
      this.#displaced.delete(number);
      // A no-op, for nobody who was asked had heard of the instance: the command needs another one.
      if (displaced !== undefined && displaced.id !== command.id) this.onRequest(displaced);
    }
    if (this.#proposals.size >= maxInFlight) return;
    const next = this.#pending.shift();
    if (next !== undefined) this.onRequest(next);
  }

  // --- Lost messages: a link that breaks loses what it carried, and a crashed replica what was sent to it. ---

  /** A fast quorum that does not answer is given up, and with it the fast path: everybody is asked. */
  #askAgain(proposal: Proposal): void {
    const silent = replicaSetOf(this.#env.nearest.filter((replica) => !hasReplica(proposal.replies, replica)));
    this.#peers.keptSilent((silent & proposal.asked) as ReplicaSet);
    proposal.since = this.#env.now;
    if (proposal.phase === "accept") {
      proposal.asked = silent;
      return this.#effects.broadcast(silent, acceptOf(proposal));
    }
    if (proposal.phase === "decided") return;
    proposal.thrifty = false;
    this.#sendPreAccept(withoutReplica(silent, this.#env.self), proposal);
    this.#endPhase1(proposal);
  }

  #learnFrom(peers: ReplicaSet): void {
    this.#effects.broadcast(peers, this.#log.missing());
  }

  #onLearn(from: ReplicaId, question: MessageOf<"learn">): void {
    const answer = this.#log.answer(question, learnChunk);
    this.#effects.send(from, answer);
  }

  #onLearned(from: ReplicaId, { commits, more }: MessageOf<"learned">): void {
    for (const commit of commits) this.#onCommit(commit);
    if (more) this.#learnFrom(replicaSetOf([from]));
  }

  // --- State. ---

  /** An instance's new status, with the command and attributes that were voted for or committed. */
  #record(vote: Vote, status: Exclude<InstanceStatus, "executed">, quorum = noReplicas): Instance {
    const known = this.#log.at(vote.leader, vote.number);
    const instance = known ?? new Instance(vote, status);
    const interferes = known === undefined || known.command.id !== vote.command.id || known.seq < vote.seq;
    if (known === undefined) {
      const key = instanceKey(vote.leader, vote.number);
      instance.ballot = Math.max(vote.ballot, this.#joined.get(key) ?? 0) as Ballot;
      this.#joined.delete(key);
      this.#log.add(instance);
    } else {
      if (instance.command.id !== vote.command.id) {
        this.#interference.remove(instance);
        if (vote.leader === this.#env.self && instance.command.id !== noop.id) this.#displaced.set(vote.number, instance.command);
      }
      instance.update(vote, status);
    }
    instance.quorum = quorum;
    if (interferes) this.#interference.add(instance);
    if (status === "committed") {
      this.#log.countCommitted(vote.leader);
      this.#effects.commit(instance.key, vote.command, [vote.seq, ...vote.deps]);
    }
    if (known === undefined) this.#execution.known(vote.leader);
    if (status === "committed") this.#execution.committed(instance);
    return instance;
  }

  /** The proposal that a reply speaks of; undefined if it comes too late. */
  #proposal(leader: ReplicaId, number: number, ballot: Ballot, phase: Proposal["phase"]): Proposal | undefined {
    const proposal = this.#proposals.get(instanceKey(leader, number));
    return proposal?.phase === phase && proposal.vote.ballot === ballot && this.#isLeading(proposal) ? proposal : undefined;
  }

  /** Whoever joined a higher ballot of an instance no longer leads it. */
  #isLeading({ vote }: Proposal): boolean {
    return vote.ballot === this.ballotOf(vote.leader, vote.number);
  }

  /** True if the instance is committed, or its ballot higher: whoever asks is told so. */
  #answerTooLate(to: ReplicaId, leader: ReplicaId, number: number, ballot: Ballot): boolean {
    if (this.answerCommitted(to, leader, number)) return true;
    const joined = this.ballotOf(leader, number);
    if (ballot >= joined) return false;
    this.#effects.send(to, { type: "overtaken", leader, number, ballot: joined });
    return true;
  }

  // --- For recovery.ts. ---

  ballotOf(leader: ReplicaId, number: number): Ballot {
    return this.#log.at(leader, number)?.ballot ?? this.#joined.get(instanceKey(leader, number)) ?? ballotOf(0, leader);
  }

  join(leader: ReplicaId, number: number, ballot: Ballot): void {
    if (ballot === this.ballotOf(leader, number)) return;
    this.#effects.persist({ type: "joined", leader, number, ballot });
    this.#remember(leader, number, ballot);
  }

  #remember(leader: ReplicaId, number: number, ballot: Ballot): void {
    const instance = this.#log.at(leader, number);
    if (instance === undefined) this.#joined.set(instanceKey(leader, number), ballot);
    else instance.ballot = ballot;
  }

  answerCommitted(to: ReplicaId, leader: ReplicaId, number: number): boolean {
    if (this.#log.isTrimmed(leader, number)) return true;
    const instance = this.#log.at(leader, number);
    const proposal = this.#proposals.get(instanceKey(leader, number));
    const committed = instance?.isCommitted === true ? instance : proposal?.phase === "decided" ? proposal : null;
    if (committed === null) return false;
    const { seq, deps } = committed;
    const { command } = instance!;
    this.#effects.send(to, { type: "commit", leader, number, command, seq, deps });
    return true;
  }

  preAcceptFor(vote: Vote, quorum: ReplicaSet): void {
    this.#effects.persist({ type: "preAccepted", ...vote, quorum });
    this.#record(vote, "preAccepted", quorum);
  }

  isProposing(leader: ReplicaId, number: number): boolean {
    const proposal = this.#proposals.get(instanceKey(leader, number));
    return proposal !== undefined && this.#isLeading(proposal);
  }

  /** Replicas q of whose instances 1 … deps[q] all are known here, and those that interfere committed. */
  #covered(command: Command, deps: readonly number[]): ReplicaSet {
    const { known, committed } = this.#log;
    return replicaSetOf(this.#env.nearest.filter((q) =>
      deps[q]! <= known[q]! && this.#interference.allCommitted(command, q, committed[q]!, deps[q]!)));
  }

  #sendPreAccept(to: ReplicaSet, proposal: Proposal): void {
    proposal.asked = to;
    this.#effects.broadcast(to, { type: "preAccept", ...proposal.vote, quorum: proposal.quorum });
  }

  assertInvariants(): void {
    const { self } = this.#env;
    const { known, committed, executed } = this.#log;
    invariant(known[self] === this.#log.last(self), "own instances are known without gaps");
    for (const [q, number] of known.entries()) {
      invariant(committed[q]! <= number, "what is committed is known");
      invariant(executed[q]! <= committed[q]!, "what is executed is committed");
      invariant(!this.#log.isTrimmed(q, executed[q]! + 1), "what is trimmed is executed");
    }
  }

  status(): Status {
    return {
      own: this.#log.last(this.#env.self),
      inFlight: this.#proposals.size,
      known: this.#log.known.join(","),
      committed: this.#log.committed.join(","),
      trimmed: this.#log.known.map((_, leader) => this.#log.first(leader) - 1).join(","),
      waitsFor: [...this.#execution.blockers].slice(0, 5).map(blockerName).join(","),
    };
  }
}
