import type { ReplicaId } from "./ids.ts";

/**
 * What every replica has reached, from what each says of itself. A replica says so of what its journal, as it is on disk,
 * brings it to again: then it is a fact for ever, late and doubled reports do no harm, and nobody needs to be told again
 * what lies below.
 */
export class Watermark {
  readonly #reached: number[];

  constructor(replicas: number) {
    this.#reached = Array.from({ length: replicas }, () => 0);
  }

  report(replica: ReplicaId, reached: number): void {
    if (reached > this.#reached[replica]!) this.#reached[replica] = reached;
  }

  /** Of the replica that is farthest behind. */
  get lowest(): number {
    let lowest = Infinity;
    for (const reached of this.#reached) if (reached < lowest) lowest = reached;
    return lowest;
  }
}
