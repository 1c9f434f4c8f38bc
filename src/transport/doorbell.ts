const quiet = 0;
const rung = 1;
const asleep = 2;

/**
 * Wakes one thread, which owns it; any other may ring. A ring while the owner is busy is remembered, so it need not
 * look at what could have arrived before it sleeps; a ring while it sleeps is the only one that costs a system call.
 */
export class Doorbell {
  readonly #words: Int32Array;
  readonly #at: number;

  /** One word of shared memory, at `at`. */
  constructor(words: Int32Array, at: number) {
    this.#words = words;
    this.#at = at;
  }

  /** What the ring announces must be in shared memory before. */
  ring(): void {
    if (Atomics.exchange(this.#words, this.#at, rung) === asleep) Atomics.notify(this.#words, this.#at);
  }

  /** Blocks until the bell is rung, or was rung since the last wait, or `timeout` ms have passed. */
  wait(timeout: number): void {
    Atomics.compareExchange(this.#words, this.#at, quiet, asleep);
    Atomics.wait(this.#words, this.#at, asleep, timeout); // not when the word says rung
    // From here on rings count for the next wait: the owner looks at all that is there after this, never before.
    Atomics.store(this.#words, this.#at, quiet);
  }
}
