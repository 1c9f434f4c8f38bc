import { invariant } from "../core/assert.ts";
import type { Micros } from "../core/ids.ts";

/** Whom events happen to. What `kind`, `a`, `b` and `payload` mean is the actor's own affair. */
export interface Actor {
  handle(kind: number, a: number, b: number, payload: unknown): void;
}

/**
 * Pending events in the order of (time, insertion). A binary heap over typed arrays: no object an event, no comparator
 * call a comparison.
 */
export class EventQueue {
  /** Of the event that `run` took last: the virtual time. */
  now: Micros = 0;

  #size = 0;
  #inserted = 0;
  #capacity = 1024;
  /** By heap position. */
  #times = new Float64Array(this.#capacity);
  #orders = new Float64Array(this.#capacity);
  #slots = new Int32Array(this.#capacity);
  /** By slot. */
  readonly #actors: (Actor | undefined)[] = [];
  #kinds = new Uint8Array(this.#capacity);
  #as = new Int32Array(this.#capacity);
  #bs = new Int32Array(this.#capacity);
  readonly #payloads: unknown[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#size;
  }

  /** Time of the earliest event; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#times[0]!;
  }

  /** A place in the order of one instant, for an event that is pushed later. */
  reserve(): number {
    return this.#inserted++;
  }

  /** `order`: as reserved; else after all that was pushed or reserved before. */
  push(time: Micros, actor: Actor, kind: number, a = 0, b = 0, payload?: unknown, order = this.#inserted++): void {
    invariant(time >= this.now, "an event lies in the future, or in this instant");
    if (this.#size === this.#capacity) this.#grow();
    const slot = this.#free.pop() ?? this.#size;
    this.#actors[slot] = actor;
    this.#kinds[slot] = kind;
    this.#as[slot] = a;
    this.#bs[slot] = b;
    this.#payloads[slot] = payload;
    this.#rise(this.#size++, time, order, slot);
  }

  /** Takes the earliest event and lets it happen. False when there is none. */
  run(): boolean {
    if (this.#size === 0) return false;
    const slot = this.#slots[0]!;
    const actor = this.#actors[slot]!;
    const payload = this.#payloads[slot];
    this.now = this.#times[0]!;
    this.#actors[slot] = undefined;
    this.#payloads[slot] = undefined;
    this.#free.push(slot);
    const last = --this.#size;
    if (last > 0) this.#sink(this.#times[last]!, this.#orders[last]!, this.#slots[last]!);
    actor.handle(this.#kinds[slot]!, this.#as[slot]!, this.#bs[slot]!, payload);
    return true;
  }

  #rise(from: number, time: number, order: number, slot: number): void {
    const times = this.#times;
    const orders = this.#orders;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (times[parent]! < time || (times[parent] === time && orders[parent]! < order)) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#place(at, time, order, slot);
  }

  #sink(time: number, order: number, slot: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const size = this.#size;
    let at = 0;
    for (let child = 1; child < size; child = 2 * at + 1) {
      const right = child + 1;
      if (
        right < size &&
        (times[right]! < times[child]! || (times[right] === times[child] && orders[right]! < orders[child]!))
      ) {
        child = right;
      }
      if (times[child]! > time || (times[child] === time && orders[child]! > order)) break;
      this.#move(child, at);
      at = child;
    }
    this.#place(at, time, order, slot);
  }

  #move(from: number, to: number): void {
    this.#times[to] = this.#times[from]!;
    this.#orders[to] = this.#orders[from]!;
    this.#slots[to] = this.#slots[from]!;
  }

  #place(at: number, time: number, order: number, slot: number): void {
    this.#times[at] = time;
    this.#orders[at] = order;
    this.#slots[at] = slot;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#times = filled(new Float64Array(this.#capacity), this.#times);
    this.#orders = filled(new Float64Array(this.#capacity), this.#orders);
    this.#slots = filled(new Int32Array(this.#capacity), this.#slots);
    this.#kinds = filled(new Uint8Array(this.#capacity), this.#kinds);
    this.#as = filled(new Int32Array(this.#capacity), this.#as);
    this.#bs = filled(new Int32Array(this.#capacity), this.#bs);
  }
}

const filled = <T extends Float64Array | Int32Array | Uint8Array>(larger: T, array: T): T => {
  larger.set(array);
  return larger;
};
