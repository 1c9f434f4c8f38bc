import { Doorbell } from "../../transport/doorbell.ts";
import type { Phase } from "../phase.ts";

/** Words, each on a cache line of its own. */
const lineWords = 16;
const phaseAt = 0;
/** Beside the phase: both are looked at in every turn. */
const ordersAt = 1;
const completedAt = lineWords;
const bellsAt = 2 * lineWords;

export const createSignals = (threads: number): SharedArrayBuffer =>
  new SharedArrayBuffer((bellsAt + threads * lineWords) * Int32Array.BYTES_PER_ELEMENT);

/** What all threads of a run share besides their rings. */
export class Signals {
  readonly #words: Int32Array;
  readonly #doorbells: readonly Doorbell[];

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
    const threads = (this.#words.length - bellsAt) / lineWords;
    const doorbell = (_: unknown, thread: number): Doorbell => new Doorbell(this.#words, bellsAt + thread * lineWords);
    this.#doorbells = Array.from({ length: threads }, doorbell);
  }

  doorbell(thread: number): Doorbell {
    return this.#doorbells[thread]!;
  }

  get phase(): Phase {
    return Atomics.load(this.#words, phaseAt) as Phase;
  }

  enter(phase: Phase): void {
    Atomics.store(this.#words, phaseAt, phase);
    for (const doorbell of this.#doorbells) doorbell.ring();
  }

  /** How many orders the leader has sent to any thread. */
  get orders(): number {
    return Atomics.load(this.#words, ordersAt);
  }

  /** The order must be in the thread's port before. */
  ordered(thread: number): void {
    Atomics.add(this.#words, ordersAt, 1);
    this.#doorbells[thread]!.ring();
  }

  /** Requests answered since the clients started, for progress lines. */
  get completed(): number {
    return Atomics.load(this.#words, completedAt) >>> 0;
  }

  set completed(requests: number) {
    Atomics.store(this.#words, completedAt, requests);
  }
}
