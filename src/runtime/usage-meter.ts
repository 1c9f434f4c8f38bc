import { PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import type { Micros } from "../core/ids.ts";
import type { Usage } from "../measure/usage.ts";
import { phase, type Phase } from "./phase.ts";
import type { Report } from "./reports.ts";

/** Collections in ms, as `performance.now()` counts. */
interface Pause {
  readonly startTime: number;
  readonly duration: number;
}

/** Sees what a node uses of the machine while it is measured. Made in the node's own thread. */
export class UsageMeter {
  readonly #idle: () => Micros;
  readonly #ownProcess: boolean;
  readonly #observer = new PerformanceObserver((list) => this.#collected(list.getEntries()));
  readonly #pauses: Pause[] = [];
  #opened: Reading;
  #closed: Reading;

  /** `idle`: how long the node has waited for something to do, ever since. */
  constructor(idle: () => Micros, ownProcess: boolean) {
    this.#idle = idle;
    this.#ownProcess = ownProcess;
    this.#opened = this.#read();
    this.#closed = this.#opened;
  }

  enter(entered: Phase): void {
    if (entered === phase.measure) {
      this.#observer.observe({ entryTypes: ["gc"] });
      this.#opened = this.#read();
    }
    if (entered === phase.drain) this.#closed = this.#read();
  }

  /** A thread that never returned to its event loop is told of all collections when it does. */
  async caughtUp(): Promise<void> {
    await turn();
    await turn();
  }

  report(): Report {
    const [opened, closed] = [this.#opened, this.#closed];
    const window = closed.at - opened.at;
    const pauses = this.#pauses.filter(({ startTime }) => startTime * 1000 >= opened.at && startTime * 1000 < closed.at).map(({ duration }) => duration * 1000);
    this.#observer.disconnect();
    this.#pauses.length = 0;
    const usage: Usage = {
      window,
      cpu: closed.cpu - opened.cpu,
      busy: Math.max(0, window - (closed.idle - opened.idle)),
      process: closed.process - opened.process,
      pauses: {
        count: pauses.length,
        total: pauses.reduce((sum, duration) => sum + duration, 0),
        longest: pauses.reduce((longest, duration) => Math.max(longest, duration), 0),
      },
    };
    return { type: "usage", usage };
  }

  #collected(pauses: readonly Pause[]): void {
    for (const { startTime, duration } of pauses) this.#pauses.push({ startTime, duration });
  }

  #read(): Reading {
    const thread = process.threadCpuUsage();
    const whole = this.#ownProcess ? process.cpuUsage() : { user: 0, system: 0 };
    return { at: performance.now() * 1000, idle: this.#idle(), cpu: thread.user + thread.system, process: whole.user + whole.system };
  }
}

/** µs. */
interface Reading {
  readonly at: Micros;
  readonly idle: Micros;
  readonly cpu: Micros;
  readonly process: Micros;
}
