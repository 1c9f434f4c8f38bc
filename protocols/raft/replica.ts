/**
 * Raft: D. Ongaro, J. Ousterhout, "In Search of an Understandable Consensus Algorithm (Extended Version)" (2014).
 * Section and figure numbers below are that paper's; "thesis" is D. Ongaro, "Consensus: Bridging Theory and Practice"
 * (2014). README.md lists what they leave open, how it is done here, and where this differs.
 */
import {
  invariant, majorityOf, mebibyte, millisecond, noop, noReplicas, sizeOf, Watermark, withReplica,
  type Command, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { Log } from "./log.ts";
import type { JournalRecord, Message, MessageOf } from "./messages.ts";
import { Progress } from "./progress.ts";

export interface Options {
  readonly heartbeat: number;
  readonly electionTimeout: number;
  readonly electionSpread: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly trim: number;
  readonly keep: number;
}

export type Timer = "heartbeat" | "election";

/** Entries in one AppendEntries. */
const maxEntries = 512;
/** Uncommitted entries that a leader adds to its log; further commands wait. */
const maxUncommitted = 4096;
/** Commands that wait for a leader, or for the leader's window. Further ones are rejected. */
const maxPending = 65_536;

/** An election under way, or (thesis §9.6) the question whether one could be won. */
interface Candidacy {
  readonly trial: boolean;
  votes: ReplicaSet;
}

/** Figure 2's volatile state on leaders. */
interface Leadership {
  readonly progress: Progress;
  /** By replica: when it last answered an AppendEntries of this term. */
  readonly answered: Micros[];
}

export class RaftReplica implements Replica<Message, JournalRecord, Timer> {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #heartbeat: Micros;
  readonly #electionTimeout: Micros;
  /** At most as much is added to it. */
  readonly #electionSpread: Micros;
  readonly #preVote: boolean;
  readonly #checkQuorum: boolean;
  readonly #trim: number;
  /** Bytes. */
  readonly #keep: number;
  readonly #majority: number;

  // Persistent state on all servers (Figure 2).
  #currentTerm = 0;
  #votedFor: ReplicaId | null = null;
  readonly #log = new Log();

  // Volatile state on all servers. The paper's lastApplied is commitIndex: what is committed is executed in the same step.
  #commitIndex = 0;
  #recordedCommitIndex = 0;
  #toldCommitIndex = 0;
  readonly #executedByAll: Watermark;

  // Candidate, leader: at most one is set, and then the vote of this term is its own. Follower: neither.
  #candidacy: Candidacy | null = null;
  #leadership: Leadership | null = null;

  /** Of the current term, once it was heard; self when leading. */
  #leader: ReplicaId | null = null;
  #leaderHeard: Micros = 0;
  #pending: Command[] = [];

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    this.#env = env;
    this.#effects = effects;
    this.#heartbeat = options.heartbeat * millisecond;
    this.#electionTimeout = options.electionTimeout * millisecond;
    this.#electionSpread = Math.round(this.#electionTimeout * options.electionSpread);
    this.#preVote = options.preVote;
    this.#checkQuorum = options.checkQuorum;
    this.#trim = options.trim;
    this.#keep = options.keep * mebibyte;
    this.#majority = majorityOf(env.replicas);
    this.#executedByAll = new Watermark(env.replicas);
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const record of journal) {
      switch (record.type) {
        case "term":
          this.#currentTerm = record.currentTerm;
          this.#votedFor = record.votedFor;
          break;
        case "entries":
          this.#log.replaceFrom(record.index, record.entries);
          break;
        case "commit":
          this.#recordedCommitIndex = record.commitIndex;
      }
    }
    this.#commitThrough(this.#recordedCommitIndex);
  }

  *compacted(): Generator<JournalRecord> {
    yield { type: "term", currentTerm: this.#currentTerm, votedFor: this.#votedFor };
    for (let index = 1; index <= this.#log.lastIndex; index += maxEntries) {
      yield { type: "entries", index, entries: this.#log.from(index, maxEntries) };
    }
    yield { type: "commit", commitIndex: this.#commitIndex };
  }

  start(): void {
    const newCluster = this.#currentTerm === 0;
    if (newCluster && this.#env.self === this.#env.initialLeader) this.#campaign();
    else this.#setElectionTimer();
  }

  onRequest(command: Command): void {
    if (this.#leadership !== null && this.#log.weight >= this.#keep) this.#effects.reject(command);
    else if (this.#leadership !== null && this.#log.lastIndex - this.#commitIndex < maxUncommitted) this.#append(command);
    else if (this.#leadership === null && this.#leader !== null) this.#effects.forward(this.#leader, command);
    else if (this.#pending.length < maxPending) this.#pending.push(command);
    else this.#effects.reject(command);
  }

  onMessage(from: ReplicaId, message: Message): void {
    if (message.type === "executed") return this.#onExecuted(from, message);
    if (message.type === "askExecuted") return this.#onAskExecuted(from);
    if (message.type === "requestVote" && this.#checkQuorum && this.#hearsLeader()) return; // thesis §4.2.3
    if (message.term > this.#currentTerm && !isOnTrial(message)) this.#adoptTerm(message.term);
    switch (message.type) {
      case "requestVote": return this.#onRequestVote(from, message);
      case "vote": return this.#onVote(from, message);
      case "appendEntries": return this.#onAppendEntries(from, message);
      case "appended": return this.#onAppended(from, message);
      case "mismatch": return this.#onMismatch(from, message);
      case "staleTerm": return; // its term is all that it brings
      case "commit": return this.#onCommit(from, message);
      case "requestPreVote": return this.#onRequestPreVote(from, message);
      case "preVote": return this.#onPreVote(from, message);
    }
  }

  onTimer(timer: Timer): void {
    switch (timer) {
      case "election": return this.#campaign();
      case "heartbeat": return this.#onHeartbeatTimer();
    }
  }

  onLink(peer: ReplicaId, up: boolean): void {
    if (this.#leadership === null) return;
    this.#leadership.progress.lost(peer);
    if (up) this.#sendAppendEntries(peer, this.#leadership.progress, maxEntries);
  }

  // --- Terms (§5.1). ---

  /** A higher term makes a follower of anybody. Durable before any answer in that term. */
  #adoptTerm(term: number): void {
    this.#becomeFollower();
    this.#currentTerm = term;
    this.#votedFor = null;
    this.#persistTerm();
  }

  /** In the current term, whose vote, if given, stays given. */
  #becomeFollower(): void {
    if (this.#leadership !== null) {
      this.#effects.clearTimer("heartbeat");
      this.#setElectionTimer();
    }
    this.#candidacy = null;
    this.#leadership = null;
    this.#leader = null;
  }

  #persistTerm(): void {
    this.#effects.persist({ type: "term", currentTerm: this.#currentTerm, votedFor: this.#votedFor });
  }

  // --- Leader election (§5.2). ---

  #campaign(): void {
    if (this.#preVote) this.#startTrial();
    else this.#startElection();
  }

  #startElection(): void {
    this.#becomeFollower();
    this.#currentTerm++;
    this.#votedFor = this.#env.self;
    this.#persistTerm();
    this.#candidacy = { trial: false, votes: noReplicas };
    this.#setElectionTimer();
    // To itself, too: its own vote counts once it is durable, and it hears so by its own reply.
    this.#effects.broadcast(this.#env.everyone, {
      type: "requestVote", term: this.#currentTerm, lastLogIndex: this.#log.lastIndex, lastLogTerm: this.#log.lastTerm,
    });
  }

  #onRequestVote(from: ReplicaId, { term, lastLogIndex, lastLogTerm }: MessageOf<"requestVote">): void {
    const voteGranted =
      term === this.#currentTerm && // 1. (§5.1); a higher one was adopted
      (this.#votedFor === null || this.#votedFor === from) && // 2. (§5.2)
      !this.#log.isMoreUpToDateThan(lastLogIndex, lastLogTerm); // 2. (§5.4.1)
    if (voteGranted && this.#votedFor === null) {
      this.#votedFor = from;
      this.#persistTerm();
    }
    if (voteGranted) this.#setElectionTimer();
    this.#effects.send(from, { type: "vote", term: this.#currentTerm, voteGranted });
  }

  #onVote(from: ReplicaId, { term, voteGranted }: MessageOf<"vote">): void {
    const candidacy = this.#candidacy;
    if (candidacy === null || candidacy.trial || term !== this.#currentTerm || !voteGranted) return;
    candidacy.votes = withReplica(candidacy.votes, from);
    if (sizeOf(candidacy.votes) >= this.#majority) this.#lead();
  }

  #lead(): void {
    const progress = new Progress(this.#env.replicas, this.#log.lastIndex, this.#log.base);
    this.#candidacy = null;
    this.#leadership = { progress, answered: Array.from({ length: this.#env.replicas }, () => this.#env.now) };
    this.#leader = this.#env.self;
    this.#effects.note("leader", this.#currentTerm);
    this.#effects.clearTimer("election");
    // §8: an entry of its own term, with which all before it become committed.
    this.#append(noop);
    this.#servePending();
    this.#forEachFollower((follower) => this.#sendAppendEntries(follower, progress, maxEntries));
    this.#effects.setTimer("heartbeat", this.#heartbeat);
  }

  /** Randomized, so that split votes are rare (§5.2), and anew each time. */
  #setElectionTimer(): void {
    this.#effects.setTimer("election", this.#electionTimeout + this.#env.random.below(this.#electionSpread));
  }

  // --- PreVote (thesis §9.6): no term is raised for an election that cannot be won. ---

  #startTrial(): void {
    this.#becomeFollower();
    this.#candidacy = { trial: true, votes: noReplicas };
    this.#setElectionTimer();
    this.#effects.broadcast(this.#env.everyone, {
      type: "requestPreVote", term: this.#currentTerm + 1, lastLogIndex: this.#log.lastIndex, lastLogTerm: this.#log.lastTerm,
    });
  }

  /** Promises nothing and changes nothing here. */
  #onRequestPreVote(from: ReplicaId, { term, lastLogIndex, lastLogTerm }: MessageOf<"requestPreVote">): void {
    const voteGranted =
      term > this.#currentTerm && !this.#hearsLeader() && !this.#log.isMoreUpToDateThan(lastLogIndex, lastLogTerm);
    this.#effects.send(from, { type: "preVote", term: voteGranted ? term : this.#currentTerm, voteGranted });
  }

  #onPreVote(from: ReplicaId, { term, voteGranted }: MessageOf<"preVote">): void {
    const candidacy = this.#candidacy;
    if (candidacy === null || !candidacy.trial || term !== this.#currentTerm + 1 || !voteGranted) return;
    candidacy.votes = withReplica(candidacy.votes, from);
    if (sizeOf(candidacy.votes) >= this.#majority) this.#startElection();
  }

  /** Within the minimum election timeout: its leader may well be alive. */
  #hearsLeader(): boolean {
    if (this.#leadership !== null) return true;
    return this.#leader !== null && this.#env.now - this.#leaderHeard < this.#electionTimeout;
  }

  // --- Log replication (§5.3): the leader. ---

  #append(command: Command): void {
    const { progress } = this.#leadership!;
    const prevLogIndex = this.#log.lastIndex;
    const prevLogTerm = this.#log.lastTerm;
    const term = this.#currentTerm;
    const entries = [{ term, command }];
    this.#log.append(entries[0]!);
    this.#effects.persist({ type: "entries", index: prevLogIndex + 1, entries });
    let upToDate = noReplicas;
    for (let follower = 0; follower < this.#env.replicas; follower++) {
      if (follower === this.#env.self || progress.nextIndex(follower) !== prevLogIndex + 1) continue;
      if (!progress.hasRoom(follower)) continue;
      progress.sent(follower, 1);
      upToDate = withReplica(upToDate, follower);
    }
    // Ahead of the journal (thesis §10.2.1): the leader's own copy is not counted until it is durable. Should it be lost,
    // the leader restarts as a follower: it never writes to this index in this term again.
    this.#effects.ahead.broadcast(upToDate, {
      type: "appendEntries", term, prevLogIndex, prevLogTerm, entries, leaderCommit: this.#commitIndex,
    });
    // Behind the journal: comes back when the entry is durable here.
    this.#effects.send(this.#env.self, { type: "appended", term, matchIndex: prevLogIndex + 1 });
  }

  /** `limit` 0: a heartbeat. */
  #sendAppendEntries(to: ReplicaId, progress: Progress, limit: number): void {
    const prevLogIndex = progress.nextIndex(to) - 1;
    const entries = this.#log.from(prevLogIndex + 1, limit);
    progress.sent(to, entries.length);
    // Ahead of the journal: as in #append.
    this.#effects.ahead.send(to, {
      type: "appendEntries", term: this.#currentTerm,
      prevLogIndex, prevLogTerm: this.#log.termAt(prevLogIndex), entries, leaderCommit: this.#commitIndex,
    });
  }

  #onAppended(from: ReplicaId, { term, matchIndex }: MessageOf<"appended">): void {
    const leadership = this.#leadership;
    if (leadership === null || term !== this.#currentTerm) return;
    const { progress, answered } = leadership;
    answered[from] = this.#env.now;
    progress.matched(from, matchIndex);
    if (matchIndex > this.#commitIndex) this.#advanceCommitIndex(progress);
    if (from === this.#env.self) return;
    while (progress.nextIndex(from) <= this.#log.lastIndex && progress.hasRoom(from)) {
      this.#sendAppendEntries(from, progress, maxEntries);
    }
  }

  /** Back to where the logs may match, a whole term at a time (end of §5.3). */
  #onMismatch(from: ReplicaId, { term, prevLogIndex, conflictTerm, conflictIndex }: MessageOf<"mismatch">): void {
    const leadership = this.#leadership;
    if (leadership === null || term !== this.#currentTerm) return;
    leadership.answered[from] = this.#env.now;
    const lastOfTerm = conflictTerm === 0 ? null : this.#log.lastIndexOf(conflictTerm);
    const hint = lastOfTerm === null ? conflictIndex : lastOfTerm + 1;
    if (!leadership.progress.mismatched(from, prevLogIndex, hint)) return;
    this.#sendAppendEntries(from, leadership.progress, maxEntries);
  }

  /** §5.3, §5.4.2: an N > commitIndex, a majority of matchIndex[i] ≥ N, log[N].term = currentTerm. */
  #advanceCommitIndex(progress: Progress): void {
    const index = progress.majorityMatch(this.#majority);
    // Entries of earlier terms are never committed by counting replicas, only with one of this term (Figure 8).
    if (index <= this.#commitIndex || this.#log.termAt(index) !== this.#currentTerm) return;
    this.#commitThrough(index);
    // Ahead of the journal: it tells what a majority has made durable, not what this replica has.
    this.#effects.ahead.broadcast(this.#env.others, { type: "commit", term: this.#currentTerm, commitIndex: index });
    this.#servePending();
  }

  #onHeartbeatTimer(): void {
    const { progress, answered } = this.#leadership!;
    if (this.#checkQuorum && !this.#hearsMajority(answered)) return this.#becomeFollower();
    this.#recordCommitIndex();
    if (this.#log.weight >= this.#keep / 2) this.#effects.broadcast(this.#env.everyone, { type: "askExecuted" });
    // Its consistency check at nextIndex - 1 also shows what was lost on the way to a follower.
    this.#forEachFollower((follower) => this.#sendAppendEntries(follower, progress, 0));
    this.#effects.setTimer("heartbeat", this.#heartbeat);
  }

  /** CheckQuorum (thesis §6.2): a leader that a majority has not answered for an election timeout steps down. */
  #hearsMajority(answered: readonly Micros[]): boolean {
    let heard = 1; // itself
    this.#forEachFollower((follower) => {
      if (this.#env.now - answered[follower]! < this.#electionTimeout) heard++;
    });
    return heard >= this.#majority;
  }

  // --- Log replication (§5.3): the follower. ---

  /** Figure 2, AppendEntries RPC, receiver implementation 1 … 5. */
  #onAppendEntries(from: ReplicaId, message: MessageOf<"appendEntries">): void {
    const { term, prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
    // 1.
    if (term < this.#currentTerm) return this.#effects.send(from, { type: "staleTerm", term: this.#currentTerm });
    this.#follow(from);
    // 2.
    if (!this.#log.matches(prevLogIndex, prevLogTerm)) return this.#answerMismatch(from, prevLogIndex);
    // 3., 4.
    const firstNew = this.#log.merge(prevLogIndex, entries);
    if (firstNew !== null) {
      invariant(firstNew > this.#commitIndex, `entry ${firstNew} is committed: no leader of a later term lacks it (§5.4.3)`);
      this.#effects.persist({ type: "entries", index: firstNew, entries: entries.slice(firstNew - prevLogIndex - 1) });
    }
    // 5. No further than this message shows the logs to be the same: behind its last entry this log may differ.
    const matchIndex = prevLogIndex + entries.length;
    this.#commitThrough(Math.min(leaderCommit, matchIndex));
    this.#effects.send(from, { type: "appended", term, matchIndex });
    if (entries.length === 0) this.#recordCommitIndex();
  }

  #answerMismatch(to: ReplicaId, prevLogIndex: number): void {
    const tooShort = prevLogIndex > this.#log.lastIndex;
    const conflictTerm = tooShort ? 0 : this.#log.termAt(prevLogIndex);
    const conflictIndex = tooShort ? this.#log.lastIndex + 1 : this.#log.firstIndexOf(conflictTerm);
    this.#effects.send(to, { type: "mismatch", term: this.#currentTerm, prevLogIndex, conflictTerm, conflictIndex });
  }

  /**
   * A leader's commitIndex only ever moves to an entry of its own term (§5.4.2). A log with an entry of that term there
   * is the leader's up to there (Log Matching Property); any other waits for AppendEntries.
   */
  #onCommit(from: ReplicaId, { term, commitIndex }: MessageOf<"commit">): void {
    if (term < this.#currentTerm) return;
    this.#follow(from);
    if (this.#log.matches(commitIndex, term)) this.#commitThrough(commitIndex);
  }

  /** Word from the leader of the current term: a candidate gives up (§5.2). */
  #follow(leader: ReplicaId): void {
    invariant(this.#leadership === null, `term ${this.#currentTerm} has one leader (Election Safety)`);
    this.#candidacy = null;
    this.#leaderHeard = this.#env.now;
    this.#setElectionTimer();
    if (this.#leader === leader) return;
    invariant(this.#leader === null, `term ${this.#currentTerm} has one leader (Election Safety)`);
    this.#leader = leader;
    this.#servePending();
  }

  // --- Everybody. ---

  /** Entries up to `index` are committed: executed in the order of the log, each once (§5.3). */
  #commitThrough(index: number): void {
    invariant(index <= this.#log.lastIndex, `committed entry ${index} is in the log`);
    while (this.#commitIndex < index) {
      const { command } = this.#log.entryAt(++this.#commitIndex);
      this.#effects.commit(this.#commitIndex, command);
      this.#effects.execute(command);
    }
  }

  #recordCommitIndex(): void {
    if (this.#recordedCommitIndex === this.#commitIndex) return;
    this.#recordedCommitIndex = this.#commitIndex;
    this.#effects.persist({ type: "commit", commitIndex: this.#commitIndex });
    if (this.#commitIndex - this.#toldCommitIndex < this.#trim) return;
    this.#toldCommitIndex = this.#commitIndex;
    // Behind the journal: what is told must hold after a restart.
    this.#effects.broadcast(this.#env.everyone, { type: "executed", upTo: this.#commitIndex });
  }

  #onAskExecuted(from: ReplicaId): void {
    this.#recordCommitIndex();
    this.#effects.send(from, { type: "executed", upTo: this.#commitIndex });
  }

  /** Entries that every replica has executed, and has in its journal, are sent to nobody any more. */
  #onExecuted(from: ReplicaId, { upTo }: MessageOf<"executed">): void {
    this.#executedByAll.report(from, upTo);
    const base = this.#executedByAll.lowest;
    if (base <= this.#log.base) return;
    this.#log.trim(base);
    if (this.#leadership !== null) this.#forEachFollower((follower) => this.#leadership!.progress.matched(follower, base));
  }

  /** Commands that waited for a leader are forwarded, those that waited for the leader's window appended. */
  #servePending(): void {
    if (this.#pending.length === 0) return;
    const room = this.#leadership === null ? Infinity : maxUncommitted - (this.#log.lastIndex - this.#commitIndex);
    for (const command of this.#pending.splice(0, room)) this.onRequest(command);
  }

  #forEachFollower(visit: (follower: ReplicaId) => void): void {
    for (let replica = 0; replica < this.#env.replicas; replica++) if (replica !== this.#env.self) visit(replica);
  }

  assertInvariants(): void {
    const { lastIndex, lastTerm } = this.#log;
    invariant(this.#commitIndex <= lastIndex, "what is committed is in the log");
    invariant(this.#log.base <= this.#commitIndex, "what is trimmed is committed");
    invariant(lastIndex === this.#log.base || this.#log.termAt(lastIndex - 1) <= lastTerm, "terms do not fall along the log");
    invariant(lastTerm <= this.#currentTerm, "no entry is of a term to come");
    invariant(this.#candidacy === null || this.#leadership === null, "a candidate does not lead");
    if (this.#leadership === null) return;
    invariant(this.#votedFor === this.#env.self, "a leader voted for itself");
    invariant(lastTerm === this.#currentTerm, "a leader's log ends in its own term");
    invariant(this.#leadership.progress.matchIndex(this.#env.self) <= lastIndex, "a leader's log only grows (Leader Append-Only)");
  }

  status(): Status {
    const follower = this.#candidacy === null ? "follower" : this.#candidacy.trial ? "preCandidate" : "candidate";
    const role = this.#leadership === null ? follower : "leader";
    return { role, term: this.#currentTerm, commitIndex: this.#commitIndex, lastIndex: this.#log.lastIndex, trimmed: this.#log.base };
  }
}

/** Messages whose term nobody is in yet (thesis §9.6). */
const isOnTrial = (message: Exclude<Message, { type: "executed" | "askExecuted" }>): boolean =>
  message.type === "requestPreVote" || (message.type === "preVote" && message.voteGranted);
