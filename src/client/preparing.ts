import type { Operation } from "../core/operation.ts";
import type { Preparation } from "../core/workload.ts";

/** Lets the client at a place ask for an operation. */
export type CarryOut = (place: number, operation: Operation) => void;

/** What is carried out before the load begins, shared out: every so many-th operation is a client's, one after the other. */
export class Preparing {
  readonly #preparation: Preparation;
  readonly #clients: number;
  /** By place of a client among this node's: the operation that is its next. */
  readonly #next: number[];
  /** How many of this node's operations there are, and how many are done. */
  readonly count: number;
  done = 0;

  /** `own`: numbers of this node's clients, of so many in all. */
  constructor(preparation: Preparation, own: readonly number[], clients: number) {
    this.#preparation = preparation;
    this.#clients = clients;
    this.#next = [...own];
    this.count = own.reduce((sum, client) => sum + Math.max(0, Math.ceil((preparation.count - client) / clients)), 0);
  }

  get over(): boolean {
    return this.done === this.count;
  }

  /** Each client's first. */
  begin(carryOut: CarryOut): void {
    for (const place of this.#next.keys()) this.#take(place, carryOut);
  }

  /** The client has its answer. */
  answered(place: number, carryOut: CarryOut): void {
    this.done++;
    this.#take(place, carryOut);
  }

  #take(place: number, carryOut: CarryOut): void {
    const index = this.#next[place]!;
    if (index >= this.#preparation.count) return;
    this.#next[place] = index + this.#clients;
    carryOut(place, this.#preparation.operation(index));
  }
}
