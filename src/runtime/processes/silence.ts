/** ms without a word after which the other end of a connection is taken for gone. */
export const silenceLimit = 10_000;

/**
 * Notices whoever vanishes without closing its connection: a machine that lost its power, a cable. Each side says a word
 * now and then, and counts how long it has heard none. Time in which this process itself did not get to run counts for
 * nobody: their words may be waiting.
 */
export class Silence {
  readonly #limit: number;
  readonly #speak: (node: number) => void;
  readonly #vanished: (node: number, reason: string) => void;
  /** By node that is listened to, ms. */
  readonly #heard = new Map<number, number>();
  readonly #timer: NodeJS.Timeout;
  #looked = performance.now();

  /** `speak`: the word to `node` is due; `vanished`: it was silent for `limit` ms. */
  constructor(limit: number, speak: (node: number) => void, vanished: (node: number, reason: string) => void) {
    this.#limit = limit;
    this.#speak = speak;
    this.#vanished = vanished;
    this.#timer = setInterval(() => this.#look(limit / 5), limit / 10);
    this.#timer.unref();
  }

  /** From now on; or it has just said something. */
  heard(node: number): void {
    this.#heard.set(node, performance.now());
  }

  /** It is known to be gone. */
  forget(node: number): void {
    this.#heard.delete(node);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(tardy: number): void {
    const now = performance.now();
    const asleep = now - this.#looked > tardy;
    this.#looked = now;
    for (const [node, last] of this.#heard) {
      if (asleep) this.#heard.set(node, now);
      else if (now - last > this.#limit) {
        this.#heard.delete(node);
        this.#vanished(node, `silent for ${this.#limit / 1000} s`);
        continue;
      }
      this.#speak(node);
    }
  }
}
