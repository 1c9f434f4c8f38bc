/**
 * Egalitarian Paxos: I. Moraru, D. Andersen, M. Kaminsky, "There Is More Consensus in Egalitarian Parliaments"
 * (SOSP 2013). Section, figure and line numbers below are that paper's. Every replica is command leader of what its own
 * clients ask; README.md lists what is done differently and why.
 */
import {
  hasReplica, invariant, millisecond, noReplicas, replicaSetOf, sizeOf, withReplica, ballotOf,
  type Ballot, type Command, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { Execution, type Log } from "./execution.ts";
import { Instance, instanceKey, sameDeps, unionOfDeps } from "./instance.ts";
import { Interference } from "./interference.ts";
import type { Committed, JournalRecord, Message, MessageOf } from "./messages.ts";

export interface Options {
  readonly retry: number;
}

export type Timer = "sweep";

/** Own instances that may be under way at once; further commands wait. */
const maxInFlight = 4096;
const maxPending = 65_536;
/** Commits in one answer to a replica that catches up. */
const learnChunk = 256;

/** What a command leader keeps of an own instance until it is committed. */
interface Proposal {
  readonly instance: Instance;
  phase: "pre-accept" | "accept";
  /** When the phase began, or its messages were last sent again. */
  since: Micros;
  /** Who answered in this phase. */
  replies: ReplicaSet;
  // Phase 1: the union of all attributes, whether the replies were all alike, and whose instances they cover.
  seq: number;
  deps: readonly number[];
  identical: boolean;
  covered: ReplicaSet;
  /** PreAccepts went to the fast quorum only: the fast path is open. */
  thrifty: boolean;
}

export class EPaxosReplica implements Replica<Message, JournalRecord, Timer>, Log {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #retry: Micros;
  /** F+1: of Paxos-Accept. */
  readonly #slowQuorum: number;
  /** F+⌊(F+1)/2⌋, the command leader included (§4.4). */
  readonly #fastQuorum: number;
  readonly #fastPeers: ReplicaSet;
  readonly #slowPeers: ReplicaSet;

  /** By leader; element i is instance i, element 0 unused. */
  readonly #instances: (Instance | undefined)[][];
  /** Instances 1 … known[q] of replica q are known here, and 1 … committed[q] committed. */
  readonly #known: number[];
  readonly #committed: number[];
  readonly #interference: Interference;
  readonly #execution: Execution;

  /** By own instance number. */
  readonly #proposals = new Map<number, Proposal>();
  #pending: Command[] = [];

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    const tolerated = Math.floor((env.replicas - 1) / 2);
    this.#env = env;
    this.#effects = effects;
    this.#retry = options.retry * millisecond;
    this.#slowQuorum = Math.floor(env.replicas / 2) + 1;
    this.#fastQuorum = Math.max(tolerated + Math.floor((tolerated + 1) / 2), this.#slowQuorum);
    this.#fastPeers = replicaSetOf(env.nearest.slice(1, this.#fastQuorum));
    this.#slowPeers = replicaSetOf(env.nearest.slice(1, this.#slowQuorum));
    this.#instances = Array.from({ length: env.replicas }, () => [undefined]);
    this.#known = Array.from({ length: env.replicas }, () => 0);
    this.#committed = Array.from({ length: env.replicas }, () => 0);
    this.#interference = new Interference(env.replicas);
    this.#execution = new Execution(this.#interference, this);
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const { type, leader, number, ballot, command, seq, deps } of journal) {
      const instance = this.#vote(leader, number, ballot, command, seq, deps);
      if (type === "accepted") instance.status = "accepted";
      if (type === "committed") this.#commit(instance, command, seq, deps);
    }
  }

  start(): void {
    // What was committed while this replica was down; a new cluster's replicas have nothing to tell.
    if (this.#instances.some((instances) => instances.length > 1)) this.#learnFrom(this.#env.others);
    this.#effects.setTimer("sweep", this.#retry);
  }

  onRequest(command: Command): void {
    if (this.#proposals.size < maxInFlight) this.#propose(command);
    else if (this.#pending.length < maxPending) this.#pending.push(command);
    else this.#effects.reject(command);
  }

  onMessage(from: ReplicaId, message: Message): void {
    switch (message.type) {
      case "preAccept": return this.#onPreAccept(from, message);
      case "preAcceptOk": return this.#onPreAcceptOk(from, message);
      case "accept": return this.#onAccept(from, message);
      case "acceptOk": return this.#onAcceptOk(from, message);
      case "commit": return this.#onCommit(message);
      case "learn": return this.#onLearn(from, message);
      case "learned": return this.#onLearned(from, message);
    }
  }

  onTimer(): void {
    for (const proposal of this.#proposals.values()) {
      if (this.#env.now - proposal.since >= this.#retry) this.#ask(proposal);
    }
    if (this.#execution.blocked) this.#learnFrom(this.#env.others);
    this.#effects.setTimer("sweep", this.#retry);
  }

  onLink(peer: ReplicaId, up: boolean): void {
    if (up) this.#learnFrom(replicaSetOf([peer]));
  }

  // --- Phase 1: establish ordering constraints (Figure 2). ---

  /** The command leader, on a request (lines 1-8). */
  #propose(command: Command): void {
    const leader = this.#env.self;
    const number = this.#instances[leader]!.length;
    const ballot = ballotOf(0, leader);
    const { seq, deps } = this.#interference.attributesOf(command);
    const instance = this.#vote(leader, number, ballot, command, seq, deps);
    this.#proposals.set(number, {
      instance, phase: "pre-accept", since: this.#env.now, replies: noReplicas,
      seq, deps, identical: true, covered: noReplicas, thrifty: true,
    });
    // Not ahead of the journal: after a restart the instance must not be used again for another command. So every
    // reply also tells that the leader's own vote is durable.
    this.#effects.persist({ type: "preAccepted", leader, number, ballot, command, seq, deps });
    this.#sendPreAccept(this.#fastPeers, instance);
    if (this.#fastPeers === noReplicas) {
      // A single replica: its own vote, once durable, is the quorum.
      this.#effects.send(leader, { type: "preAcceptOk", leader, number, ballot, seq, deps, covered: noReplicas });
    }
  }

  /** A replica, on PreAccept (lines 9-13). */
  #onPreAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps }: MessageOf<"preAccept">): void {
    let instance = this.#instances[leader]![number];
    if (instance !== undefined && (ballot < instance.ballot || instance.status !== "pre-accepted")) return;
    if (instance === undefined || ballot > instance.votedBallot) {
      const here = this.#interference.attributesOf(command);
      const updatedSeq = Math.max(seq, here.seq);
      const updatedDeps = unionOfDeps(deps, here.deps);
      instance = this.#vote(leader, number, ballot, command, updatedSeq, updatedDeps);
      this.#effects.persist({ type: "preAccepted", leader, number, ballot, command, seq: updatedSeq, deps: updatedDeps });
    }
    // Voted before, in this ballot: the leader asks again, and gets the same answer.
    const covered = this.#interference.covered(command, instance.deps);
    this.#effects.send(from, { type: "preAcceptOk", leader, number, ballot, seq: instance.seq, deps: instance.deps, covered });
  }

  /** The command leader, on PreAcceptOK (lines 14-20). */
  #onPreAcceptOk(from: ReplicaId, { leader, number, ballot, seq, deps, covered }: MessageOf<"preAcceptOk">): void {
    const proposal = this.#proposal(leader, number, ballot, "pre-accept");
    if (proposal === undefined || hasReplica(proposal.replies, from)) return;
    const first = proposal.replies === noReplicas;
    // Compared with each other, not with the leader's own: each already contains those (line 15).
    if (!first && (seq !== proposal.seq || !sameDeps(deps, proposal.deps))) proposal.identical = false;
    proposal.replies = withReplica(proposal.replies, from);
    proposal.seq = Math.max(proposal.seq, seq);
    proposal.deps = unionOfDeps(proposal.deps, deps);
    proposal.covered = (proposal.covered | covered) as ReplicaSet;
    this.#endPhase1(proposal);
  }

  /** Fast path or slow path, once enough have answered. */
  #endPhase1(proposal: Proposal): void {
    const { instance, seq, deps, replies } = proposal;
    const votes = sizeOf(withReplica(replies, this.#env.self));
    const fastPossible = proposal.thrifty && proposal.identical;
    if (fastPossible && votes < this.#fastQuorum) return;
    if (fastPossible && this.#everyDependencyCovered(proposal)) {
      this.#effects.note("fast");
      this.#decide(proposal, seq, deps);
    } else if (votes >= this.#slowQuorum) {
      this.#runAccept(proposal, instance.command, seq, deps);
    }
  }

  /**
   * Optimized EPaxos: the fast path also needs, for each dependency, some replica of the quorum that knows it committed;
   * otherwise its seq may still rise above this command's (§4.4). With three replicas there is nothing to protect: the
   * one reply is on a majority with the leader's vote.
   */
  #everyDependencyCovered({ instance, deps, covered }: Proposal): boolean {
    if (this.#env.replicas <= 3) return true;
    const coveredHere = this.#interference.covered(instance.command, deps);
    return deps.every((number, q) => number === 0 || hasReplica(covered, q) || hasReplica(coveredHere, q));
  }

  // --- Phase 2: Paxos-Accept, the slow path (Figure 2). ---

  /** Lines 21-23. */
  #runAccept(proposal: Proposal, command: Command, seq: number, deps: readonly number[]): void {
    const { leader, number, ballot } = proposal.instance;
    proposal.phase = "accept";
    proposal.since = this.#env.now;
    proposal.replies = noReplicas;
    this.#effects.note("slow");
    // Ahead of the journal: an accept is no vote, and after a restart this replica proposes nothing more in this ballot.
    // The leader's own vote is its acceptor's, by message.
    const acceptors = withReplica(this.#slowPeers, this.#env.self);
    this.#effects.ahead.broadcast(acceptors, { type: "accept", leader, number, ballot, command, seq, deps });
  }

  /** A replica, on Accept (lines 24-26). */
  #onAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps }: MessageOf<"accept">): void {
    const known = this.#instances[leader]![number];
    if (known !== undefined && (ballot < known.ballot || known.isCommitted)) return;
    const voted = known !== undefined && known.status === "accepted" && known.votedBallot === ballot;
    if (!voted) {
      this.#vote(leader, number, ballot, command, seq, deps).status = "accepted";
      this.#effects.persist({ type: "accepted", leader, number, ballot, command, seq, deps });
    }
    this.#effects.send(from, { type: "acceptOk", leader, number, ballot });
  }

  /** The command leader, on AcceptOK (lines 27-28). */
  #onAcceptOk(from: ReplicaId, { leader, number, ballot }: MessageOf<"acceptOk">): void {
    const proposal = this.#proposal(leader, number, ballot, "accept");
    if (proposal === undefined) return;
    proposal.replies = withReplica(proposal.replies, from);
    if (sizeOf(proposal.replies) >= this.#slowQuorum) this.#decide(proposal, proposal.instance.seq, proposal.instance.deps);
  }

  // --- Commit (Figure 2). ---

  /** The command leader: tell the client and everybody else (lines 29-32). */
  #decide({ instance }: Proposal, seq: number, deps: readonly number[]): void {
    const { leader, number, ballot, command } = instance;
    this.#proposals.delete(number);
    this.#effects.persist({ type: "committed", leader, number, ballot, command, seq, deps });
    // Ahead of the journal: what is told is decided by the votes that a quorum has made durable.
    this.#effects.ahead.broadcast(this.#env.others, { type: "commit", leader, number, command, seq, deps });
    this.#commit(instance, command, seq, deps);
    const next = this.#pending.shift();
    if (next !== undefined) this.#propose(next);
  }

  /** Any replica, on Commit (lines 33-34). */
  #onCommit({ leader, number, command, seq, deps }: Committed): void {
    const instance = this.#instances[leader]![number];
    if (instance?.isCommitted === true) return this.#assertSame(instance, { leader, number, command, seq, deps });
    const ballot = instance?.ballot ?? ballotOf(0, leader);
    this.#effects.persist({ type: "committed", leader, number, ballot, command, seq, deps });
    this.#commit(this.#vote(leader, number, ballot, command, seq, deps), command, seq, deps);
  }

  #commit(instance: Instance, command: Command, seq: number, deps: readonly number[]): void {
    if (instance.isCommitted) return;
    instance.command = command;
    instance.seq = seq;
    instance.deps = deps;
    instance.status = "committed";
    this.#interference.add(instance);
    const committed = this.#committed;
    const { leader } = instance;
    while (this.#instances[leader]![committed[leader]! + 1]?.isCommitted === true) committed[leader]!++;
    this.#effects.commit(command);
    this.#execution.committed(instance);
  }

  // --- Log, for execution.ts. ---

  firstUnknown(deps: readonly number[]): number | null {
    for (let q = 0; q < deps.length; q++) {
      if (deps[q]! > this.#known[q]!) return instanceKey(q, this.#known[q]! + 1);
    }
    return null;
  }

  execute({ command }: Instance): void {
    this.#effects.execute(command);
  }

  // --- Lost messages. A link that breaks loses what it carried; the paper's links lose messages too (§3.1). ---

  /** A fast quorum that does not answer is given up, and with it the fast path: everybody is asked. */
  #ask(proposal: Proposal): void {
    const { instance, phase, replies } = proposal;
    const { leader, number, ballot, command, seq, deps } = instance;
    proposal.since = this.#env.now;
    const silent = replicaSetOf(this.#env.nearest.filter((replica) => !hasReplica(replies, replica)));
    if (phase === "accept") {
      this.#effects.broadcast(silent, { type: "accept", leader, number, ballot, command, seq, deps });
    } else {
      proposal.thrifty = false;
      this.#sendPreAccept((silent & this.#env.others) as ReplicaSet, instance);
      this.#endPhase1(proposal);
    }
  }

  #learnFrom(peers: ReplicaSet): void {
    this.#effects.broadcast(peers, { type: "learn", above: this.#committed });
  }

  #onLearn(from: ReplicaId, { above }: MessageOf<"learn">): void {
    const commits: Committed[] = [];
    let more = noReplicas;
    for (const [leader, instances] of this.#instances.entries()) {
      for (let number = above[leader]! + 1; number < instances.length; number++) {
        const instance = instances[number];
        if (instance?.isCommitted !== true) continue;
        if (commits.length === learnChunk) {
          more = withReplica(more, leader);
          break;
        }
        const { command, seq, deps } = instance;
        commits.push({ leader, number, command, seq, deps });
      }
    }
    if (commits.length > 0) this.#effects.send(from, { type: "learned", commits, more });
  }

  #onLearned(from: ReplicaId, { commits, more }: MessageOf<"learned">): void {
    for (const commit of commits) this.#onCommit(commit);
    if (more !== noReplicas) this.#learnFrom(replicaSetOf([from]));
  }

  // --- State. ---

  /** Records a vote for command and attributes in `ballot`: pre-accepted, until the caller knows better. */
  #vote(leader: ReplicaId, number: number, ballot: Ballot, command: Command, seq: number, deps: readonly number[]): Instance {
    const instances = this.#instances[leader]!;
    let instance = instances[number];
    const unknown = instance === undefined;
    if (instance === undefined) {
      // No holes in the array: it stays a fast one, whatever the order of arrival.
      while (instances.length < number) instances.push(undefined);
      instance = new Instance(leader, number, ballot, command, seq, deps);
      instances[number] = instance;
      while (instances[this.#known[leader]! + 1] !== undefined) this.#known[leader]!++;
    } else {
      if (instance.command.id !== command.id) this.#interference.remove(instance);
      instance.command = command;
      instance.seq = seq;
      instance.deps = deps;
      instance.ballot = ballot;
      instance.votedBallot = ballot;
    }
    this.#interference.add(instance);
    if (unknown) this.#execution.known(instance);
    return instance;
  }

  /** The proposal that a reply speaks of; undefined if it comes too late. */
  #proposal(leader: ReplicaId, number: number, ballot: Ballot, phase: Proposal["phase"]): Proposal | undefined {
    const proposal = leader === this.#env.self ? this.#proposals.get(number) : undefined;
    // A leader that joined a higher ballot of its instance counts no replies to the lower one.
    return proposal?.phase === phase && proposal.instance.ballot === ballot ? proposal : undefined;
  }

  #sendPreAccept(to: ReplicaSet, { leader, number, ballot, command, seq, deps }: Instance): void {
    this.#effects.broadcast(to, { type: "preAccept", leader, number, ballot, command, seq, deps });
  }

  /** Agreement (§4.6, theorem 2): an instance is committed with one command and one set of attributes. */
  #assertSame(instance: Instance, { command, seq, deps }: Committed): void {
    const same = instance.command.id === command.id && instance.seq === seq && sameDeps(instance.deps, deps);
    invariant(same, `instance ${instance.leader}.${instance.number} is committed once`);
  }

  assertInvariants(): void {
    const { self } = this.#env;
    invariant(this.#known[self] === this.#instances[self]!.length - 1, "own instances are known without gaps");
    for (const [q, known] of this.#known.entries()) invariant(this.#committed[q]! <= known, "what is committed is known");
  }

  status(): Status {
    const own = this.#instances[this.#env.self]!.length - 1;
    return { own, inFlight: this.#proposals.size, committed: this.#committed.join(","), known: this.#known.join(",") };
  }
}
