import { invariant } from "../core/assert.ts";
import type { Micros } from "../core/ids.ts";

/** Whom events happen to. What `kind`, `a`, `b` and `payload` mean is the actor's own affair. */
export interface Actor {
  handle(kind: number, a: number, b: number, payload: unknown): void;
}

/** Times are compared by digits of four bits. */
const radix = 16;
const digits = 14;
/** Of an event's numbers, by slot: kind, a, b. */
const stride = 3;

/**
 * Pending events in the order of (time, insertion). A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster algorithms for the
 * shortest path problem", 1990): time never goes back, so events have to be in order only where time comes near them. They lie
 * in buckets, by the highest digit in which their time differs from the time reached and by what that digit is; as time reaches
 * a bucket, they move to lower ones, all of them from end to end. That happens to each a few times, and stays cheap where
 * there are so many that a binary heap would miss the cache at every level. No object an event, no comparator call.
 */
export class EventQueue {
  /** Of the event that `run` took last: the virtual time. */
  now: Micros = 0;

  #size = 0;
  #inserted = 0;
  /** By number; null until something is put there. */
  readonly #buckets: (Bucket | null)[] = Array.from({ length: digits * radix }, () => null);
  /** Those at the time reached, by rising order; all before `#head` have happened. */
  readonly #due = new Bucket();
  #head = 0;
  /** All buckets below are empty. */
  #from = 0;
  /** What buckets are told by: no pending event is earlier. */
  #reached: Micros = 0;
  /** Time of the earliest event where that is known; else NaN. */
  #next = NaN;
  /** By slot. */
  #numbers = new Int32Array(stride * 1024);
  /** Actor and payload, by slot. */
  readonly #objects: unknown[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#size;
  }

  /** Time of the earliest event; Infinity when there is none. */
  get nextTime(): Micros {
    if (Number.isNaN(this.#next)) this.#next = this.#leastTime();
    return this.#next;
  }

  /** A place in the order of one instant, for an event that is pushed later. */
  reserve(): number {
    return this.#inserted++;
  }

  /** `time` is whole. `order`: as reserved; else after all that was pushed or reserved before. */
  push(time: Micros, actor: Actor, kind: number, a = 0, b = 0, payload?: unknown, order = this.#inserted++): void {
    invariant(time >= this.now, "an event lies in the future, or in this instant");
    invariant(Number.isSafeInteger(time), "an event lies at a whole µs");
    const slot = this.#free.pop() ?? this.#size;
    const at = slot * stride;
    if (at === this.#numbers.length) this.#numbers = doubled(this.#numbers, new Int32Array(2 * at));
    this.#numbers[at] = kind;
    this.#numbers[at + 1] = a;
    this.#numbers[at + 2] = b;
    this.#objects[2 * slot] = actor;
    this.#objects[2 * slot + 1] = payload;
    this.#size++;
    if (time < this.#next) this.#next = time;
    this.#put(time, order, slot);
  }

  /** Takes the earliest event and lets it happen. False when there is none. */
  run(): boolean {
    if (this.#size === 0) return false;
    const due = this.#due;
    if (this.#head === due.size) this.#reach(this.nextTime);
    const slot = due.slots[this.#head++]!;
    if (this.#head === due.size) this.#head = due.size = 0;
    this.now = this.#reached;
    if (due.size === 0) this.#next = NaN;
    this.#size--;
    const actor = this.#objects[2 * slot] as Actor;
    const payload = this.#objects[2 * slot + 1];
    this.#objects[2 * slot] = undefined;
    this.#objects[2 * slot + 1] = undefined;
    this.#free.push(slot);
    const at = slot * stride;
    actor.handle(this.#numbers[at]!, this.#numbers[at + 1]!, this.#numbers[at + 2]!, payload);
    return true;
  }

  #leastTime(): Micros {
    if (this.#size === 0) return Infinity;
    return this.#due.size > 0 ? this.#reached : this.#lowest().leastTime();
  }

  /** Time comes to the earliest event: what its bucket held goes to lower ones, which are empty. */
  #reach(time: Micros): void {
    const bucket = this.#lowest();
    const { times, orders, slots, size } = bucket;
    this.#reached = time;
    bucket.size = 0;
    if (size === 1) this.#due.push(time, orders[0]!, slots[0]!);
    else for (let i = 0; i < size; i++) this.#put(times[i]!, orders[i]!, slots[i]!);
  }

  #put(time: Micros, order: number, slot: number): void {
    if (time === this.#reached) return this.#due.insert(time, order, slot, this.#head);
    const number = bucketOf(time, this.#reached);
    (this.#buckets[number] ??= new Bucket()).push(time, order, slot);
    if (number < this.#from) this.#from = number;
  }

  /** Where nothing is due: the first bucket that is not empty. It has the earliest event. */
  #lowest(): Bucket {
    for (;;) {
      const bucket = this.#buckets[this.#from]!;
      if (bucket !== null && bucket.size > 0) return bucket;
      this.#from++;
    }
  }
}

/** Events without an order of their own, but for those that are due. */
class Bucket {
  size = 0;
  times = new Float64Array(16);
  orders = new Float64Array(16);
  slots = new Int32Array(16);

  push(time: Micros, order: number, slot: number): void {
    const at = this.size++;
    if (at === this.times.length) this.#grow();
    this.times[at] = time;
    this.orders[at] = order;
    this.slots[at] = slot;
  }

  /** Before those of a higher order, from the place `first` on: only one that was reserved is ever before another. */
  insert(time: Micros, order: number, slot: number, first: number): void {
    this.push(time, order, slot);
    const { orders, slots } = this;
    for (let at = this.size - 1; at > first && orders[at - 1]! > order; at--) {
      orders[at] = orders[at - 1]!;
      slots[at] = slots[at - 1]!;
      orders[at - 1] = order;
      slots[at - 1] = slot;
    }
  }

  leastTime(): Micros {
    let least = Infinity;
    for (let i = 0; i < this.size; i++) if (this.times[i]! < least) least = this.times[i]!;
    return least;
  }

  #grow(): void {
    const capacity = this.times.length * 2;
    this.times = doubled(this.times, new Float64Array(capacity));
    this.orders = doubled(this.orders, new Float64Array(capacity));
    this.slots = doubled(this.slots, new Int32Array(capacity));
  }
}

const doubled = <T extends Float64Array | Int32Array>(array: T, larger: T): T => {
  larger.set(array);
  return larger;
};

/** By the highest digit in which two whole numbers differ, and by that digit of the later one. */
const bucketOf = (time: Micros, reached: Micros): number => {
  const timeHigh = Math.floor(time * 2 ** -32);
  const high = timeHigh ^ Math.floor(reached * 2 ** -32);
  return high === 0 ? bucketOfWord(time, time ^ reached) : 8 * radix + bucketOfWord(timeHigh, high);
};

const bucketOfWord = (word: number, difference: number): number => {
  const digit = (31 - Math.clz32(difference)) >> 2;
  return digit * radix + ((word >>> (digit << 2)) & (radix - 1));
};
