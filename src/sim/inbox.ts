import type { Micros } from "../core/ids.ts";
import type { Cores, CoreUser } from "./cores.ts";
import type { Actor, EventQueue } from "./event-queue.ts";

interface Input {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly payload: unknown;
}

/** Of a machine whose work takes time: what waits is taken in turns. */
export interface Turns {
  /** From the first input at an idle machine to the beginning of its turn, µs. */
  readonly wake: Micros;
  /** Most inputs that a turn takes; 0: all that wait. */
  readonly inputs: number;
  /** A turn has one of them while it lasts. Null: the machine has a core of its own. */
  readonly cores: Cores | null;
  /** The turn's inputs are taken. How long it takes, µs. */
  work(): Micros;
  /** That time is over. */
  end(): void;
}

/**
 * Inputs wait here, in order, while their machine is paused, or slow and at work, or in a turn. Nobody waits where it is
 * open. A turn's inputs are taken at its beginning, and what comes of them leaves at its end.
 */
export class Inbox implements Actor, CoreUser {
  readonly #queue: EventQueue;
  readonly #take: Actor["handle"];
  /** Null: work takes no time, unless the machine is slow. */
  readonly #turns: Turns | null;
  #waiting: Input[] = [];
  /** What each input takes more. */
  #each: Micros = 0;
  #pausedUntil: Micros = 0;
  /** When the turn under way ends; null: there is none. */
  #endsAt: Micros | null = null;
  /** Of the event that ends the first input's work, begins a turn or ends it; those of older ones count no more. */
  #generation = 0;

  constructor(queue: EventQueue, take: Actor["handle"], turns: Turns | null = null) {
    this.#queue = queue;
    this.#take = take;
    this.#turns = turns;
  }

  get open(): boolean {
    return this.#turns === null && this.#waiting.length === 0 && this.#each === 0 && this.#pausedUntil <= this.#queue.now;
  }

  /** From when on it is neither paused nor slow. */
  get soundFrom(): Micros {
    return this.#each === 0 ? this.#pausedUntil : Infinity;
  }

  put(kind: number, a: number, b: number, payload: unknown): void {
    this.#waiting.push({ kind, a, b, payload });
    if (this.#waiting.length === 1 && this.#endsAt === null) this.#begin(this.#turns?.wake ?? this.#each);
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
    if (this.#endsAt !== null) this.#wakeAt(Math.max(this.#queue.now, this.#endsAt));
    else if (this.#waiting.length > 0) this.#begin(0);
  }

  /** The machine crashed: what waited is lost, a turn that was under way too, and a pause is over. */
  clear(): void {
    const cores = this.#turns?.cores;
    if (this.#endsAt !== null) cores?.give();
    else cores?.leave(this);
    this.#waiting = [];
    this.#pausedUntil = 0;
    this.#endsAt = null;
    this.#generation++;
  }

  handle(_kind: number, generation: number): void {
    if (generation !== this.#generation) return;
    if (this.#queue.now < this.#pausedUntil) return this.#wakeAt(this.#pausedUntil); // paused since
    if (this.#turns === null) {
      const { kind, a, b, payload } = this.#waiting.shift()!;
      this.#take(kind, a, b, payload);
      if (this.#waiting.length > 0) this.#begin(this.#each);
    } else if (this.#endsAt === null) {
      if (this.#turns.cores?.take(this) ?? true) this.#beginTurn(this.#turns);
    } else {
      this.#endsAt = null;
      this.#turns.end();
      this.#turns.cores?.give();
      if (this.#waiting.length > 0) this.#begin(0);
    }
  }

  granted(): void {
    if (this.#queue.now >= this.#pausedUntil) return this.#beginTurn(this.#turns!);
    this.#turns!.cores!.give();
    this.#begin(0);
  }

  #beginTurn(turns: Turns): void {
    const generation = this.#generation;
    const inputs = this.#waiting.splice(0, turns.inputs === 0 ? this.#waiting.length : turns.inputs);
    for (const { kind, a, b, payload } of inputs) {
      this.#take(kind, a, b, payload);
      if (this.#generation !== generation) return turns.cores?.give(); // crashed
    }
    const work = turns.work() + inputs.length * this.#each;
    if (this.#generation !== generation) return turns.cores?.give();
    this.#endsAt = this.#queue.now + work;
    this.#wakeAt(this.#endsAt);
  }

  #begin(after: Micros): void {
    this.#wakeAt(Math.max(this.#queue.now, this.#pausedUntil) + after);
  }

  #wakeAt(time: Micros): void {
    this.#queue.push(time, this, 0, ++this.#generation);
  }
}
