/**
 * Egalitarian Paxos: I. Moraru, D. Andersen, M. Kaminsky, "There Is More Consensus in Egalitarian Parliaments"
 * (SOSP 2013). Section, figure and line numbers below are that paper's. Every replica is command leader of what its own
 * clients ask; README.md lists what is done differently and why.
 */
import {
  ballotOf, hasReplica, invariant, majorityOf, millisecond, noReplicas, replicaSetOf, sizeOf, withReplica, withoutReplica,
  type Ballot, type Command, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { blockerName, Execution } from "./execution.ts";
import { Instance, instanceName, sameDeps, unionOfDeps, type InstanceStatus } from "./instance.ts";
import { Interference } from "./interference.ts";
import { InstanceLog } from "./log.ts";
import type { Committed, JournalRecord, Message, MessageOf, Vote } from "./messages.ts";

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
  readonly ballot: Ballot;
  phase: "preAccept" | "accept";
  /** When the phase began, or its messages were last sent again. */
  since: Micros;
  /** Who answered in this phase. */
  replies: ReplicaSet;
  /** The union of the attributes of phase 1, the leader's own included; what phase 2 and Commit are about. */
  seq: number;
  deps: readonly number[];
  /** The replies of phase 1 were all alike. */
  identical: boolean;
  /** Whose instances the replies covered, and the leader itself when it chose its deps; see `preAcceptOk`. */
  covered: ReplicaSet;
  readonly coveredByLeader: ReplicaSet;
  /** PreAccepts went to the fast quorum only: the fast path is open. */
  thrifty: boolean;
}

export class EPaxosReplica implements Replica<Message, JournalRecord, Timer> {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #retry: Micros;
  /** F+1: of Paxos-Accept (§4.3). */
  readonly #slowQuorum: number;
  /** F+⌊(F+1)/2⌋, the command leader included (§4.4). */
  readonly #fastQuorum: number;

  readonly #log: InstanceLog;
  readonly #interference: Interference;
  readonly #execution: Execution;

