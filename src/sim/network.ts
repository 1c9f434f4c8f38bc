import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import { oneWay, type Topology } from "./topology.ts";

/**
 * Directed links between replicas. Each keeps its order, as a connection does. A cut link swallows what is sent and
 * what is on the way: `session` tells a message of a broken connection from one of the connection that replaced it.
 */
export class Network {
  readonly #replicas: number;
  readonly #delays: readonly Micros[];
  readonly #jitter: Micros;
  readonly #random: Random;
  readonly #cut: boolean[];
  readonly #sessions: number[];
  readonly #lastArrivals: Micros[];

  /** `jitter`: each message is late by up to that much more, uniformly; µs. */
  constructor(topology: Topology, replicas: number, jitter: Micros, random: Random) {
    const links = Array.from({ length: replicas * replicas }, (_, link) => link);
    this.#replicas = replicas;
    this.#delays = links.map((link) => oneWay(topology, Math.floor(link / replicas), link % replicas));
    this.#jitter = jitter;
    this.#random = random;
    this.#cut = links.map(() => false);
    this.#sessions = links.map(() => 0);
    this.#lastArrivals = links.map(() => 0);
  }

  /** When a message sent now arrives; null if the link is cut. */
  arrival(from: ReplicaId, to: ReplicaId, now: Micros): Micros | null {
    const link = this.#link(from, to);
    if (this.#cut[link]) return null;
    const delay = this.#delays[link]! + (this.#jitter === 0 ? 0 : this.#random.below(this.#jitter + 1));
    const arrival = Math.max(now + delay, this.#lastArrivals[link]!);
    this.#lastArrivals[link] = arrival;
    return arrival;
  }

  delay(from: ReplicaId, to: ReplicaId): Micros {
    return this.#delays[this.#link(from, to)]!;
  }

  session(from: ReplicaId, to: ReplicaId): number {
    return this.#sessions[this.#link(from, to)]!;
  }

  isCut(from: ReplicaId, to: ReplicaId): boolean {
    return this.#cut[this.#link(from, to)]!;
  }

  cut(from: ReplicaId, to: ReplicaId): void {
    this.#cut[this.#link(from, to)] = true;
    this.breakSession(from, to);
  }

  heal(from: ReplicaId, to: ReplicaId): void {
    this.#cut[this.#link(from, to)] = false;
  }

  /** What is on the way is lost. */
  breakSession(from: ReplicaId, to: ReplicaId): void {
    this.#sessions[this.#link(from, to)]!++;
  }

  #link(from: ReplicaId, to: ReplicaId): number {
    return from * this.#replicas + to;
  }
}
