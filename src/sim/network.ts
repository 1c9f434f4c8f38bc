import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import { sound, type Condition } from "../network/condition.ts";
import { Path } from "../network/path.ts";
import { oneWay, type Topology } from "../network/topology.ts";

/**
 * Directed links between replicas. A cut link swallows what is sent and what is on the way: `session` tells a message of
 * a broken connection from one of the connection that replaced it.
 */
export class Network {
  readonly #replicas: number;
  readonly #paths: readonly Path[];
  readonly #sessions: number[];

  /** `jitter`: each message is late by up to that much more, uniformly; µs. */
  constructor(topology: Topology, replicas: number, jitter: Micros, random: Random) {
    const links = Array.from({ length: replicas * replicas }, (_, link) => link);
    this.#replicas = replicas;
    this.#paths = links.map((link) => new Path(oneWay(topology, Math.floor(link / replicas), link % replicas), random, jitter));
    this.#sessions = links.map(() => 0);
  }

  path(from: ReplicaId, to: ReplicaId): Path {
    return this.#paths[this.#link(from, to)]!;
  }

  session(from: ReplicaId, to: ReplicaId): number {
    return this.#sessions[this.#link(from, to)]!;
  }

  isCut(from: ReplicaId, to: ReplicaId): boolean {
    return this.path(from, to).condition.cut;
  }

  /** Nothing is wrong with any link. */
  get isSound(): boolean {
    return this.#paths.every(({ condition }) => condition === sound);
  }

  /** Makes `change` the link's condition in what it names. */
  impair(from: ReplicaId, to: ReplicaId, change: Partial<Condition>): void {
    const path = this.path(from, to);
    path.condition = { ...path.condition, ...change };
    if (change.cut === true) this.breakSession(from, to);
  }

  heal(from: ReplicaId, to: ReplicaId): void {
    this.path(from, to).condition = sound;
  }

  /** What is on the way is lost. */
  breakSession(from: ReplicaId, to: ReplicaId): void {
    this.#sessions[this.#link(from, to)]!++;
  }

  #link(from: ReplicaId, to: ReplicaId): number {
    return from * this.#replicas + to;
  }
}
