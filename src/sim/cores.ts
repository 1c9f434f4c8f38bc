/** Who asks for a core. */
export interface CoreUser {
  /** Has one now. */
  granted(): void;
}

/** Cores that several nodes share: a turn has one until it ends, and who finds none waits in order. */
export class Cores {
  #free: number;
  readonly #waiting: CoreUser[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** False: none is free, and the user will be told. */
  take(user: CoreUser): boolean {
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    this.#waiting.push(user);
    return false;
  }

  give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next.granted();
  }

  /** The user waits no more. False: it did not wait. */
  leave(user: CoreUser): boolean {
    const place = this.#waiting.indexOf(user);
    if (place >= 0) this.#waiting.splice(place, 1);
    return place >= 0;
  }
}
