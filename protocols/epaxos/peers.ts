import {
  hasReplica, majorityOf, noReplicas, replicaSetOf, sizeOf, withReplica, withoutReplica,
  type Env, type ReplicaId, type ReplicaSet,
} from "paxbench";

/**
 * Whom it makes sense to ask. A peer is in reach while its link stands and it answers: links are cut without a word, too,
 * so who was asked and kept silent is out of reach until it answers. Chooses quorums, and has no part in what they decide.
 */
export class Peers {
  readonly #env: Env;
  #linked: ReplicaSet;
  #silent: ReplicaSet = noReplicas;

  constructor(env: Env) {
    this.#env = env;
    this.#linked = env.others;
  }

  get reachable(): ReplicaSet {
    return (this.#linked & ~this.#silent) as ReplicaSet;
  }

  /** Whose link stands, but who was asked and has not answered. */
  get silent(): ReplicaSet {
    return (this.#linked & this.#silent) as ReplicaSet;
  }

  /** Without it nothing can be decided here. */
  get majorityInReach(): boolean {
    return sizeOf(this.reachable) + 1 >= majorityOf(this.#env.replicas);
  }

  link(peer: ReplicaId, up: boolean): void {
    this.#linked = up ? withReplica(this.#linked, peer) : withoutReplica(this.#linked, peer);
    this.answered(peer);
  }

  answered(peer: ReplicaId): void {
    this.#silent = withoutReplica(this.#silent, peer);
  }

  keptSilent(peers: ReplicaSet): void {
    this.#silent = (this.#silent | peers) as ReplicaSet;
  }

  /** The nearest that make a quorum of `size` with this replica, those first that are in reach. */
  nearest(size: number): ReplicaSet {
    const peers = this.#env.nearest.filter((peer) => peer !== this.#env.self);
    const reachable = peers.filter((peer) => hasReplica(this.reachable, peer));
    const others = peers.filter((peer) => !hasReplica(this.reachable, peer));
    return replicaSetOf([...reachable, ...others].slice(0, size - 1));
  }
}
