import { Worker } from "node:worker_threads";
import type { Micros } from "../../core/ids.ts";

const never = 2n ** 63n - 1n;

/**
 * Wakes the event loop at a time, more precisely than the platform's timers, which know whole milliseconds only: a
 * thread sleeps until then and posts a message. It costs nothing while it sleeps, as a loop that looks at the clock
 * would.
 */
export class Alarm {
  readonly #deadline = new BigInt64Array(new SharedArrayBuffer(8)).fill(never);
  readonly #clock: () => Micros;
  readonly #worker: Worker;
  #next: Micros = Infinity;

  constructor(clock: () => Micros, ring: () => void) {
    this.#clock = clock;
    this.#worker = new Worker(new URL("./alarm-thread.ts", import.meta.url), { name: "alarm", workerData: { deadline: this.#deadline, never } });
    this.#worker.on("message", () => {
      this.#next = Infinity;
      ring();
    });
    this.#worker.unref(); // the process may end without it
  }

  /** Rings at `at` or when it was to ring before that; then no more. */
  set(at: Micros): void {
    if (at >= this.#next) return;
    this.#next = at;
    const rest = Math.max(0, Math.round((at - this.#clock()) * 1000));
    Atomics.store(this.#deadline, 0, process.hrtime.bigint() + BigInt(rest));
    Atomics.notify(this.#deadline, 0);
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}
