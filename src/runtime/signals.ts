import { Doorbell } from "../transport/doorbell.ts";

/** The stages of a run. The main thread alone moves it on, one by one; every thread goes through all of them. */
export const phase = {
  /** Threads load their modules. */
  load: 0,
  /** Replicas start. */
  start: 1,
  /** Clients send. */
  warmUp: 2,
  /** So they do, and it counts. */
  measure: 3,
  /** Open requests are answered, no new ones sent. */
  drain: 4,
  /** Replicas that lag catch up. */
  settle: 5,
  /** Threads report and end. */
  stop: 6,
} as const;
export type Phase = (typeof phase)[keyof typeof phase];

/** Words, each on a cache line of its own. */
const lineWords = 16;
const phaseAt = 0;
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

  /** Requests answered since the clients started, for progress lines. */
  get completed(): number {
    return Atomics.load(this.#words, completedAt) >>> 0;
  }

  set completed(requests: number) {
    Atomics.store(this.#words, completedAt, requests);
  }
}
