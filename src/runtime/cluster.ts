import { Worker } from "node:worker_threads";
import type { Micros } from "../core/ids.ts";
import { createRing } from "../transport/ring.ts";
import type { Report } from "./reports.ts";
import type { WorkerSettings } from "./settings.ts";
import { createSignals, Signals, type Phase } from "./signals.ts";
import type { Wiring } from "./thread.ts";

/** The threads of a run, as the main thread sees them: 0 … replicas-1 hold a replica each, the last one all clients. */
export class Cluster {
  readonly signals: Signals;
  readonly #workers: readonly Worker[];
  #running: number;
  #failure: Error | null = null;
  #look = (): void => {};

  constructor(settings: WorkerSettings, onReport: (thread: number, report: Report) => void) {
    const { replicas } = settings;
    const threads = replicas + 1;
    const signals = createSignals(threads);
    // From row to column; nobody talks to itself.
    const rings = Array.from({ length: threads }, (_, from) =>
      Array.from({ length: threads }, (_, to) => (from === to ? null : createRing())),
    );
    this.signals = new Signals(signals);
    this.#running = threads;
    this.#workers = rings.map((outbound, self) => {
      const wiring: Wiring = { self, signals, outbound, inbound: rings.map((row) => row[self]!) };
      const name = self < replicas ? `replica ${self}` : "clients";
      const file = self < replicas ? "./replica-thread.ts" : "./client-thread.ts";
      const worker = new Worker(new URL(file, import.meta.url), { name, workerData: { settings, wiring } });
      let finished = false;
      worker.on("message", (report: Report) => {
        finished ||= report.type === "replica" || report.type === "clients";
        onReport(self, report);
        this.#look();
      });
      worker.on("error", (error) => this.#fail(name, error));
      worker.on("exit", (code) => {
        this.#running--;
        if (!finished) this.#fail(name, new Error(`its thread ended early, with exit code ${code}`));
        this.#look();
      });
      return worker;
    });
  }

  /** Threads that have not ended. */
  get running(): number {
    return this.#running;
  }

  /** Resolves when `done` holds or `limit` has passed, to what `done` says; rejects as soon as a thread has failed. */
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

  /** Something that a `done` depends on has changed, other than by a report. */
  look(): void {
    this.#look();
  }

  enter(phase: Phase): void {
    this.signals.enter(phase);
  }

  /** Ends all threads, whatever they are doing. */
  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #fail(name: string, reason: unknown): void {
    const text = reason instanceof Error ? reason.message : String(reason);
    this.#failure ??= new Error(`${name} failed: ${text}`, { cause: reason });
    this.#look();
  }
}
