import type { Micros } from "../core/ids.ts";
import type { Clock } from "./clock.ts";
import type { EventQueue } from "./event-queue.ts";

const notSet = Infinity;

interface Timer {
  /** By the machine's clock. */
  deadline: Micros;
  /** Earliest pending event of this timer. A later deadline needs no event of its own: that one looks again. */
  pending: Micros;
}

/** The timers of one life of a replica, by its machine's clock. */
export class Timers {
  readonly #queue: EventQueue;
  readonly #clock: Clock;
  /** Asks for an event of `timer` at `time`. */
  readonly #schedule: (time: Micros, timer: number) => void;
  readonly #timers: readonly Timer[];

  constructor(count: number, queue: EventQueue, clock: Clock, schedule: (time: Micros, timer: number) => void) {
    this.#queue = queue;
    this.#clock = clock;
    this.#schedule = schedule;
    this.#timers = Array.from({ length: count }, () => ({ deadline: notSet, pending: notSet }));
  }

  set(timer: number, delay: Micros): void {
    this.#timers[timer]!.deadline = this.#clock.read(this.#queue.now) + delay;
    this.#look(timer);
  }

  clear(timer: number): void {
    this.#timers[timer]!.deadline = notSet;
  }

  /** An event of `timer` came. False: an earlier deadline was set since, and had an event of its own. */
  came(timer: number): boolean {
    const state = this.#timers[timer]!;
    if (this.#queue.now !== state.pending) return false;
    state.pending = notSet;
    return true;
  }

  /** Whether `timer` fires now, once. Not so if it was cleared, or set for later. */
  fires(timer: number): boolean {
    const state = this.#timers[timer]!;
    if (state.deadline === notSet) return false;
    if (this.#clock.timeOf(state.deadline) > this.#queue.now) {
      this.#look(timer);
      return false;
    }
    state.deadline = notSet;
    return true;
  }

  /** The clock was set: deadlines may have come nearer. */
  clockSet(): void {
    for (const timer of this.#timers.keys()) if (this.#timers[timer]!.deadline !== notSet) this.#look(timer);
  }

  #look(timer: number): void {
    const state = this.#timers[timer]!;
    // A deadline that a clock jumped over is due now.
    const due = Math.max(this.#clock.timeOf(state.deadline), this.#queue.now);
    if (state.pending <= due) return;
    state.pending = due;
    this.#schedule(due, timer);
  }
}
