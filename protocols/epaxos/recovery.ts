/**
 * Explicit Prepare (Figure 3) and TryPreAccept (§4.4): finishing instances of a command leader that does not. Both
 * sides of it, who recovers and who answers. The cases are in finding.ts, the argument in README.md.
 */
import {
  ballotOf, conflicts, hasReplica, majorityOf, membersOf, nextBallot, noop, noReplicas, replicaSetOf, sizeOf, withReplica,
  type Ballot, type Command, type Effects, type Env, type Micros, type ReplicaId, type ReplicaSet,
} from "paxbench";
import { findingOf } from "./finding.ts";
import { instanceKey, sameDeps, type Instance } from "./instance.ts";
import type { Interference } from "./interference.ts";
import type { InstanceLog } from "./log.ts";
import type { JournalRecord, Message, MessageOf, PriorVote, Vote } from "./messages.ts";
import type { Peers } from "./peers.ts";

/** What recovery asks of the commit protocol. */
export interface CommitProtocol {
  /** The highest ballot joined for an instance. */
  ballotOf(leader: ReplicaId, number: number): Ballot;
  /** Joins a ballot that is not lower, durably before any answer. */
  join(leader: ReplicaId, number: number, ballot: Ballot): void;
  /**
   * Answers somebody who asks about a committed instance with its Commit; but who asked about a trimmed one has executed
   * it since. False: it is not committed.
   */
  answerCommitted(to: ReplicaId, leader: ReplicaId, number: number): boolean;
  /** Votes for attributes as the command leader's own PreAccept would have had it. */
  preAcceptFor(vote: Vote, quorum: ReplicaSet): void;
  /** Phase 1 in a ballot that this replica has joined, with no fast path; then phase 2. */
  beginPhase1(leader: ReplicaId, number: number, ballot: Ballot, command: Command): void;
  /** Phase 2 in such a ballot. */
  beginPhase2(vote: Vote): void;
  /** Whether one of the two is under way here, in the highest ballot joined. */
  isProposing(leader: ReplicaId, number: number): boolean;
}

/** Other instances named in one answer, to be recovered first. */
const othersAtOnce = 64;

interface Attempt {
  readonly leader: ReplicaId;
  readonly number: number;
  readonly ballot: Ballot;
  readonly since: Micros;
  readonly answers: Map<ReplicaId, PriorVote | null>;
  /** Set once TryPreAccept is sent: what for, and who agreed. */
  trying: PriorVote | null;
  agreed: ReplicaSet;
}

export class Recovery {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, "sweep">;
  readonly #log: InstanceLog;
  readonly #interference: Interference;
  readonly #protocol: CommitProtocol;
  readonly #peers: Peers;
  readonly #majority: number;
  readonly #attempts = new Map<number, Attempt>();
  /** When this replica may try again: who recovers an instance is left in peace for a while, so that one of them succeeds. */
  readonly #restUntil = new Map<number, Micros>();
  readonly #patience: Micros;

  /** `patience`, µs: how long answers are waited for. */
  constructor(
    env: Env,
    effects: Effects<Message, JournalRecord, "sweep">,
    log: InstanceLog,
    interference: Interference,
    protocol: CommitProtocol,
    peers: Peers,
    patience: Micros,
  ) {
    this.#patience = patience;
    this.#env = env;
    this.#effects = effects;
    this.#log = log;
    this.#interference = interference;
    this.#protocol = protocol;
    this.#peers = peers;
    this.#majority = majorityOf(env.replicas);
  }

