/**
 * A whole run in worker threads: one a replica and one for all clients, with rings in shared memory between them. The
 * main thread leads through the phases and judges, while the run goes on, what the replicas executed.
 */
import { judgeConvergence } from "../check/convergence.ts";
import { Ledger } from "../check/ledger.ts";
import type { Violation } from "../check/violation.ts";
import { second, type Micros, type ReplicaId } from "../core/ids.ts";
import { Recorder } from "../measure/recorder.ts";
import { Cluster } from "./cluster.ts";
import { ExecutionReader } from "./executions.ts";
import { recorderOf } from "../measure/recording.ts";
import type { Report } from "./reports.ts";
import type { WorkerSettings } from "./settings.ts";
import { phase } from "./signals.ts";

export interface Progress {
  readonly phase: "start" | "warm-up" | "measure" | "drain";
  /** Since the phase began. */
  readonly elapsed: Micros;
  /** Requests answered, warm-up included. */
  readonly completed: number;
}

export interface WorkerHooks {
  /** About five times a second. */
  progress?(progress: Progress): void;
}

export interface WorkerOutcome {
  readonly recorder: Recorder;
  /** How long was measured, by the clients' clock: what throughput is to be divided by. */
  readonly measured: Micros;
  readonly violations: readonly Violation[];
  /** Requests still open when the run ended. */
  readonly unknown: number;
  /** By replica. */
  readonly executedCommands: readonly number[];
  /** The run was cut short. Whether its replicas converge was then not judged. */
  readonly interrupted: boolean;
}

const startLimit: Micros = 30 * second;
/** Longest time after the load ends in which open requests are answered, and then in which replicas catch up. */
const drainLimit: Micros = 10 * second;
const interruptedDrainLimit: Micros = second;
/** In which threads report what they have and end. */
const stopLimit: Micros = 60 * second;
const progressInterval = 200;

/** Rejects when a thread fails, with an error that names it. When it settles, all threads have ended. */
export const runInWorkers = async (
  settings: WorkerSettings,
  hooks: WorkerHooks = {},
  signal?: AbortSignal,
): Promise<WorkerOutcome> => new Run(settings).run(hooks, signal);

class Run {
  readonly #settings: WorkerSettings;
  readonly #cluster: Cluster;
  readonly #ledger: Ledger;
  readonly #executions: readonly ExecutionReader[];
  readonly #recorder: Recorder;
  readonly #violations: Violation[] = [];
  readonly #executedCommands: number[];
  /** Of replicas that settle, the latest of each. */
  readonly #digests = new Map<ReplicaId, string>();
  #loaded = 0;
  #started = 0;
  #drained = false;
  #unknown = 0;
  #measured: Micros = 0;
  #stage: Progress["phase"] = "start";
  #stageBegan = performance.now();

  constructor(settings: WorkerSettings) {
    const { replicas } = settings;
    this.#settings = settings;
    this.#ledger = new Ledger(replicas, { restarts: false });
    this.#executions = Array.from({ length: replicas }, (_, replica) => new ExecutionReader(this.#ledger, replica));
    this.#recorder = new Recorder(replicas);
    this.#executedCommands = Array.from({ length: replicas }, () => 0);
    this.#cluster = new Cluster(settings, (thread, report) => this.#take(thread, report));
  }

  async run(hooks: WorkerHooks, signal: AbortSignal | undefined): Promise<WorkerOutcome> {
    const cluster = this.#cluster;
    const look = (): void => cluster.look();
    const ticker = hooks.progress && setInterval(() => hooks.progress!(this.#progress()), progressInterval);
    signal?.addEventListener("abort", look);
    try {
      return await this.#lead(() => signal?.aborted ?? false);
    } finally {
      signal?.removeEventListener("abort", look);
      clearInterval(ticker);
      await cluster.terminate();
    }
  }

  async #lead(aborted: () => boolean): Promise<WorkerOutcome> {
    const { replicas, warmup, duration } = this.#settings;
    const cluster = this.#cluster;

    await this.#require(() => this.#loaded === replicas + 1, startLimit, "not all threads loaded their modules");
    cluster.enter(phase.start);
    await this.#require(() => this.#started === replicas, startLimit, "not all replicas started");

    this.#enter("warm-up", phase.warmUp);
    await cluster.until(aborted, warmup);
    this.#enter("measure", phase.measure);
    await cluster.until(aborted, duration);

    this.#enter("drain", phase.drain);
    await cluster.until(() => this.#drained || aborted(), drainLimit);
    if (aborted()) await cluster.until(() => this.#drained, interruptedDrainLimit);
    cluster.enter(phase.settle);
    await cluster.until(() => this.#converged() || aborted(), drainLimit);
    const interrupted = aborted();

    cluster.enter(phase.stop);
    await this.#require(() => cluster.running === 0, stopLimit, "not all threads ended");
    return {
      recorder: this.#recorder,
      measured: this.#measured,
      violations: [
        ...this.#violations,
        ...this.#ledger.violations,
        ...(interrupted ? [] : this.#divergences()),
      ],
      unknown: this.#unknown,
      executedCommands: this.#executedCommands,
      interrupted,
    };
  }

  async #require(done: () => boolean, limit: Micros, complaint: string): Promise<void> {
    if (!(await this.#cluster.until(done, limit))) throw new Error(`${complaint} within ${limit / second} s`);
  }

  #enter(stage: Progress["phase"], entered: (typeof phase)["warmUp" | "measure" | "drain"]): void {
    this.#stage = stage;
    this.#stageBegan = performance.now();
    this.#cluster.enter(entered);
  }

  #progress(): Progress {
    const elapsed = Math.round((performance.now() - this.#stageBegan) * 1000);
    return { phase: this.#stage, elapsed, completed: this.#cluster.signals.completed };
  }

  #converged(): boolean {
    return this.#digests.size === this.#settings.replicas && this.#divergences().length === 0;
  }

  /** Digests arrive in any order; the judge compares all with the first. */
  #divergences(): Violation[] {
    return judgeConvergence(new Map([...this.#digests].sort(([a], [b]) => a - b)));
  }

  #take(thread: number, report: Report): void {
    switch (report.type) {
      case "loaded":
        this.#loaded++;
        return;
      case "started":
        this.#started++;
        return;
      case "drained":
        this.#drained = true;
        return;
      case "executed":
        return this.#executions[thread]!.take(report.chunk);
      case "violated":
        this.#violations.push({ check: "exactlyOnce", detail: `replica ${thread}: ${report.detail}` });
        return;
      case "settled":
        this.#digests.set(thread, report.digest);
        return;
      case "replica":
        this.#executedCommands[thread] = report.executedCommands;
        return this.#recorder.add(recorderOf(report.recording, this.#settings.replicas));
      case "clients":
        this.#unknown = report.open;
        this.#measured = report.measured;
        return this.#recorder.add(recorderOf(report.recording, this.#settings.replicas));
    }
  }
}
