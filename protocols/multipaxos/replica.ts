/**
 * MultiPaxos: L. Lamport, "Paxos Made Simple" (2001). Section numbers below are that paper's. Every replica is acceptor
 * and learner, and proposer when it campaigns; README.md lists what the paper leaves open and how it is done here.
 */
import {
  hasReplica, invariant, majorityOf, mebibyte, millisecond, nextBallot, noBallot, noop, noReplicas, proposerOf, sizeOf,
  TrimmedArray, Watermark, weightOf, withReplica,
  type Ballot, type Command, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import type { AcceptedSlot, JournalRecord, Message, MessageOf } from "./messages.ts";

export interface Options {
  readonly heartbeat: number;
  readonly electionTimeout: number;
  readonly phase2Quorum: number;
  readonly trim: number;
  readonly keep: number;
}

export type Timer = "heartbeat" | "election";

/** Undecided slots a leader keeps in flight; further commands wait. */
const maxInFlight = 4096;
/** Commands that wait for a leader, or for the leader's window. Further ones are rejected. */
const maxPending = 65_536;
/** Commands in one answer to a laggard. */
const learnChunk = 512;

/** What this acceptor accepted in a slot. */
interface Entry {
  readonly ballot: Ballot;
  readonly command: Command;
}

/** Phase 1 under way. */
interface Campaign {
  readonly from: number;
  promises: ReplicaSet;
  /** By slot: what was accepted in the highest ballot among the promises so far. */
  readonly accepted: Map<number, AcceptedSlot>;
}

/** Phase 2, slot by slot. */
interface Leadership {
  nextSlot: number;
  /** Who accepted each undecided slot. */
  readonly votes: Map<number, ReplicaSet>;
  /** When a slot was decided, the first undecided one was proposed, or all of them were sent again. */
  lastProgress: Micros;
}

export class MultiPaxosReplica implements Replica<Message, JournalRecord, Timer> {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #heartbeat: Micros;
  readonly #electionTimeout: Micros;
  readonly #trim: number;
  /** Bytes. */
  readonly #keep: number;
  /** Any two of them meet: a decision is seen by whoever campaigns later. */
  readonly #phase1Quorum: number;
  readonly #phase2Quorum: number;

  // Acceptor.
  #promised: Ballot = noBallot;
  /** Trimmed: its beginning is gone, where every replica has executed it. */
  readonly #log = new TrimmedArray<Entry | undefined>((entry) => (entry === undefined ? 0 : weightOf(entry.command)));

  // Learner: slots below are chosen, known and executed.
  #decided = 0;
  #recordedDecided = 0;
  #toldDecided = 0;
  readonly #executedByAll: Watermark;
  #learnAsked: Micros = -Infinity;

  // Proposer. At most one of the two is set, and then #promised is its ballot.
  #campaign: Campaign | null = null;
  #leadership: Leadership | null = null;

  #leader: ReplicaId | null = null;
  #pending: Command[] = [];

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    this.#env = env;
    this.#effects = effects;
    this.#heartbeat = options.heartbeat * millisecond;
    this.#electionTimeout = options.electionTimeout * millisecond;
    this.#trim = options.trim;
    this.#keep = options.keep * mebibyte;
    this.#phase2Quorum = options.phase2Quorum || majorityOf(env.replicas);
    this.#phase1Quorum = options.phase2Quorum === 0 ? this.#phase2Quorum : env.replicas + 1 - this.#phase2Quorum;
    this.#executedByAll = new Watermark(env.replicas);
  }

  restore(journal: Iterable<JournalRecord>): void {
    let decided = 0;
    for (const record of journal) {
      switch (record.type) {
        case "promised":
          this.#promised = record.ballot;
          break;
        case "accepted":
          this.#enter(record.slot, { ballot: record.ballot, command: record.command });
          break;
        case "decided":
          decided = record.upTo;
      }
    }
    this.#recordedDecided = decided;
    while (this.#decided < decided) this.#execute();
  }

  *compacted(): Generator<JournalRecord> {
    yield { type: "promised", ballot: this.#promised };
    for (let slot = 0; slot < this.#log.length; slot++) {
      const entry = this.#log.at(slot);
      if (entry !== undefined) yield { type: "accepted", slot, ...entry };
    }
    yield { type: "decided", upTo: this.#decided };
  }

  start(): void {
    const newCluster = this.#promised === noBallot;
    if (newCluster && this.#env.self === this.#env.initialLeader) this.#startCampaign();
    else this.#setElectionTimer();
  }

  onRequest(command: Command): void {
    if (this.#leadership !== null && this.#log.weight >= this.#keep) this.#effects.reject(command);
    else if (this.#leadership !== null && this.#leadership.votes.size < maxInFlight) this.#propose(command);
    else if (this.#leader !== null && this.#leadership === null) this.#effects.forward(this.#leader, command);
    else if (this.#pending.length < maxPending) this.#pending.push(command);
    else this.#effects.reject(command);
  }

  onMessage(from: ReplicaId, message: Message): void {
    switch (message.type) {
      case "prepare": return this.#onPrepare(from, message);
      case "promise": return this.#onPromise(from, message);
      case "accept": return this.#onAccept(from, message);
      case "accepted": return this.#onAccepted(from, message);
      case "preempted": return this.#onPreempted(message);
      case "decide": return this.#onDecide(from, message);
      case "heartbeat": return this.#onHeartbeat(from, message);
      case "learn": return this.#onLearn(from, message);
      case "learned": return this.#onLearned(from, message);
      case "executed": return this.#onExecuted(from, message);
      case "askExecuted": return this.#onAskExecuted(from);
    }
  }

  onTimer(timer: Timer): void {
    switch (timer) {
      case "election": return this.#startCampaign();
      case "heartbeat": return this.#onHeartbeatTimer();
    }
  }

  // --- Phase 1 (§2.2; for infinitely many instances at once, §3). ---

  #startCampaign(): void {
    const ballot = nextBallot(this.#promised, this.#env.self);
    // Durable before anybody hears of the ballot: a restart must not campaign in it again.
    this.#promise(ballot);
    this.#campaign = { from: this.#decided, promises: noReplicas, accepted: new Map() };
    this.#effects.broadcast(this.#env.everyone, { type: "prepare", ballot, from: this.#decided });
  }

  /**
   * The one way to a higher ballot, and always journaled: what was heard of first in passing may be asked for by a
   * prepare next, and an answer that a restart forgets lets an older ballot slip through.
   */
  #promise(ballot: Ballot): void {
    this.#stepDown();
    this.#promised = ballot;
    this.#effects.persist({ type: "promised", ballot });
    this.#setElectionTimer();
  }

  /** Phase 1b. */
  #onPrepare(from: ReplicaId, { ballot, from: fromSlot }: MessageOf<"prepare">): void {
    if (ballot < this.#promised) return this.#effects.send(from, { type: "preempted", ballot: this.#promised });
    if (ballot > this.#promised) this.#promise(ballot);
    const accepted: AcceptedSlot[] = [];
    // Nothing from there on is trimmed: a candidate asks from where it has not executed.
    for (let slot = fromSlot; slot < this.#log.length; slot++) {
      const entry = this.#log.at(slot);
      if (entry !== undefined) accepted.push({ slot, ...entry });
    }
    this.#effects.send(from, { type: "promise", ballot, accepted });
  }

  #onPromise(from: ReplicaId, { ballot, accepted }: MessageOf<"promise">): void {
    const campaign = this.#campaign;
    if (campaign === null || ballot !== this.#promised) return;
    campaign.promises = withReplica(campaign.promises, from);
    for (const entry of accepted) {
      const highest = campaign.accepted.get(entry.slot);
      if (highest === undefined || entry.ballot > highest.ballot) campaign.accepted.set(entry.slot, entry);
    }
    if (sizeOf(campaign.promises) >= this.#phase1Quorum) this.#lead(campaign);
  }

  /** A quorum promised: finish what may have been chosen, fill the gaps with no-ops (§3), then serve. */
  #lead({ from, accepted }: Campaign): void {
    this.#campaign = null;
    this.#leader = this.#env.self;
    this.#leadership = { nextSlot: from, votes: new Map(), lastProgress: this.#env.now };
    this.#effects.note("leader", this.#promised);
    this.#effects.clearTimer("election");
    let end = from;
    for (const slot of accepted.keys()) end = Math.max(end, slot + 1);
    // P2c (§2.2): the command of the highest-numbered accepted proposal, or, with none, any: a no-op.
    for (let slot = from; slot < end; slot++) this.#propose(accepted.get(slot)?.command ?? noop);
    this.#servePending();
    this.#onHeartbeatTimer();
  }

  // --- Phase 2 (§2.2), pipelined: a slot does not wait for the one before (§3). ---

  #propose(command: Command): void {
    const leadership = this.#leadership!;
    const slot = leadership.nextSlot++;
    if (leadership.votes.size === 0) leadership.lastProgress = this.#env.now;
    leadership.votes.set(slot, noReplicas);
    // Ahead of the journal: an accept is no vote. A leader that restarts campaigns in a higher ballot, so that no other
    // command can ever be proposed for this slot in this one. Its own vote is persisted by its acceptor.
    this.#effects.ahead.broadcast(this.#env.everyone, { type: "accept", ballot: this.#promised, slot, command });
  }

  /** Phase 2b. */
  #onAccept(from: ReplicaId, { ballot, slot, command }: MessageOf<"accept">): void {
    if (ballot < this.#promised) return this.#effects.send(from, { type: "preempted", ballot: this.#promised });
    this.#follow(ballot);
    if (slot < this.#log.start) return; // late: everybody has executed it
    const known = this.#log.at(slot);
    if (slot < this.#decided) {
      invariant(known!.command.id === command.id, `slot ${slot} is decided: no other command is proposed for it`);
    }
    if (known === undefined || known.ballot < ballot) {
      this.#enter(slot, { ballot, command });
      this.#effects.persist({ type: "accepted", ballot, slot, command });
    }
    this.#effects.send(from, { type: "accepted", ballot, slot });
  }

  #onAccepted(from: ReplicaId, { ballot, slot }: MessageOf<"accepted">): void {
    const leadership = this.#leadership;
    if (leadership === null || ballot !== this.#promised) return;
    const votes = leadership.votes.get(slot);
    if (votes === undefined) return; // decided
    leadership.votes.set(slot, withReplica(votes, from));
    if (slot === this.#decided) this.#decideInOrder(leadership);
  }

  /** Slots are decided as they get their quorums, and executed, announced in the order of the log. */
  #decideInOrder(leadership: Leadership): void {
    const before = this.#decided;
    for (;;) {
      const votes = leadership.votes.get(this.#decided);
      if (votes === undefined || sizeOf(votes) < this.#phase2Quorum) break;
      leadership.votes.delete(this.#decided);
      this.#execute();
    }
    if (this.#decided === before) return;
    leadership.lastProgress = this.#env.now;
    // Ahead of the journal: it tells what a quorum has made durable, not what this replica has.
    this.#effects.ahead.broadcast(this.#env.others, { type: "decide", ballot: this.#promised, upTo: this.#decided });
    this.#servePending();
  }

  /** Somebody promised a higher ballot: this proposer's are of no more use (end of §2.2). */
  #onPreempted({ ballot }: MessageOf<"preempted">): void {
    if (ballot > this.#promised) this.#promise(ballot);
  }

  // --- Learning what was chosen (§2.3). ---

  #onDecide(from: ReplicaId, { ballot, upTo }: MessageOf<"decide">): void {
    if (ballot < this.#promised) return;
    this.#follow(ballot);
    // Accepted in an older ballot, or not at all: that need not be what was chosen.
    while (this.#decided < upTo && this.#log.at(this.#decided)?.ballot === ballot) this.#execute();
    if (this.#decided < upTo) this.#askToLearn(from);
  }

  #onHeartbeat(from: ReplicaId, { ballot, upTo }: MessageOf<"heartbeat">): void {
    if (ballot < this.#promised) return this.#effects.send(from, { type: "preempted", ballot: this.#promised });
    this.#onDecide(from, { type: "decide", ballot, upTo });
    this.#recordDecided();
  }

  #askToLearn(from: ReplicaId): void {
    if (this.#env.now - this.#learnAsked < this.#electionTimeout) return; // the answer is on its way
    this.#learnAsked = this.#env.now;
    this.#effects.send(from, { type: "learn", from: this.#decided });
  }

  #onLearn(from: ReplicaId, { from: fromSlot }: MessageOf<"learn">): void {
    if (this.#leadership === null || fromSlot >= this.#decided || fromSlot < this.#log.start) return;
    const end = Math.min(this.#decided, fromSlot + learnChunk);
    const commands = this.#log.slice(fromSlot, end).map((entry) => entry!.command);
    this.#effects.send(from, { type: "learned", ballot: this.#promised, from: fromSlot, commands });
  }

  /**
   * Chosen commands stand as if accepted in the leader's ballot: every proposal of a ballot that high is the same
   * command (P2b), so that a later phase 1 cannot be misled.
   */
  #onLearned(from: ReplicaId, { ballot, from: fromSlot, commands }: MessageOf<"learned">): void {
    if (ballot < this.#promised) return;
    this.#follow(ballot);
    this.#learnAsked = -Infinity;
    for (const [offset, command] of commands.entries()) {
      const slot = fromSlot + offset;
      if (slot !== this.#decided) continue;
      this.#enter(slot, { ballot, command });
      this.#effects.persist({ type: "accepted", ballot, slot, command });
      this.#execute();
    }
    if (commands.length === learnChunk) this.#askToLearn(from);
  }

  #execute(): void {
    const entry = this.#log.at(this.#decided);
    invariant(entry !== undefined, `slot ${this.#decided} is known before it is executed`);
    this.#effects.commit(this.#decided++, entry.command);
    this.#effects.execute(entry.command);
  }

  #recordDecided(): void {
    if (this.#recordedDecided === this.#decided) return;
    this.#recordedDecided = this.#decided;
    this.#effects.persist({ type: "decided", upTo: this.#decided });
    if (this.#decided - this.#toldDecided < this.#trim) return;
    this.#toldDecided = this.#decided;
    // Behind the journal: what is told must hold after a restart.
    this.#effects.broadcast(this.#env.everyone, { type: "executed", upTo: this.#decided });
  }

  #onAskExecuted(from: ReplicaId): void {
    this.#recordDecided();
    this.#effects.send(from, { type: "executed", upTo: this.#decided });
  }

  /** Slots that every replica has executed, and has in its journal, are asked for by nobody. */
  #onExecuted(from: ReplicaId, { upTo }: MessageOf<"executed">): void {
    this.#executedByAll.report(from, upTo);
    this.#log.trim(this.#executedByAll.lowest);
  }

  #enter(slot: number, entry: Entry): void {
    while (this.#log.length <= slot) this.#log.push(undefined);
    this.#log.replace(slot, entry);
  }

  // --- Who leads. The paper asks for a distinguished proposer (§2.4) and leaves the election open. ---

  #onHeartbeatTimer(): void {
    const leadership = this.#leadership!;
    this.#recordDecided();
    if (this.#log.weight >= this.#keep / 2) this.#effects.broadcast(this.#env.everyone, { type: "askExecuted" });
    this.#effects.broadcast(this.#env.others, { type: "heartbeat", ballot: this.#promised, upTo: this.#decided });
    if (this.#env.now - leadership.lastProgress >= this.#electionTimeout) this.#acceptAgain(leadership);
    this.#effects.setTimer("heartbeat", this.#heartbeat);
  }

  /** Messages may be lost with a link: what is still undecided goes out again (§3), to those who have not answered. */
  #acceptAgain(leadership: Leadership): void {
    leadership.lastProgress = this.#env.now;
    for (const [slot, votes] of leadership.votes) {
      const { command } = this.#log.at(slot)!;
      for (let replica = 0; replica < this.#env.replicas; replica++) {
        if (hasReplica(votes, replica)) continue;
        this.#effects.send(replica, { type: "accept", ballot: this.#promised, slot, command });
      }
    }
  }

  /** Word of the leader of `ballot`, which is at least the promised one. */
  #follow(ballot: Ballot): void {
    const leader = proposerOf(ballot);
    if (leader === this.#env.self) return;
    if (ballot > this.#promised) this.#promise(ballot);
    else this.#setElectionTimer();
    if (this.#leader === leader) return;
    this.#leader = leader;
    this.#servePending();
  }

  #stepDown(): void {
    if (this.#leadership !== null) this.#effects.clearTimer("heartbeat");
    this.#campaign = null;
    this.#leadership = null;
    this.#leader = null;
  }

  /** Randomized, so that candidates do not preempt each other for ever. */
  #setElectionTimer(): void {
    this.#effects.setTimer("election", this.#electionTimeout + this.#env.random.below(this.#electionTimeout));
  }

  /** Commands that waited for a leader are forwarded, those that waited for the leader's window proposed. */
  #servePending(): void {
    if (this.#pending.length === 0) return;
    const room = this.#leadership === null ? Infinity : maxInFlight - this.#leadership.votes.size;
    for (const command of this.#pending.splice(0, room)) this.onRequest(command);
  }

  assertInvariants(): void {
    invariant(this.#campaign === null || this.#leadership === null, "a candidate does not lead");
    invariant(this.#decided <= this.#log.length, "what is decided is in the log");
    invariant(this.#log.start <= this.#decided, "what is trimmed is decided");
    if (this.#campaign !== null || this.#leadership !== null) {
      invariant(proposerOf(this.#promised) === this.#env.self, "a proposer's ballot is its own, and promised");
    }
  }

  status(): Status {
    const role = this.#leadership !== null ? "leader" : this.#campaign !== null ? "candidate" : "follower";
    return { role, ballot: this.#promised, decided: this.#decided, log: this.#log.length, trimmed: this.#log.start };
  }
}
