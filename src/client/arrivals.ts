import type { Micros } from "../core/ids.ts";
import type { Random } from "../core/random.ts";

/** `poisson`: gaps between arrivals are exponential, independent of each other. `fixed`: all gaps are the same. */
export const arrivalKinds = ["poisson", "fixed"] as const;
export type ArrivalKind = (typeof arrivalKinds)[number];

export interface ArrivalSettings {
  /** Requests a second, over all clients of a run. */
  readonly rate: number;
  readonly arrivals: ArrivalKind;
}

/**
 * When requests arrive, and at which of so many clients. One process for them all: a Poisson process of which each arrival
 * goes to a client at random is an independent Poisson process at each (Kingman, "Poisson Processes", 1993, 5.1). Fixed
 * arrivals go round the clients, so those of a client are equally far apart too.
 */
export class Arrivals {
  readonly #kind: ArrivalKind;
  readonly #clients: number;
  readonly #random: Random;
  /** µs. */
  readonly #gap: number;
  /** Not rounded: rounding must not add up. */
  #exact = 0;
  #next: Micros = Infinity;
  #turn = 0;

  /** At so many clients, who have so great a `share` of the rate. */
  constructor({ rate, arrivals }: ArrivalSettings, share: number, clients: number, random: Random) {
    this.#kind = arrivals;
    this.#clients = clients;
    this.#random = random;
    this.#gap = 1_000_000 / (rate * share);
  }

  /** When the next request arrives. Infinity before the start and after the end. */
  get next(): Micros {
    return this.#next;
  }

  start(now: Micros): void {
    this.#exact = now;
    this.#advance();
  }

  stop(): void {
    this.#next = Infinity;
  }

  /** Whose the next arrival is, 0 … clients-1; the one after it is then the next. */
  take(): number {
    this.#advance();
    return this.#kind === "poisson" ? this.#random.below(this.#clients) : this.#turn++ % this.#clients;
  }

  #advance(): void {
    this.#exact += this.#kind === "poisson" ? -Math.log(1 - this.#random.unit()) * this.#gap : this.#gap;
    this.#next = Math.round(this.#exact);
  }
}