  /** Finishes an instance, unless that is under way. */
  recover(leader: ReplicaId, number: number): void {
    const key = instanceKey(leader, number);
    if (this.#log.isCommitted(leader, number) || this.#protocol.isProposing(leader, number)) return;
    const attempt = this.#attempt(leader, number, this.#protocol.ballotOf(leader, number));
    if (attempt?.trying === null && this.#env.now - attempt.since >= this.#patience) {
      // Who has not answered by now may be down: those who have are enough, or too few.
      if (attempt.answers.size >= this.#majority) return this.#conclude(attempt, true);
      this.#peers.keptSilent(replicaSetOf(membersOf(this.#env.others).filter((peer) => !attempt.answers.has(peer))));
      this.#attempts.delete(key);
    }
    if (this.#peers.majorityInReach && this.#env.now >= (this.#restUntil.get(key) ?? 0)) this.#prepare(leader, number);
  }

  /** An instance is committed: nothing more to recover. */
  forget(leader: ReplicaId, number: number): void {
    const key = instanceKey(leader, number);
    this.#attempts.delete(key);
    this.#restUntil.delete(key);
  }

  // --- Who recovers. ---

  #prepare(leader: ReplicaId, number: number): void {
    const key = instanceKey(leader, number);
    const ballot = nextBallot(this.#protocol.ballotOf(leader, number), this.#env.self);
    const attempt = { leader, number, ballot, since: this.#env.now, answers: new Map(), trying: null, agreed: noReplicas };
    this.#attempts.set(key, attempt);
    this.#rest(key);
    // Durable before anybody hears of it: after a restart this replica must not use the ballot for something else.
    this.#protocol.join(leader, number, ballot);
    this.#effects.broadcast(this.#env.everyone, { type: "prepare", leader, number, ballot });
  }

  /** Long enough for an attempt, and random, so that replicas do not overtake each other for ever. */
  #rest(key: number): void {
    const turns = 2 + this.#env.random.below(this.#env.replicas);
    this.#restUntil.set(key, this.#env.now + turns * this.#patience);
  }

  onPrepareOk(from: ReplicaId, { leader, number, ballot, vote }: MessageOf<"prepareOk">): void {
    const attempt = this.#attempt(leader, number, ballot);
    if (attempt === undefined || attempt.trying !== null) return;
    attempt.answers.set(from, vote);
    if (attempt.answers.size < this.#majority) return;
    const silent = membersOf(this.#peers.reachable).some((peer) => !attempt.answers.has(peer));
    this.#conclude(attempt, !silent);
  }

  /** `final`: no more answers are waited for. More of them can only make the last case rarer. */
  #conclude(attempt: Attempt, final: boolean): void {
    const { leader, number, ballot, answers } = attempt;
    const finding = findingOf(answers, leader, ballotOf(0, leader));
    switch (finding.type) {
      case "accepted":
        return this.#propose(attempt, finding.vote);
      case "unknown":
        return this.#propose(attempt, { command: noop, seq: 0, deps: Array.from({ length: this.#env.replicas }, () => 0) });
      case "open":
        this.#attempts.delete(instanceKey(leader, number));
        return this.#protocol.beginPhase1(leader, number, ballot, finding.command);
      case "perhaps": {
        if (!final) return;
        attempt.trying = finding.vote;
        const { command, seq, deps, quorum } = finding.vote;
        this.#effects.broadcast(this.#env.everyone, { type: "tryPreAccept", leader, number, ballot, command, seq, deps, quorum });
      }
    }
  }

  #propose(attempt: Attempt, { command, seq, deps }: Pick<Vote, "command" | "seq" | "deps">): void {
    const { leader, number, ballot } = attempt;
    this.#attempts.delete(instanceKey(leader, number));
    this.#protocol.beginPhase2({ leader, number, ballot, command, seq, deps });
  }

  /** A majority holds the attributes, and none of it anything that they leave out: they are safe. */
  onTryPreAcceptOk(from: ReplicaId, { leader, number, ballot }: MessageOf<"tryPreAcceptOk">): void {
    const attempt = this.#attempt(leader, number, ballot);
    if (attempt === undefined || attempt.trying === null) return;
    attempt.agreed = withReplica(attempt.agreed, from);
    if (sizeOf(attempt.agreed) >= this.#majority) this.#propose(attempt, attempt.trying);
  }

  /** Then it was not committed, and may get any attributes. */
  onRefuted(_from: ReplicaId, { leader, number, ballot }: MessageOf<"refuted">): void {
    const attempt = this.#attempt(leader, number, ballot);
    if (attempt === undefined || attempt.trying === null) return;
    this.#attempts.delete(instanceKey(leader, number));
    this.#protocol.beginPhase1(leader, number, ballot, attempt.trying.command);
  }

  /** First the others. This one comes again, in a higher ballot, if too few agree. */
  onUndecided(_from: ReplicaId, { leader, number, ballot, others }: MessageOf<"undecided">): void {
    if (this.#attempt(leader, number, ballot) === undefined) return;
    for (const other of others) this.recover(other.leader, other.number);
  }

  /** Whoever joined the higher ballot is left to it for a while. A proposal in a lower one is no longer led (replica.ts). */
  onOvertaken(_from: ReplicaId, { leader, number, ballot }: MessageOf<"overtaken">): void {
    if (this.#log.isCommitted(leader, number) || ballot <= this.#protocol.ballotOf(leader, number)) return;
    this.#protocol.join(leader, number, ballot);
    this.#rest(instanceKey(leader, number));
  }

  /** The attempt that an answer speaks of. None once this replica joined a higher ballot: it must not vote in this one. */
  #attempt(leader: ReplicaId, number: number, ballot: Ballot): Attempt | undefined {
    const attempt = this.#attempts.get(instanceKey(leader, number));
    return attempt?.ballot === ballot && ballot === this.#protocol.ballotOf(leader, number) ? attempt : undefined;
  }

  // --- Who answers. ---

  onPrepare(from: ReplicaId, { leader, number, ballot }: MessageOf<"prepare">): void {
    if (this.#answerEarly(from, leader, number, ballot)) return;
    // No rest for that: who asks may reach no majority, and must not keep back one that does.
    this.#protocol.join(leader, number, ballot);
    const instance = this.#log.at(leader, number);
    this.#effects.send(from, { type: "prepareOk", leader, number, ballot, vote: instance === undefined ? null : priorVote(instance) });
  }

  onTryPreAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps, quorum }: MessageOf<"tryPreAccept">): void {
    if (this.#answerEarly(from, leader, number, ballot)) return;
    this.#protocol.join(leader, number, ballot);
    const initial = ballotOf(0, leader);
    const instance = this.#log.at(leader, number);
    const asked = hasReplica(quorum, this.#env.self);
    const alike = instance !== undefined && instance.seq === seq && sameDeps(instance.deps, deps);
    // Accepted with these attributes: whoever proposed them had a majority's consent.
    if (alike && instance.status === "accepted") return this.#effects.send(from, { type: "tryPreAcceptOk", leader, number, ballot });
    const votedSo = alike && instance.votedBallot === initial;
    // The command leader itself, which has not committed it; one of its fast quorum that did not reply so, and now never
    // will; or a vote of somebody who knew more. Accepted with other attributes: likewise.
    const refuted =
      leader === this.#env.self || (asked && !votedSo) ||
      (instance !== undefined && (instance.votedBallot > initial || instance.status === "accepted"));
    if (refuted) return this.#effects.send(from, { type: "refuted", leader, number, ballot });
    const others = this.#contradictions(leader, number, command, deps, quorum);
    if (others === "refuted") return this.#effects.send(from, { type: "refuted", leader, number, ballot });
    if (others.length > 0) {
      return this.#effects.send(from, { type: "undecided", leader, number, ballot, others: others.slice(0, othersAtOnce) });
    }
    // The vote stands in the command leader's ballot: it is one that the leader might have counted, had it asked.
    if (!asked && !votedSo) this.#protocol.preAcceptFor({ leader, number, ballot: initial, command, seq, deps }, quorum);
    this.#effects.send(from, { type: "tryPreAcceptOk", leader, number, ballot });
  }

  /**
   * Interfering commands that neither come before this one by `deps`, nor after it by their own. Had this one been
   * committed on the fast path, then no such command could be committed, or be led by one of the fast quorum: each of
   * the quorum put one of the two behind the other when it learned of the second.
   */
  #contradictions(
    leader: ReplicaId,
    number: number,
    command: Command,
    deps: readonly number[],
    quorum: ReplicaSet,
  ): Instance[] | "refuted" {
    const latest = this.#interference.attributesOf(command).deps;
    // Executed by everybody, here without this one, so committed and not behind it.
    if (this.#interference.trimmedFor(command).some((last, q) => last > deps[q]!)) return "refuted";
    const undecided: Instance[] = [];
    for (let q = 0; q < this.#env.replicas; q++) {
      for (let i = Math.max(deps[q]! + 1, this.#log.first(q)); i <= latest[q]!; i++) {
        const other = this.#log.at(q, i);
        if (other === undefined || (q === leader && i === number)) continue;
        if (!conflicts(command, other.command) || other.deps[leader]! >= number) continue;
        const initially = other.votedBallot === ballotOf(0, q) && other.status === "preAccepted";
        if (other.isCommitted || (initially && hasReplica(quorum, q))) return "refuted";
        undecided.push(other);
      }
    }
    return undecided;
  }

  #answerEarly(from: ReplicaId, leader: ReplicaId, number: number, ballot: Ballot): boolean {
    if (this.#protocol.answerCommitted(from, leader, number)) return true;
    const joined = this.#protocol.ballotOf(leader, number);
    if (ballot >= joined) return false;
    this.#effects.send(from, { type: "overtaken", leader, number, ballot: joined });
    return true;
  }
}

const priorVote = ({ status, votedBallot, command, seq, deps, quorum }: Instance): PriorVote =>
  ({ accepted: status === "accepted", votedBallot, command, seq, deps, quorum });
