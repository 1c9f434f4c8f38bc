import type { Micros } from "../core/ids.ts";

/** How long clients wait for a reply once nothing is broken any more. */
export class Recovery {
  #soundFrom: Micros = Infinity;
  /** Null: no fault has ended, something is still broken, or nobody has been answered since. */
  after: Micros | null = null;

  /** A fault began or ended: nothing is broken from `soundFrom` on. Infinity: something is. */
  changed(soundFrom: Micros): void {
    this.#soundFrom = soundFrom;
    this.after = null;
  }

  completed(now: Micros): void {
    if (this.after === null && now >= this.#soundFrom) this.after = now - this.#soundFrom;
  }
}
