import { millisecond, type Micros, type ReplicaId } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import { oneWay, type Topology } from "./topology.ts";

/** What is wrong with a link. Shares are each message's chance, 0 … 1. */
export interface Condition {
  readonly cut: boolean;
  readonly loss: number;
  readonly duplicate: number;
  /** Such a message neither waits for those before it nor holds up those after it. */
  readonly reorder: number;
  /** Every message is late by this much, µs. */
  readonly delay: Micros;
}

const sound: Condition = { cut: false, loss: 0, duplicate: 0, reorder: 0, delay: 0 };

/**
 * Directed links between replicas. Each keeps its order, as a connection does, unless its condition says otherwise. A
 * cut link swallows what is sent and what is on the way: `session` tells a message of a broken connection from one of
 * the connection that replaced it.
 */
export class Network {
  readonly #replicas: number;
  readonly #delays: readonly Micros[];
  readonly #jitter: Micros;
  readonly #random: Random;
  readonly #conditions: Condition[];
  readonly #sessions: number[];
  readonly #lastArrivals: Micros[];

  /** `jitter`: each message is late by up to that much more, uniformly; µs. */
  constructor(topology: Topology, replicas: number, jitter: Micros, random: Random) {
    const links = Array.from({ length: replicas * replicas }, (_, link) => link);
    this.#replicas = replicas;
    this.#delays = links.map((link) => oneWay(topology, Math.floor(link / replicas), link % replicas));
    this.#jitter = jitter;
    this.#random = random;
    this.#conditions = links.map(() => sound);
    this.#sessions = links.map(() => 0);
    this.#lastArrivals = links.map(() => 0);
  }

  /** How many copies of a message sent now arrive. */
  copies(from: ReplicaId, to: ReplicaId): 0 | 1 | 2 {
    const { cut, loss, duplicate } = this.#conditions[this.#link(from, to)]!;
    if (cut || this.#happens(loss)) return 0;
    return this.#happens(duplicate) ? 2 : 1;
  }

  /** When a copy of a message sent now arrives. */
  arrival(from: ReplicaId, to: ReplicaId, now: Micros): Micros {
    const link = this.#link(from, to);
    const { delay, reorder } = this.#conditions[link]!;
    const trip = this.#delays[link]! + delay + (this.#jitter === 0 ? 0 : this.#random.below(this.#jitter + 1));
    // Late by up to another trip, and where trips are short by enough for others to overtake.
    if (this.#happens(reorder)) return now + trip + this.#random.below(trip + millisecond);
    return (this.#lastArrivals[link] = Math.max(now + trip, this.#lastArrivals[link]!));
  }

  delay(from: ReplicaId, to: ReplicaId): Micros {
    return this.#delays[this.#link(from, to)]!;
  }

  session(from: ReplicaId, to: ReplicaId): number {
    return this.#sessions[this.#link(from, to)]!;
  }

  isCut(from: ReplicaId, to: ReplicaId): boolean {
    return this.#conditions[this.#link(from, to)]!.cut;
  }

  /** Nothing is wrong with any link. */
  get isSound(): boolean {
    return this.#conditions.every((condition) => condition === sound);
  }

  /** Makes `change` the link's condition in what it names. */
  impair(from: ReplicaId, to: ReplicaId, change: Partial<Condition>): void {
    const link = this.#link(from, to);
    this.#conditions[link] = { ...this.#conditions[link]!, ...change };
    if (change.cut === true) this.breakSession(from, to);
  }

  heal(from: ReplicaId, to: ReplicaId): void {
    this.#conditions[this.#link(from, to)] = sound;
  }

  /** What is on the way is lost. */
  breakSession(from: ReplicaId, to: ReplicaId): void {
    this.#sessions[this.#link(from, to)]!++;
  }

  /** Draws only where there is a chance: a network without faults is the same run as before there were any. */
  #happens(share: number): boolean {
    return share > 0 && this.#random.unit() < share;
  }

  #link(from: ReplicaId, to: ReplicaId): number {
    return from * this.#replicas + to;
  }
}
