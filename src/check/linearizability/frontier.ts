import type { Timeline } from "./timeline.ts";

/**
 * Which operations a search has taken, and which real time allows next: those called before the first return whose
 * operation is not taken. That operation is `due`: all that returned before it are taken, nothing called after is. So the
 * set of operations taken is told by `due`, by which of the operations open at that return are (a bit a slot), and by
 * which of those with unknown outcome are (a bit each).
 */
export class Frontier {
  /** By operation: 1 if it is taken. */
  readonly taken: Uint8Array;
  /** By slot: the last operation called in it before the return of `due`, or -1; it may have returned. */
  readonly occupant: Int32Array;
  /** `due`, then a bit for each slot whose operation is open and taken. */
  readonly words: Int32Array;
  /** A bit for each operation of `unknown` that is taken. */
  readonly used: Int32Array;
  readonly #timeline: Timeline<unknown>;
  /** By operation with unknown outcome, counted from the first of them: its bit in `used`. */
  readonly #bit: Int32Array;
  #due = 0;
  /** So many of `byCall` were called before the return of `due`. */
  #called = 0;

  /** `unknown`: the operations with unknown outcome that may be taken. */
  constructor(timeline: Timeline<unknown>, unknown: Int32Array) {
    const { operations, returned, slots } = timeline;
    this.taken = new Uint8Array(operations.length);
    this.occupant = new Int32Array(slots).fill(-1);
    this.words = new Int32Array(1 + Math.ceil(slots / 32));
    this.used = new Int32Array(Math.ceil(unknown.length / 32));
    this.#timeline = timeline;
    this.#bit = new Int32Array(operations.length - returned);
    unknown.forEach((operation, bit) => (this.#bit[operation - returned] = bit));
    this.#admit();
  }

  get due(): number {
    return this.#due;
  }

  /** Operations with unknown outcome that were called before the return of `due` are those below this. */
  get unknownEnd(): number {
    return this.#timeline.returned + this.#timeline.unknownBefore[this.#due]!;
  }

  take(operation: number): void {
    this.taken[operation] = 1;
    this.#flip(operation);
    if (operation !== this.#due) return;
    for (; this.#due < this.#timeline.returned && this.taken[this.#due] === 1; this.#due++) this.#flip(this.#due);
    this.words[0] = this.#due;
    this.#admit();
  }

  /** Undoes the last `take`, which was of `operation`. */
  putBack(operation: number): void {
    const { byCall, callsBefore, slot, before } = this.#timeline;
    if (operation < this.#due) {
      while (this.#called > callsBefore[operation]!) {
        const called = byCall[--this.#called]!;
        this.occupant[slot[called]!] = before[called]!;
      }
      while (this.#due > operation) this.#flip(--this.#due);
      this.words[0] = this.#due;
    }
    this.#flip(operation);
    this.taken[operation] = 0;
  }

  /** Whether real time allows `operation`, which returned, next. */
  open(operation: number): boolean {
    return this.taken[operation] === 0 && this.occupant[this.#timeline.slot[operation]!] === operation;
  }

  #flip(operation: number): void {
    const { returned, slot } = this.#timeline;
    if (operation < returned) this.words[1 + (slot[operation]! >>> 5)]! ^= 1 << (slot[operation]! & 31);
    else {
      const bit = this.#bit[operation - returned]!;
      this.used[bit >>> 5]! ^= 1 << (bit & 31);
    }
  }

  /** Lets in what was called before the return of `due`. */
  #admit(): void {
    const { returned, byCall, callsBefore, slot } = this.#timeline;
    if (this.#due === returned) return;
    while (this.#called < callsBefore[this.#due]!) {
      const called = byCall[this.#called++]!;
      this.occupant[slot[called]!] = called;
    }
  }
}
