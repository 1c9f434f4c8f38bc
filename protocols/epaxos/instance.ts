import { noReplicas, weightOf, type Ballot, type Command, type ReplicaId, type ReplicaSet } from "paxbench";
import type { Waiting } from "./execution.ts";
import type { Row } from "./interference.ts";
import type { Vote } from "./messages.ts";

export type InstanceStatus = "preAccepted" | "accepted" | "committed" | "executed";

/** One cell of the two-dimensional log (§4.1), as one replica knows it. */
export class Instance {
  readonly leader: ReplicaId;
  readonly number: number;
  /** Bytes of memory that it takes, about; as it was when it became known. */
  readonly weight: number;
  status: InstanceStatus;
  command: Command;
  seq: number;
  deps: readonly number[];
  /** Highest ballot joined. Apart from `votedBallot`: P. Sutra, "On the correctness of Egalitarian Paxos" (2019). */
  ballot: Ballot;
  /** Ballot in which command and attributes were pre-accepted or accepted here. */
  votedBallot: Ballot;
  /** The fast quorum of the command leader's PreAccepts; empty where none of them arrived. */
  quorum: ReplicaSet = noReplicas;
  /** What interference.ts knows of the keys of its command; none of an executed one. */
  rows: readonly Row[] = [];
  // Marks of execution.ts: of the last search that came here, and with whom the instance waits.
  search = 0;
  index = 0;
  lowlink = 0;
  onStack = false;
  waiting: Waiting | null = null;

  constructor({ leader, number, ballot, command, seq, deps }: Vote, status: InstanceStatus) {
    this.leader = leader;
    this.number = number;
    this.weight = weightOf(command) + 300;
    this.status = status;
    this.command = command;
    this.seq = seq;
    this.deps = deps;
    this.ballot = ballot;
    this.votedBallot = ballot;
  }

  /** Takes over what was voted in a later phase or ballot. */
  update({ ballot, command, seq, deps }: Vote, status: InstanceStatus): void {
    this.status = status;
    this.command = command;
    this.seq = seq;
    this.deps = deps;
    this.ballot = Math.max(this.ballot, ballot) as Ballot;
    this.votedBallot = ballot;
  }

  get isCommitted(): boolean {
    return this.status === "committed" || this.status === "executed";
  }

  get key(): number {
    return instanceKey(this.leader, this.number);
  }
}

/** An instance's name as one number, as a key of maps. */
export const instanceKey = (leader: ReplicaId, number: number): number => number * 32 + leader;

export const cellOf = (key: number): { leader: ReplicaId; number: number } => ({ leader: key % 32, number: Math.floor(key / 32) });

/** As the paper writes it: L.i. */
export const instanceName = (key: number): string => {
  const { leader, number } = cellOf(key);
  return `${leader}.${number}`;
};

export const sameDeps = (a: readonly number[], b: readonly number[]): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Entry by entry the larger: the union of two dependency sets. */
export const unionOfDeps = (a: readonly number[], b: readonly number[]): number[] => a.map((number, q) => Math.max(number, b[q]!));
