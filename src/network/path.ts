import { millisecond, type Micros } from "../core/ids.ts";
import type { Random } from "../core/random.ts";
import { sound, type Condition } from "./condition.ts";

/**
 * One direction of a link, in virtual time or in real time: how many copies of a message arrive, and when. It keeps its
 * order, as a connection does, unless its condition says otherwise.
 */
export class Path {
  condition: Condition = sound;
  /** What the distance takes, µs. */
  readonly trip: Micros;
  readonly #jitter: Micros;
  readonly #random: Random;
  #lastArrival: Micros = 0;

  /** `jitter`: each message is late by up to that much more, uniformly; µs. */
  constructor(trip: Micros, random: Random, jitter: Micros = 0) {
    this.trip = trip;
    this.#random = random;
    this.#jitter = jitter;
  }

  /** How many copies of a message sent now arrive. */
  copies(): 0 | 1 | 2 {
    const { cut, loss, duplicate } = this.condition;
    if (cut || this.#happens(loss)) return 0;
    return this.#happens(duplicate) ? 2 : 1;
  }

  /** When a copy of a message sent now arrives. */
  arrival(now: Micros): Micros {
    const { delay, reorder } = this.condition;
    const trip = this.trip + delay + (this.#jitter === 0 ? 0 : this.#random.below(this.#jitter + 1));
    // Late by up to another trip, and where trips are short by enough for others to overtake.
    if (this.#happens(reorder)) return now + trip + this.#random.below(trip + millisecond);
    return (this.#lastArrival = Math.max(now + trip, this.#lastArrival));
  }

  /** Draws only where there is a chance: a run without faults is the same as before there were any. */
  #happens(share: number): boolean {
    return share > 0 && this.#random.unit() < share;
  }
}
