/**
 * Omni-Paxos: H. Ng, S. Haridi, P. Carbone (EuroSys 2023). The paper's two parts side by side: ble.ts says who leads,
 * sequence-paxos.ts replicates the log. Here they meet: messages, journal and links go to the part they concern, and
 * clients' commands to the leader.
 */
import {
  hasReplica, invariant, mebibyte, millisecond, noBallot, proposerOf, withReplica, withoutReplica,
  type Ballot, type Command, type Env, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { BallotLeaderElection } from "./ble.ts";
import type { JournalRecord, Message, Output, Timer } from "./messages.ts";
import { SequencePaxos } from "./sequence-paxos.ts";

export interface Options {
  readonly electionTimeout: number;
  readonly trim: number;
  readonly keep: number;
}

/** Commands that wait for a leader, for its prepare phase or for its window. Further ones are rejected. */
const maxPending = 65_536;

export class OmniPaxosReplica implements Replica<Message, JournalRecord, Timer> {
  readonly #env: Env;
  readonly #effects: Output;
  readonly #election: BallotLeaderElection;
  readonly #paxos: SequencePaxos;
  #linked: ReplicaSet;
  /** buffer of Figure 3, at every replica. */
  readonly #pending: Command[] = [];

  constructor(env: Env, effects: Output, options: Options) {
    this.#env = env;
    this.#effects = effects;
    this.#linked = env.others;
    this.#election = new BallotLeaderElection(env, effects, options.electionTimeout * millisecond, (ballot) => this.#onElected(ballot));
    this.#paxos = new SequencePaxos(env, effects, options.trim, options.keep * mebibyte, () => this.#servePending());
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const record of journal) {
      if (record.type === "elected") this.#election.atLeast(record.ballot);
      else this.#paxos.restore(record);
    }
    this.#election.atLeast(this.#paxos.promised);
  }

  *compacted(): Generator<JournalRecord> {
    yield { type: "elected", ballot: this.#election.leader };
    yield* this.#paxos.compacted();
  }

  start(): void {
    this.#paxos.start();
    this.#election.start();
  }

  onMessage(from: ReplicaId, message: Message): void {
    switch (message.type) {
      case "heartbeat": return this.#election.onHeartbeat(from, message);
      case "heartbeatReply": return this.#election.onHeartbeatReply(from, message);
      case "prepare":
        this.#election.atLeast(message.ballot);
        return this.#paxos.onPrepare(from, message);
      case "promise": return this.#paxos.onPromise(from, message);
      case "acceptSync": return this.#paxos.onAcceptSync(from, message);
      case "accept": return this.#paxos.onAccept(from, message);
      case "accepted": return this.#paxos.onAccepted(from, message);
      case "decide": return this.#paxos.onDecide(from, message);
      case "prepareRequest": return this.#paxos.onPrepareRequest(from);
      case "executed": return this.#paxos.onExecuted(from, message);
      case "askExecuted": return this.#paxos.onAskExecuted(from);
    }
  }

  onTimer(_timer: Timer): void {
    this.#election.endRound();
    this.#paxos.recordDecided();
    this.#paxos.askExecuted();
  }

  onLink(peer: ReplicaId, up: boolean): void {
    this.#linked = up ? withReplica(this.#linked, peer) : withoutReplica(this.#linked, peer);
    if (!up) return;
    this.#paxos.onReconnected(peer);
    this.#servePending();
  }

  #onElected(ballot: Ballot): void {
    if (proposerOf(ballot) === this.#env.self) this.#paxos.onElected(ballot);
    else this.#servePending();
  }

  // --- Clients. ---

  onRequest(command: Command): void {
    if (this.#paxos.leads && this.#paxos.full) return this.#effects.reject(command);
    if (this.#paxos.propose(command)) return;
    const leader = this.#otherLeader();
    if (leader !== null) this.#effects.forward(leader, command);
    else if (this.#pending.length < maxPending) this.#pending.push(command);
    else this.#effects.reject(command);
  }

  /** The peer to turn to; null while this replica leads itself, or knows no leader that it can reach. */
  #otherLeader(): ReplicaId | null {
    if (this.#paxos.leads || this.#election.leader === noBallot) return null;
    const leader = proposerOf(this.#election.leader);
    return hasReplica(this.#linked, leader) ? leader : null;
  }

  /** As many as can be forwarded or proposed now, in the order of their arrival. */
  #servePending(): void {
    if (this.#pending.length === 0) return;
    const room = this.#otherLeader() === null ? this.#paxos.room : Infinity;
    for (const command of this.#pending.splice(0, room)) this.onRequest(command);
  }

  assertInvariants(): void {
    this.#election.assertInvariants();
    this.#paxos.assertInvariants();
    invariant(this.#election.leader >= this.#paxos.promised, "no round is promised above the ballot of the elected leader");
    invariant(this.#pending.length <= maxPending, "what waits is bounded");
  }

  status(): Status {
    return { ...this.#paxos.status(), leader: this.#election.leader, pending: this.#pending.length };
  }
}
