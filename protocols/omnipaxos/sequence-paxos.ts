/**
 * Sequence Paxos: Ng, Haridi, Carbone, "Omni-Paxos" (2023), Figure 3: one log, replicated by whomever Ballot Leader
 * Election names. Handlers carry the figure's event in ⟨brackets⟩; README.md lists where they differ from it.
 */
import {
  invariant, majorityOf, noBallot, noReplicas, proposerOf, TrimmedArray, Watermark, weightOf, withReplica,
  type Ballot, type Command, type Env, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import type { JournalRecord, MessageOf, Output, RecordOf } from "./messages.ts";

/** Undecided slots that a leader keeps in flight; further commands wait. */
const maxInFlight = 4096;

/** (role, phase) of the figure: a leader does not recover. */
type State = FollowerState | PreparingLeader | AcceptingLeader;

interface FollowerState {
  readonly role: "follower";
  /** Waiting for an AcceptSync; in step with the leader; waiting for a Prepare, after something may have been lost. */
  readonly phase: "prepare" | "accept" | "recover";
}

interface PreparingLeader {
  readonly role: "leader";
  readonly phase: "prepare";
  /** promises, own included. */
  readonly promises: Map<ReplicaId, MessageOf<"promise">>;
}

interface AcceptingLeader {
  readonly role: "leader";
  readonly phase: "accept";
  /** maxProm: the promise whose log was adopted. */
  readonly adopted: MessageOf<"promise">;
  /** Who promised and was sent an AcceptSync: the accepts that follow fit its log. */
  followers: ReplicaSet;
  /** accepted, by replica: how much of the log it has accepted in this round. */
  readonly accepted: number[];
}

const preparing: FollowerState = { role: "follower", phase: "prepare" };
const accepting: FollowerState = { role: "follower", phase: "accept" };
const recovering: FollowerState = { role: "follower", phase: "recover" };

export class SequencePaxos {
  readonly #env: Env;
  readonly #effects: Output;
  readonly #majority: number;
  readonly #trim: number;
  readonly #keep: number;
  /** Told when commands that wait may find a leader, or room with this one. */
  readonly #ready: () => void;

  // Figure 3, state. Persistent:
  /** Trimmed: its beginning is gone, where every replica has executed it. No replica's decidedIdx ever falls below that. */
  readonly #log = new TrimmedArray<Command>(weightOf);
  /** promisedRnd; a leader's own round (currentRnd) too. */
  #promised: Ballot = noBallot;
  /** acceptedRnd: of the whole log. Logs of one round are prefixes of each other. */
  #acceptedRound: Ballot = noBallot;
  /** decidedIdx: slots below are decided and executed. */
  #decided = 0;
  #recordedDecided = 0;
  #toldDecided = 0;
  readonly #executedByAll: Watermark;

  // Volatile:
  #state: State = preparing;

  /** `trim`: executed slots after which the others are told; `keep`: bytes of log from which on nothing is proposed. */
  constructor(env: Env, effects: Output, trim: number, keep: number, ready: () => void) {
    this.#env = env;
    this.#effects = effects;
    this.#ready = ready;
    this.#trim = trim;
    this.#keep = keep;
    this.#majority = majorityOf(env.replicas);
    this.#executedByAll = new Watermark(env.replicas);
  }

  get promised(): Ballot {
    return this.#promised;
  }

  get leads(): boolean {
    return this.#state.role === "leader";
  }

  /** Some replica lacks so much that no more is to be kept for it. */
  get full(): boolean {
    return this.#log.weight >= this.#keep;
  }

  /** How many more commands `propose` will take. */
  get room(): number {
    const { role, phase } = this.#state;
    if (role !== "leader" || phase !== "accept") return 0;
    return Math.max(0, maxInFlight - (this.#log.length - this.#decided)); // what was adopted may exceed the window
  }

  restore(record: RecordOf<"promised" | "synchronized" | "appended" | "decided">): void {
    switch (record.type) {
      case "promised":
        this.#promised = record.ballot;
        break;
      case "synchronized":
        this.#replaceFrom(record.from, record.suffix);
        this.#acceptedRound = record.ballot;
        break;
      case "appended":
        this.#log.push(record.command);
        break;
      case "decided":
        this.#executeUpTo(record.upTo);
        this.#recordedDecided = record.upTo;
    }
  }

  *compacted(): Generator<JournalRecord> {
    const ballot = this.#acceptedRound;
    yield { type: "promised", ballot: this.#promised };
    // In parts, unlike in `#acceptLog`: a journal is replaced as a whole.
    let from = 0;
    do {
      yield { type: "synchronized", ballot, from, suffix: this.#log.slice(from, from + maxInFlight) };
      from += maxInFlight;
    } while (from < this.#log.length);
    yield { type: "decided", upTo: this.#decided };
  }

  /** Upon recovery. Also on the first start: a life that ended before anything was durable looks like no life. */
  start(): void {
    if (this.#promised !== noBallot) this.#state = recovering;
    this.#effects.broadcast(this.#env.others, { type: "prepareRequest" });
  }

  // --- Leader: prepare phase. ---

  /** ⟨Leader⟩ from Ballot Leader Election, for this replica. */
  onElected(ballot: Ballot): void {
    invariant(ballot > this.#promised, "who is elected was promised no later round: l is never below one");
    this.#state = { role: "leader", phase: "prepare", promises: new Map() };
    this.#promised = ballot;
    // Durable before anybody hears of it: no other life of this replica leads in this round.
    this.#effects.persist({ type: "promised", ballot });
    this.#effects.broadcast(this.#env.others, this.#prepare());
    this.#effects.send(this.#env.self, this.#promise([]));
  }

  #prepare(): MessageOf<"prepare"> {
    return {
      type: "prepare", ballot: this.#promised,
      acceptedRound: this.#acceptedRound, length: this.#log.length, decided: this.#decided,
    };
  }

  /** ⟨Promise⟩ from a follower. */
  onPromise(from: ReplicaId, promise: MessageOf<"promise">): void {
    const state = this.#state;
    if (promise.ballot !== this.#promised || state.role !== "leader") return;
    if (state.phase === "accept") return this.#synchronize(state, from, promise); // late
    state.promises.set(from, promise);
    if (state.promises.size >= this.#majority) this.#adopt(state.promises);
  }

  /** A majority promised: the log of the highest accepted round among them, the longest of these, is the leader's. */
  #adopt(promises: ReadonlyMap<ReplicaId, MessageOf<"promise">>): void {
    const highest = [...promises.values()].reduce((a, b) => (isHigher(b, a) ? b : a));
    // The suffix begins where the own log ends, or, if that is of an older round, where its decided part ends.
    const from = highest.acceptedRound === this.#acceptedRound ? this.#log.length : this.#decided;
    const accepted = Array.from({ length: this.#env.replicas }, () => 0);
    const state: AcceptingLeader = { role: "leader", phase: "accept", adopted: highest, followers: noReplicas, accepted };
    this.#state = state;
    this.#acceptLog(this.#env.self, from, highest.suffix);
    this.#effects.note("leader", this.#promised);
    for (const [replica, promise] of promises) {
      if (replica !== this.#env.self) this.#synchronize(state, replica, promise);
    }
    this.#ready();
  }

  /** Makes a follower's log the leader's. */
  #synchronize(state: AcceptingLeader, follower: ReplicaId, promise: MessageOf<"promise">): void {
    // A promise that comes late, doubled perhaps, may speak of slots that its sender has since executed, as everybody has.
    const from = Math.max(this.#log.start, commonLength(promise, state.adopted));
    invariant(from <= this.#log.length, "the leader has what it shares with a follower");
    state.followers = withReplica(state.followers, follower);
    const suffix = this.#log.slice(from);
    // Ahead of the journal, as are the accepts that follow it; see `propose`.
    this.#effects.ahead.send(follower, { type: "acceptSync", ballot: this.#promised, from, suffix, decided: this.#decided });
  }

  // --- Leader: accept phase. ---

  /** ⟨Proposal⟩ from a client. False: it must wait, or go elsewhere. */
  propose(command: Command): boolean {
    const state = this.#state;
    if (state.phase !== "accept" || state.role !== "leader" || this.room === 0) return false;
    const ballot = this.#promised;
    const slot = this.#log.length;
    this.#log.push(command);
    this.#effects.persist({ type: "appended", command });
    // Ahead of the journal: an accept is no vote. A leader that restarts never leads in this round again, so that no other
    // command can come to this slot in it. Its own vote is the message to itself, which waits until the entry is durable.
    this.#effects.ahead.broadcast(state.followers, { type: "accept", ballot, slot, command });
    this.#effects.send(this.#env.self, { type: "accepted", ballot, length: slot + 1 });
    return true;
  }

  /** ⟨Accepted⟩ from a follower, or from here. */
  onAccepted(from: ReplicaId, { ballot, length }: MessageOf<"accepted">): void {
    const state = this.#state;
    if (ballot !== this.#promised || state.phase !== "accept" || state.role !== "leader") return;
    const { accepted } = state;
    accepted[from] = length;
    if (length <= this.#decided) return;
    const chosen = this.#chosen(accepted);
    if (chosen === this.#decided) return;
    this.#executeUpTo(chosen);
    // Ahead of the journal: it tells what a majority has made durable, not what this replica has.
    this.#effects.ahead.broadcast(state.followers, { type: "decide", ballot, upTo: chosen });
    this.#ready();
  }

  /** The longest prefix of the log that a majority has accepted in this round. */
  #chosen(accepted: readonly number[]): number {
    let chosen = this.#decided;
    for (const length of accepted) {
      if (length <= chosen) continue;
      let replicas = 0;
      for (const other of accepted) if (other >= length) replicas++;
      if (replicas >= this.#majority) chosen = length;
    }
    return chosen;
  }

  /** ⟨PrepareReq⟩ from a follower. */
  onPrepareRequest(from: ReplicaId): void {
    if (this.#state.role === "leader") this.#effects.send(from, this.#prepare());
  }

  // --- Follower. ---

  /** ⟨Prepare⟩ from a leader; again in the same round when this replica asked for it. */
  onPrepare(from: ReplicaId, { ballot, acceptedRound, length, decided }: MessageOf<"prepare">): void {
    if (ballot < this.#promised) return;
    this.#state = preparing;
    if (ballot > this.#promised) {
      this.#promised = ballot;
      this.#effects.persist({ type: "promised", ballot });
    }
    this.#effects.send(from, this.#promise(this.#suffixFor(acceptedRound, length, decided)));
    this.#ready();
  }

  /** What a leader with such a log lacks of this one, should this one win. */
  #suffixFor(acceptedRound: Ballot, length: number, decided: number): readonly Command[] {
    if (this.#acceptedRound > acceptedRound) return this.#log.slice(decided);
    if (this.#acceptedRound === acceptedRound) return this.#log.slice(length);
    return [];
  }

  #promise(suffix: readonly Command[]): MessageOf<"promise"> {
    return {
      type: "promise", ballot: this.#promised,
      acceptedRound: this.#acceptedRound, length: this.#log.length, decided: this.#decided, suffix,
    };
  }

  /** ⟨AcceptSync⟩ from the leader. */
  onAcceptSync(from: ReplicaId, { ballot, from: start, suffix, decided }: MessageOf<"acceptSync">): void {
    if (ballot !== this.#promised || this.#state !== preparing) return;
    this.#state = accepting;
    // To an earlier promise, when another has brought this replica into the round since: of two logs of one round one
    // begins with the other, and what was accepted stays.
    const known = this.#acceptedRound === ballot ? Math.max(0, this.#log.length - start) : 0;
    this.#acceptLog(from, start + known, suffix.slice(known));
    this.#executeUpTo(decided);
  }

  /** ⟨Accept⟩ from the leader. */
  onAccept(from: ReplicaId, { ballot, slot, command }: MessageOf<"accept">): void {
    if (ballot !== this.#promised || this.#state !== accepting) return;
    if (slot !== this.#log.length) return this.#recover(from);
    this.#log.push(command);
    this.#effects.persist({ type: "appended", command });
    this.#effects.send(from, { type: "accepted", ballot, length: slot + 1 });
  }

  /** ⟨Decide⟩ from the leader. */
  onDecide(from: ReplicaId, { ballot, upTo }: MessageOf<"decide">): void {
    if (ballot !== this.#promised || this.#state !== accepting) return;
    if (upTo > this.#log.length) return this.#recover(from);
    this.#executeUpTo(upTo);
  }

  /** ⟨Reconnected⟩ to a peer: what the leader sent may be lost, or the peer may lead without this replica's knowledge. */
  onReconnected(peer: ReplicaId): void {
    if (this.#state.role === "follower" && proposerOf(this.#promised) === peer) this.#recover(peer);
    else this.#effects.send(peer, { type: "prepareRequest" });
  }

  #recover(leader: ReplicaId): void {
    this.#state = recovering;
    this.#effects.send(leader, { type: "prepareRequest" });
  }

  // --- The log. ---

  /** Enters the promised round with its leader's log. */
  #acceptLog(leader: ReplicaId, from: number, suffix: readonly Command[]): void {
    const ballot = this.#promised;
    this.#replaceFrom(from, suffix);
    this.#acceptedRound = ballot;
    this.#effects.persist({ type: "synchronized", ballot, from, suffix });
    this.#effects.send(leader, { type: "accepted", ballot, length: this.#log.length });
  }

  #replaceFrom(from: number, suffix: readonly Command[]): void {
    invariant(from >= this.#decided, `slots below ${this.#decided} are decided: not to be replaced from ${from}`);
    invariant(from <= this.#log.length, `no gap between ${this.#log.length} and ${from}`);
    this.#log.truncate(from);
    for (const command of suffix) this.#log.push(command);
  }

  #executeUpTo(end: number): void {
    invariant(end <= this.#log.length, `slots below ${end} are known before they are executed`);
    while (this.#decided < end) {
      const command = this.#log.at(this.#decided)!;
      this.#effects.commit(this.#decided++, command);
      this.#effects.execute(command);
    }
  }

  recordDecided(): void {
    if (this.#recordedDecided === this.#decided) return;
    this.#recordedDecided = this.#decided;
    this.#effects.persist({ type: "decided", upTo: this.#decided });
    if (this.#decided - this.#toldDecided < this.#trim) return;
    this.#toldDecided = this.#decided;
    // Behind the journal: what is told must hold after a restart.
    this.#effects.broadcast(this.#env.everyone, { type: "executed", upTo: this.#decided });
  }

  askExecuted(): void {
    if (this.#log.weight >= this.#keep / 2) this.#effects.broadcast(this.#env.everyone, { type: "askExecuted" });
  }

  onAskExecuted(from: ReplicaId): void {
    this.recordDecided();
    this.#effects.send(from, { type: "executed", upTo: this.#decided });
  }

  /** Slots that every replica has executed, and has in its journal, are sent to nobody any more. */
  onExecuted(from: ReplicaId, { upTo }: MessageOf<"executed">): void {
    this.#executedByAll.report(from, upTo);
    this.#log.trim(this.#executedByAll.lowest);
  }

  assertInvariants(): void {
    const { role, phase } = this.#state;
    invariant(this.#decided <= this.#log.length, "what is decided is in the log");
    invariant(this.#log.start <= this.#decided, "what is trimmed is decided");
    invariant(this.#acceptedRound <= this.#promised, "no round is accepted that was not promised");
    if (phase === "accept") invariant(this.#acceptedRound === this.#promised, "in the accept phase the log is of the promised round");
    if (role === "leader") invariant(proposerOf(this.#promised) === this.#env.self, "a leader's round is its own, and promised");
  }

  status(): Status {
    const { role, phase } = this.#state;
    const { length: log, start: trimmed } = this.#log;
    return { role, phase, promised: this.#promised, acceptedRound: this.#acceptedRound, decided: this.#decided, log, trimmed };
  }
}

/** Figure 3, order of promises: by accepted round, then by length. */
const isHigher = (a: MessageOf<"promise">, b: MessageOf<"promise">): boolean =>
  a.acceptedRound > b.acceptedRound || (a.acceptedRound === b.acceptedRound && a.length > b.length);

/** syncIdx: how much of a follower's log is known to agree with the leader's, which began with the `adopted` one. */
const commonLength = (promise: MessageOf<"promise">, adopted: MessageOf<"promise">): number => {
  if (promise.acceptedRound === promise.ballot) return promise.length; // in step before: it asked to be prepared again
  if (promise.acceptedRound === adopted.acceptedRound) return Math.min(promise.length, adopted.length);
  return promise.decided;
};