  /** By own instance number. */
  readonly #proposals = new Map<number, Proposal>();
  readonly #pending: Command[] = [];
  /** Peers whose link stands. */
  #linked: ReplicaSet;
  /** What execution waited for at the last sweep. */
  #blockers: ReadonlySet<number> = new Set();

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    const tolerated = Math.floor((env.replicas - 1) / 2);
    this.#env = env;
    this.#effects = effects;
    this.#retry = options.retry * millisecond;
    this.#slowQuorum = majorityOf(env.replicas);
    // ⌊N/2⌋ is the paper's F; an even number of replicas takes one more than the odd number below it, as its majority does.
    this.#fastQuorum = Math.floor(env.replicas / 2) + Math.max(1, Math.floor((tolerated + 1) / 2));
    this.#linked = env.others;
    this.#log = new InstanceLog(env.replicas);
    this.#interference = new Interference(env.replicas);
    this.#execution = new Execution(this.#log, this.#interference, ({ command }) => effects.execute(command));
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const record of journal) this.#record(record, record.type);
  }

  start(): void {
    // What was committed while this replica was down. A new cluster's replicas have nothing to tell.
    this.#learnFrom(this.#env.others);
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
      if (this.#env.now - proposal.since >= this.#retry && isLeading(proposal)) this.#askAgain(proposal);
    }
    // A commit may be lost with its command leader, and others have it.
    const blockers = new Set(this.#execution.blockers);
    if (!blockers.isDisjointFrom(this.#blockers)) this.#learnFrom(this.#env.others);
    this.#blockers = blockers;
    this.#effects.setTimer("sweep", this.#retry);
  }

  onLink(peer: ReplicaId, up: boolean): void {
    this.#linked = up ? withReplica(this.#linked, peer) : withoutReplica(this.#linked, peer);
    if (up) this.#learnFrom(replicaSetOf([peer]));
  }

  // --- Phase 1: establish ordering constraints (Figure 2). ---

  /** The command leader, on a request (lines 1-5). */
  #propose(command: Command): void {
    const leader = this.#env.self;
    const number = this.#log.last(leader) + 1;
    const ballot = ballotOf(0, leader);
    const { seq, deps } = this.#interference.attributesOf(command);
    const coveredByLeader = this.#covered(command, deps);
    // Not ahead of the journal: after a restart the instance must not be used again for another command. So every
    // reply also tells that the leader's own vote is durable.
    this.#effects.persist({ type: "preAccepted", leader, number, ballot, command, seq, deps });
    const instance = this.#record({ leader, number, ballot, command, seq, deps }, "preAccepted");
    this.#proposals.set(number, {
      instance, ballot, phase: "preAccept", since: this.#env.now, replies: noReplicas,
      seq, deps, identical: true, covered: noReplicas, coveredByLeader, thrifty: true,
    });
    this.#sendPreAccept(this.#nearestPeers(this.#fastQuorum), instance);
    if (this.#env.replicas === 1) {
      // Nobody to ask: the own vote, once durable, is the quorum.
      this.#effects.send(leader, { type: "preAcceptOk", leader, number, ballot, seq, deps, covered: noReplicas });
    }
  }

  /** A replica, on PreAccept (lines 6-9). */
  #onPreAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps }: MessageOf<"preAccept">): void {
    let instance = this.#log.at(leader, number);
    if (instance !== undefined && (ballot < instance.ballot || instance.isCommitted)) return;
    let covered = noReplicas;
    if (instance === undefined || ballot > instance.votedBallot) {
      const here = this.#interference.attributesOf(command);
      const updatedSeq = Math.max(seq, here.seq);
      const updatedDeps = unionOfDeps(deps, here.deps);
      covered = this.#covered(command, updatedDeps);
      this.#effects.persist({ type: "preAccepted", leader, number, ballot, command, seq: updatedSeq, deps: updatedDeps });
      instance = this.#record({ leader, number, ballot, command, seq: updatedSeq, deps: updatedDeps }, "preAccepted");
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
    if (fastPossible && this.#everyDependencyCovered(proposal)) this.#decide(proposal);
    else if (votes >= this.#slowQuorum) this.#runAccept(proposal);
  }

  /**
   * Optimized EPaxos: the fast path also needs, for each dependency, a replica of the quorum that knew it as committed
   * when it chose its attributes. Otherwise the dependency's seq may still rise above this command's, or has risen
   * since, and recovery would take that as proof that this command was not committed (§4.4). With three replicas no
   * proof is needed: the one reply and the leader are a majority.
   */
  #everyDependencyCovered({ instance, deps, covered, coveredByLeader }: Proposal): boolean {
    if (this.#env.replicas <= 3) return true;
    return deps.every((number, q) => hasReplica(covered, q) || (hasReplica(coveredByLeader, q) && number === instance.deps[q]));
  }

  // --- Phase 2: Paxos-Accept, the slow path (Figure 2). ---

  /** Lines 16-17. */
  #runAccept(proposal: Proposal): void {
    proposal.phase = "accept";
    proposal.since = this.#env.now;
    proposal.replies = noReplicas;
    // Ahead of the journal: an accept is no vote, and after a restart this replica proposes nothing more in this ballot.
    // The leader's own vote is its acceptor's, by message.
    const acceptors = withReplica(this.#nearestPeers(this.#slowQuorum), this.#env.self);
    this.#effects.ahead.broadcast(acceptors, acceptOf(proposal));
  }

  /** A replica, on Accept (lines 18-19). */
  #onAccept(from: ReplicaId, { leader, number, ballot, command, seq, deps }: MessageOf<"accept">): void {
    const instance = this.#log.at(leader, number);
    if (instance !== undefined && (ballot < instance.ballot || instance.isCommitted)) return;
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
    if (sizeOf(proposal.replies) >= this.#slowQuorum) this.#decide(proposal);
  }

  // --- Commit (Figure 2). ---

  /** The command leader (lines 21-23; `commit` and `execute` tell the client). */
  #decide({ instance, ballot, phase, seq, deps }: Proposal): void {
    const { leader, number, command } = instance;
    this.#effects.note(phase === "preAccept" ? "fast" : "slow");
    // Ahead of the journal: what is told is decided by the votes that a quorum has made durable.
    this.#effects.ahead.broadcast(this.#env.others, { type: "commit", leader, number, command, seq, deps });
    this.#commit({ leader, number, ballot, command, seq, deps });
  }

  /** Any replica, on Commit (line 24). */
  #onCommit({ leader, number, command, seq, deps }: Committed): void {
    const instance = this.#log.at(leader, number);
    if (instance?.isCommitted === true) {
      // Stability (§4.2) and Proposition 2 (§4.3.3): an instance is committed with one command and one set of attributes.
      const same = instance.command.id === command.id && instance.seq === seq && sameDeps(instance.deps, deps);
      return invariant(same, `instance ${instanceName(instance.key)} is committed once`);
    }
    this.#commit({ leader, number, ballot: instance?.ballot ?? ballotOf(0, leader), command, seq, deps });
  }

  #commit(vote: Vote): void {
    const { leader, number, ballot, command, seq, deps } = vote;
    this.#effects.persist({ type: "committed", leader, number, ballot, command, seq, deps });
    this.#record(vote, "committed");
    if (leader !== this.#env.self || !this.#proposals.delete(number)) return;
    const next = this.#pending.shift();
    if (next !== undefined) this.#propose(next);
  }

  // --- Lost messages: a link that breaks loses what it carried, and a crashed replica what was sent to it. ---

  /** A fast quorum that does not answer is given up, and with it the fast path: everybody is asked. */
  #askAgain(proposal: Proposal): void {
    proposal.since = this.#env.now;
    const silent = replicaSetOf(this.#env.nearest.filter((replica) => !hasReplica(proposal.replies, replica)));
    if (proposal.phase === "accept") return this.#effects.broadcast(silent, acceptOf(proposal));
    proposal.thrifty = false;
    this.#sendPreAccept(withoutReplica(silent, this.#env.self), proposal.instance);
    this.#endPhase1(proposal);
  }

  #learnFrom(peers: ReplicaSet): void {
    this.#effects.broadcast(peers, this.#log.missing());
  }

  #onLearn(from: ReplicaId, question: MessageOf<"learn">): void {
    const answer = this.#log.answer(question, learnChunk);
    if (answer.commits.length > 0) this.#effects.send(from, answer);
  }

  #onLearned(from: ReplicaId, { commits, more }: MessageOf<"learned">): void {
    for (const commit of commits) this.#onCommit(commit);
    if (more) this.#learnFrom(replicaSetOf([from]));
  }

  // --- State. ---

  /** An instance's new status, with the command and attributes that were voted for or committed. */
  #record(vote: Vote, status: Exclude<InstanceStatus, "executed">): Instance {
    const known = this.#log.at(vote.leader, vote.number);
    const instance = known ?? new Instance(vote, status);
    if (known === undefined) {
      this.#log.add(instance);
    } else {
      if (instance.command.id !== vote.command.id) this.#interference.remove(instance);
      instance.update(vote, status);
    }
    this.#interference.add(instance);
    if (status === "committed") {
      this.#log.countCommitted(vote.leader);
      this.#effects.commit(vote.command);
    }
    if (known === undefined) this.#execution.known(vote.leader);
    if (status === "committed") this.#execution.committed(instance);
    return instance;
  }

  /** The proposal that a reply speaks of; undefined if it comes too late. */
  #proposal(leader: ReplicaId, number: number, ballot: Ballot, phase: Proposal["phase"]): Proposal | undefined {
    const proposal = leader === this.#env.self ? this.#proposals.get(number) : undefined;
    return proposal?.phase === phase && proposal.ballot === ballot && isLeading(proposal) ? proposal : undefined;
  }

  /** Replicas q of whose instances 1 … deps[q] all are known here, and those that interfere committed. */
  #covered(command: Command, deps: readonly number[]): ReplicaSet {
    const { known, committed } = this.#log;
    return replicaSetOf(this.#env.nearest.filter((q) =>
      deps[q]! <= known[q]! && this.#interference.allCommitted(command, q, committed[q]!, deps[q]!)));
  }

  /** The nearest peers that make a quorum of `size` with this replica, those first whose link stands. */
  #nearestPeers(size: number): ReplicaSet {
    const { nearest, self } = this.#env;
    const linked = nearest.filter((peer) => hasReplica(this.#linked, peer));
    const unlinked = nearest.filter((peer) => peer !== self && !hasReplica(this.#linked, peer));
    return replicaSetOf([...linked, ...unlinked].slice(0, size - 1));
  }

  #sendPreAccept(to: ReplicaSet, { leader, number, ballot, command, seq, deps }: Instance): void {
    this.#effects.broadcast(to, { type: "preAccept", leader, number, ballot, command, seq, deps });
  }

  assertInvariants(): void {
    const { self } = this.#env;
    const { known, committed } = this.#log;
    invariant(known[self] === this.#log.last(self), "own instances are known without gaps");
    for (const [q, number] of known.entries()) invariant(committed[q]! <= number, "what is committed is known");
  }

  status(): Status {
    return {
      own: this.#log.last(this.#env.self),
      inFlight: this.#proposals.size,
      known: this.#log.known.join(","),
      committed: this.#log.committed.join(","),
      waitsFor: [...this.#execution.blockers].slice(0, 5).map(blockerName).join(","),
    };
  }
}

/** A leader that joined a higher ballot of its instance no longer leads it. */
const isLeading = ({ instance, ballot }: Proposal): boolean => instance.ballot === ballot;

const acceptOf = ({ instance, ballot, seq, deps }: Proposal): MessageOf<"accept"> =>
  ({ type: "accept", leader: instance.leader, number: instance.number, ballot, command: instance.command, seq, deps });
