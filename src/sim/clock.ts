import type { Micros } from "../core/ids.ts";

/** What one machine takes for the time. It may go fast or slow and jump ahead, never back. */
export class Clock {
  #setAt: Micros = 0;
  #setTo: Micros = 0;
  #rate = 1;

  get isSound(): boolean {
    return this.#rate === 1;
  }

  /** What it shows at the time `now`. */
  read(now: Micros): Micros {
    return this.#setTo + Math.floor((now - this.#setAt) * this.#rate);
  }

  /** The first whole µs at which it shows `reading`. */
  timeOf(reading: Micros): Micros {
    return this.#setAt + Math.ceil((reading - this.#setTo) / this.#rate);
  }

  set(now: Micros, rate: number, jump: Micros): void {
    this.#setTo = this.read(now) + jump;
    this.#setAt = now;
    this.#rate = rate;
  }
}
