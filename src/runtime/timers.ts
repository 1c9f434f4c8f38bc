import type { Micros } from "../core/ids.ts";

/** What waits for its time. */
export interface Due {
  /** Nothing is due before. It may be early. */
  readonly next: Micros;
  /** Calls `fired` for each timer that is due. */
  fire(now: Micros, fired: (timer: number) => void): void;
}

/** Deadlines by timer number, for few timers or many that seldom fire. Setting and clearing cost an assignment. */
export class Timers implements Due {
  readonly #deadlines: Float64Array;
  #next: Micros = Infinity;

  constructor(timers: number) {
    this.#deadlines = new Float64Array(timers).fill(Infinity);
  }

  /** No timer is due before. It may be early: a timer that moved away leaves it, and the next `fire` corrects it. */
  get next(): Micros {
    return this.#next;
  }

  /** One deadline a timer: setting it again moves it. */
  set(timer: number, deadline: Micros): void {
    this.#deadlines[timer] = deadline;
    if (deadline < this.#next) this.#next = deadline;
  }

  clear(timer: number): void {
    this.#deadlines[timer] = Infinity;
  }

  /** Calls `fired` for each timer that is due, once, lowest number first. */
  fire(now: Micros, fired: (timer: number) => void): void {
    if (now < this.#next) return;
    const deadlines = this.#deadlines;
    for (let timer = 0; timer < deadlines.length; timer++) {
      if (deadlines[timer]! > now) continue;
      deadlines[timer] = Infinity;
      fired(timer);
    }
    this.#next = deadlines.reduce((first, deadline) => Math.min(first, deadline), Infinity);
  }
}
