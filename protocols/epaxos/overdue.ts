import type { Env, ReplicaId } from "paxbench";
import { blockerOf, type Execution } from "./execution.ts";
import type { InstanceLog } from "./log.ts";

/** Instances of one command leader that are asked for at once. */
const atOnce = 64;

/**
 * Instances that have been open for some sweeps: their Commit was lost, or their command leader is gone. Execution waits
 * for them sooner or later, for one after the other if they are left to it.
 */
export class Overdue {
  readonly #env: Env;
  readonly #log: InstanceLog;
  readonly #execution: Execution;
  /** At the last sweeps, the latest first: by command leader the last instance that was heard of. */
  #heard: readonly (readonly number[])[] = [];

  constructor(env: Env, log: InstanceLog, execution: Execution) {
    this.#env = env;
    this.#log = log;
    this.#execution = execution;
  }

  sweep(): void {
    const heard = this.#env.nearest.map((_, leader) => this.#log.last(leader));
    // Dependencies name instances of which nothing else has come here.
    for (const blocker of this.#execution.blockers) {
      const { leader, number } = blockerOf(blocker);
      heard[leader] = Math.max(heard[leader]!, number);
    }
    this.#heard = [heard, ...this.#heard].slice(0, this.#env.replicas + 1);
  }

  /** Open since the sweep before. */
  get any(): boolean {
    return this.#env.nearest.some((_, leader) => this.#lastSince(1, leader) > this.#log.committed[leader]!);
  }

  /**
   * Those that this replica is to recover. One replica after the other, the command leader's successor first: recoveries
   * of one instance hinder each other.
   */
  *mine(): Iterable<{ leader: ReplicaId; number: number }> {
    const { self, replicas, nearest } = this.#env;
    for (const leader of nearest) {
      const first = this.#log.committed[leader]! + 1;
      const last = this.#lastSince(((self - leader + replicas) % replicas) + 1, leader);
      for (let number = first; number <= last && number < first + atOnce; number++) yield { leader, number };
    }
  }

  /** The last instance of `leader` that was heard of as many `sweeps` ago. */
  #lastSince(sweeps: number, leader: ReplicaId): number {
    return this.#heard[sweeps]?.[leader] ?? 0;
  }
}
