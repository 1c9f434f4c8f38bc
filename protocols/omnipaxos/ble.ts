/**
 * Ballot Leader Election: Ng, Haridi, Carbone, "Omni-Paxos" (2023), Figure 4. Elects among replicas that hear from a
 * majority, themselves included, and looks at nothing else: not at logs, and not at whom others believe to lead.
 */
import {
  ballotOf, invariant, majorityOf, nextBallot, noBallot, noReplicas, proposerOf, sizeOf, withReplica,
  type Ballot, type Env, type Micros, type ReplicaId, type ReplicaSet,
} from "paxbench";
import type { MessageOf, Output } from "./messages.ts";

export class BallotLeaderElection {
  readonly #env: Env;
  readonly #effects: Output;
  readonly #delay: Micros;
  readonly #elected: (ballot: Ballot) => void;
  readonly #majority: number;

  // Figure 4, state. Persistent:
  /** l: the leader's ballot. Never falls. */
  #leader: Ballot = noBallot;

  // Volatile:
  /** r */
  #round = 0;
  /** b: a candidate's when `#quorumConnected`. */
  #ballot: Ballot = noBallot;
  /** qc */
  #quorumConnected = true;
  /** ballots, of this round: who answered, and the highest ballot among the quorum-connected. */
  #answered: ReplicaSet = noReplicas;
  #highestCandidate: Ballot = noBallot;

  /** `elected` is ⟨Leader⟩: this ballot's owner leads, as far as this replica can see. */
  constructor(env: Env, effects: Output, delay: Micros, elected: (ballot: Ballot) => void) {
    this.#env = env;
    this.#effects = effects;
    this.#delay = delay;
    this.#elected = elected;
    this.#majority = majorityOf(env.replicas);
  }

  /** `noBallot` before the first election. */
  get leader(): Ballot {
    return this.#leader;
  }

  /**
   * Elected before a restart; or promised, by this replica's Sequence Paxos: no leader below can count on this replica.
   * Left alone, l might stay below a promised round whose leader is gone, and nobody would raise a ballot above it.
   */
  atLeast(ballot: Ballot): void {
    if (ballot > this.#leader) this.#leader = ballot;
  }

  start(): void {
    this.#ballot = this.#firstBallot();
    this.#beginRound();
    this.#endFirstRound();
  }

  /**
   * In a new cluster the initial leader's ballot is the highest. After a restart b is (0, pid), below any l: to resume
   * the old b could be to resume l itself, and everybody would wait for a leader that forgot that it leads.
   */
  #firstBallot(): Ballot {
    const { self, initialLeader } = this.#env;
    if (this.#leader !== noBallot) return ballotOf(0, self);
    return ballotOf(self === initialLeader ? 2 : 1, self);
  }

  // Heartbeats overtake the journal: they promise nothing, and a slow disk is not a broken link. Nor must b be durable:
  // a replica acts on being elected only after `elected` and `promised` are, and never raises b to a ballot ≤ l again.

  #beginRound(): void {
    this.#round++;
    this.#answered = noReplicas;
    this.#highestCandidate = noBallot;
    this.#effects.ahead.broadcast(this.#env.others, { type: "heartbeat", round: this.#round });
    this.#effects.setTimer("round", this.#delay);
  }

  /** ⟨HBRequest⟩. */
  onHeartbeat(from: ReplicaId, { round }: MessageOf<"heartbeat">): void {
    const reply = { type: "heartbeatReply", round, ballot: this.#ballot, quorumConnected: this.#quorumConnected } as const;
    this.#effects.ahead.send(from, reply);
  }

  /** ⟨HBReply⟩. */
  onHeartbeatReply(from: ReplicaId, { round, ballot, quorumConnected }: MessageOf<"heartbeatReply">): void {
    if (round !== this.#round) return;
    this.#insert(from, ballot, quorumConnected);
    this.#endFirstRound();
  }

  /** A new cluster does not wait for the clock when everybody has answered, or is alone: there is nothing more to hear. */
  #endFirstRound(): void {
    if (this.#leader === noBallot && this.#answered === this.#env.others) this.endRound();
  }

  /** Timeout of startTimer. */
  endRound(): void {
    this.#insert(this.#env.self, this.#ballot, this.#quorumConnected);
    if (sizeOf(this.#answered) >= this.#majority) this.#checkLeader();
    else this.#quorumConnected = false;
    this.#beginRound();
  }

  #insert(replica: ReplicaId, ballot: Ballot, quorumConnected: boolean): void {
    this.#answered = withReplica(this.#answered, replica);
    if (quorumConnected && ballot > this.#highestCandidate) this.#highestCandidate = ballot;
  }

  #checkLeader(): void {
    const highest = this.#highestCandidate;
    if (highest < this.#leader || highest === noBallot) {
      // The leader is no longer a candidate, or there is no candidate at all: compete, with a ballot above l.
      if (this.#ballot <= this.#leader) this.#ballot = nextBallot(this.#leader, this.#env.self);
      this.#quorumConnected = true;
    } else if (highest > this.#leader) {
      this.#leader = highest;
      this.#effects.persist({ type: "elected", ballot: highest });
      this.#elected(highest);
    }
  }

  assertInvariants(): void {
    invariant(proposerOf(this.#ballot) === this.#env.self, "a replica competes with ballots of its own");
  }
}
