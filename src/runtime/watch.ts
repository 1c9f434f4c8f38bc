import type { Micros } from "../core/ids.ts";

/** Waits for what others bring about, under a limit, and for their failure. One waits at a time. */
export class Watch {
  #failure: Error | null = null;
  #look = (): void => {};

  /** Resolves when `done` holds or `limit` has passed, to what `done` says; rejects as soon as something has failed. */
  until(done: () => boolean, limit: Micros): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#look = () => {};
        if (this.#failure === null) resolve(done());
        else reject(this.#failure);
      };
      const timer = setTimeout(end, limit / 1000);
      this.#look = () => {
        if (this.#failure !== null || done()) end();
      };
      this.#look();
    });
  }

  /** Something that a `done` depends on has changed. */
  look(): void {
    this.#look();
  }

  /** The first failure is the one that is told. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#look();
  }
}
