import { firstReplicas, hasReplica, withoutReplica, withReplica, type ReplicaId, type ReplicaSet } from "paxbench";

/** Entries on the way to one follower, sent and not acknowledged; further ones wait. */
const maxInFlight = 4096;

/**
 * What a leader knows of each replica's log: Figure 2's `nextIndex[]` and `matchIndex[]`, kept apart for followers in two
 * conditions. One whose log is known to match up to `matchIndex` gets entries before it acknowledged those sent earlier:
 * `nextIndex` runs ahead (thesis §10.2.2). One that is *probed* gets one message at a time until its log matches at
 * `nextIndex` - 1: at the start of a term, or after messages were lost.
 */
export class Progress {
  readonly #nextIndex: number[];
  readonly #matchIndex: Float64Array;
  /** Room to sort them in. */
  readonly #sorted: Float64Array;
  #probed: ReplicaSet;

  /** Figure 2: `nextIndex` starts at the last log index + 1, `matchIndex` at 0, or where all logs are known to match. */
  constructor(replicas: number, lastLogIndex: number, matchIndex: number) {
    this.#nextIndex = Array.from({ length: replicas }, () => lastLogIndex + 1);
    this.#matchIndex = new Float64Array(replicas).fill(matchIndex);
    this.#sorted = new Float64Array(replicas);
    this.#probed = firstReplicas(replicas);
  }

  nextIndex(replica: ReplicaId): number {
    return this.#nextIndex[replica]!;
  }

  matchIndex(replica: ReplicaId): number {
    return this.#matchIndex[replica]!;
  }

  /** Whether entries from `nextIndex` on may leave before earlier ones are acknowledged. */
  hasRoom(replica: ReplicaId): boolean {
    return !this.#isProbed(replica) && this.nextIndex(replica) - 1 - this.matchIndex(replica) < maxInFlight;
  }

  /** `count` entries from `nextIndex` on are on their way. A probe must come back first: it does not move `nextIndex`. */
  sent(replica: ReplicaId, count: number): void {
    if (!this.#isProbed(replica)) this.#nextIndex[replica]! += count;
  }

  /** The replica's log matches up to `index`, durably. */
  matched(replica: ReplicaId, index: number): void {
    if (index >= this.nextIndex(replica) - 1) this.#probed = withoutReplica(this.#probed, replica);
    if (index > this.matchIndex(replica)) this.#matchIndex[replica] = index;
    if (index >= this.nextIndex(replica)) this.#nextIndex[replica] = index + 1;
  }

  /**
   * The log does not match at `prevLogIndex`: to be tried again from `hint` on. False if that is no news: known to match
   * since, or not the answer to the last probe but to what was sent before it.
   */
  mismatched(replica: ReplicaId, prevLogIndex: number, hint: number): boolean {
    if (prevLogIndex <= this.matchIndex(replica)) return false;
    if (this.#isProbed(replica) && prevLogIndex !== this.nextIndex(replica) - 1) return false;
    this.#probed = withReplica(this.#probed, replica);
    this.#nextIndex[replica] = Math.max(this.matchIndex(replica) + 1, Math.min(hint, prevLogIndex));
    return true;
  }

  /** What is on the way to the replica may be lost. */
  lost(replica: ReplicaId): void {
    if (this.#isProbed(replica)) return;
    this.#probed = withReplica(this.#probed, replica);
    this.#nextIndex[replica] = this.matchIndex(replica) + 1;
  }

  /** The highest index up to which `majority` replicas match. */
  majorityMatch(majority: number): number {
    this.#sorted.set(this.#matchIndex);
    this.#sorted.sort();
    return this.#sorted[this.#sorted.length - majority]!;
  }

  #isProbed(replica: ReplicaId): boolean {
    return hasReplica(this.#probed, replica);
  }
}
