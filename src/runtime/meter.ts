import { WorkCounter, workSince, type WorkDone } from "../measure/work.ts";

/** What a node does, and the CPU time of the thread that calls: of a node, its own. */
export class Meter extends WorkCounter {
  #opened: WorkDone | null = null;
  #window: WorkDone | null = null;

  open(): void {
    this.#opened = this.#now();
  }

  close(): void {
    this.#window = workSince(this.#opened!, this.#now());
  }

  /** Between `open` and `close`; null before that. */
  get window(): WorkDone | null {
    return this.#window;
  }

  #now(): WorkDone {
    return { cpu: threadCpu(), done: this.snapshot() };
  }
}

/** Of this thread so far, µs. */
export const threadCpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};
