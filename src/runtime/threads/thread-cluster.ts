import { Worker } from "node:worker_threads";
import { createRing } from "../../transport/ring.ts";
import type { ReplicaId } from "../../core/ids.ts";
import type { Cluster, ClusterListener, Machines } from "../cluster.ts";
import type { Phase } from "../phase.ts";
import type { Report } from "../reports.ts";
import type { RunSettings } from "../settings.ts";
import type { LinkCondition } from "../shaping.ts";
import { createSignals, Signals } from "./signals.ts";
import type { ThreadOrder, Wiring } from "./thread.ts";

/** A run's nodes as worker threads: one a replica and one for all clients, rings in shared memory between them. */
export class ThreadCluster implements Cluster {
  readonly #signals: Signals;
  readonly #workers: readonly Worker[];
  #running: number;

  constructor(settings: RunSettings, listener: ClusterListener) {
    const { replicas } = settings;
    const threads = replicas + 1;
    const signals = createSignals(threads);
    // From row to column; nobody talks to itself.
    const rings = Array.from({ length: threads }, (_, from) =>
      Array.from({ length: threads }, (_, to) => (from === to ? null : createRing())),
    );
    this.#signals = new Signals(signals);
    this.#running = threads;
    this.#workers = rings.map((outbound, self) => {
      const wiring: Wiring = { self, signals, outbound, inbound: rings.map((row) => row[self]!) };
      const name = self < replicas ? `replica ${self}` : "clients";
      const file = self < replicas ? "./replica.ts" : "./clients.ts";
      const worker = new Worker(new URL(file, import.meta.url), { name, workerData: { settings, wiring } });
      let finished = false;
      worker.on("message", (report: Report) => {
        finished ||= report.type === "replica" || report.type === "clients";
        listener.reported(self, report);
      });
      worker.on("error", (error) => listener.failed(name, error));
      worker.on("exit", (code) => {
        this.#running--;
        if (!finished) listener.failed(name, new Error(`its thread ended early, with exit code ${code}`));
        listener.changed();
      });
      return worker;
    });
  }

  get running(): number {
    return this.#running;
  }

  get completed(): number {
    return this.#signals.completed;
  }

  enter(phase: Phase): void {
    this.#signals.enter(phase);
  }

  impose(from: ReplicaId, links: readonly LinkCondition[]): void {
    this.#order(from, { type: "conditions", links });
  }

  tellSound(sound: boolean): void {
    this.#order(this.#workers.length - 1, { type: "sound", sound });
  }

  readonly machines: Machines = {
    pause: (replica) => this.#order(replica, { type: "pause" }),
    resume: (replica) => this.#order(replica, { type: "resume" }),
    kill: cannot,
    restart: cannot,
  };

  async terminate(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #order(thread: number, order: ThreadOrder): void {
    this.#workers[thread]!.postMessage(order, []);
    this.#signals.ordered(thread);
  }
}

const cannot = (): never => {
  throw new Error("a thread keeps no journal from which it could come back");
};
