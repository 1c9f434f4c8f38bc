import type { Micros } from "../core/ids.ts";
import type { Actor, EventQueue } from "./event-queue.ts";

interface Input {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly payload: unknown;
}

/** Inputs wait here, in order, while their machine is paused, or slow and at work. Nobody waits where it is open. */
export class Inbox implements Actor {
  readonly #queue: EventQueue;
  readonly #take: Actor["handle"];
  #waiting: Input[] = [];
  /** What each input takes. */
  #each: Micros = 0;
  #pausedUntil: Micros = 0;
  /** Of the event that ends the first input's work; those of older ones count no more. */
  #generation = 0;

  constructor(queue: EventQueue, take: Actor["handle"]) {
    this.#queue = queue;
    this.#take = take;
  }

  get open(): boolean {
    return this.#waiting.length === 0 && this.#each === 0 && this.#pausedUntil <= this.#queue.now;
  }

  /** From when on it is neither paused nor slow. */
  get soundFrom(): Micros {
    return this.#each === 0 ? this.#pausedUntil : Infinity;
  }

  put(kind: number, a: number, b: number, payload: unknown): void {
    this.#waiting.push({ kind, a, b, payload });
    if (this.#waiting.length === 1) this.#begin();
  }

  pause(until: Micros): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  slow(each: Micros): void {
    this.#each = each;
  }

  /** Neither paused nor slow any more. */
  heal(): void {
    this.#each = 0;
    this.#pausedUntil = 0;
    if (this.#waiting.length > 0) this.#begin();
  }

  /** The machine crashed: what waited is lost, and a pause is over. */
  clear(): void {
    this.#waiting = [];
    this.#pausedUntil = 0;
    this.#generation++;
  }

  handle(_kind: number, generation: number): void {
    if (generation !== this.#generation) return;
    if (this.#queue.now < this.#pausedUntil) return this.#wakeAt(this.#pausedUntil); // paused since
    const { kind, a, b, payload } = this.#waiting.shift()!;
    this.#take(kind, a, b, payload);
    if (this.#waiting.length > 0) this.#begin();
  }

  #begin(): void {
    this.#wakeAt(Math.max(this.#queue.now, this.#pausedUntil) + this.#each);
  }

  #wakeAt(time: Micros): void {
    this.#queue.push(time, this, 0, ++this.#generation);
  }
}
