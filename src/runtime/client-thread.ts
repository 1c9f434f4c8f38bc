/** The thread of all clients. */
import { workerData } from "node:worker_threads";
import { Client, type ClientHost } from "../client/client.ts";
import { Reader } from "../core/bytes.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import { createRandom } from "../core/random.ts";
import type { Workload } from "../core/workload.ts";
import { writeRequest, type Request } from "../engine/requests.ts";
import { Recorder } from "../measure/recorder.ts";
import { readReply } from "../transport/replies.ts";
import { loadWorkload } from "./modules.ts";
import { recordingOf } from "../measure/recording.ts";
import { report } from "./reports.ts";
import { nearestFirst, type WorkerSettings } from "./settings.ts";
import { phase, type Phase } from "./signals.ts";
import { Thread, type Resident, type Wiring } from "./thread.ts";
import { Timers } from "./timers.ts";

class ClientThread implements Resident {
  readonly timers: Timers;
  readonly #thread: Thread;
  readonly #replicas: number;
  readonly #clients: readonly Client[];
  readonly #recorder: Recorder;
  readonly #reader = new Reader(new Uint8Array(0));
  #completed = 0;
  #opened: Micros = 0;
  #measured: Micros = 0;
  #draining = false;

  constructor(thread: Thread, settings: WorkerSettings, workload: Workload) {
    const { workloadOptions, replicas, clientsPerSite, seed, requestTimeout } = settings;
    const clients = replicas * clientsPerSite;
    this.timers = new Timers(clients);
    this.#thread = thread;
    this.#replicas = replicas;
    this.#recorder = new Recorder(replicas);
    this.#clients = Array.from({ length: clients }, (_, client) => {
      const site = client % replicas;
      const random = createRandom(seed, `client ${client}`);
      const source = workload.create({ client, clients, site, sites: replicas, random }, workloadOptions);
      return new Client(client, nearestFirst(replicas, site), source, requestTimeout, this.#hostOf(client, site));
    });
  }

  enter(entered: Phase): void {
    const { now } = this.#thread;
    switch (entered) {
      case phase.warmUp:
        for (const client of this.#clients) client.start(now);
        return;
      case phase.measure:
        this.#opened = now;
        return this.#recorder.open(now);
      case phase.drain:
        this.#measured = now - this.#opened;
        this.#recorder.close(now);
        for (const client of this.#clients) client.stop();
        this.#draining = true;
        return;
      case phase.stop:
        return this.#finish();
    }
  }

  receive(_from: number, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.position = start;
    reader.end = end;
    const { client, sequence, result } = readReply(reader);
    this.#clients[client]!.reply(sequence, result, this.#thread.now);
  }

  timer(client: number): void {
    this.#clients[client]!.timer();
  }

  endTurn(): void {
    this.#thread.signals.completed = this.#completed;
    if (!this.#draining || this.#open() > 0) return;
    this.#draining = false;
    report({ type: "drained" });
  }

  #hostOf(client: number, site: ReplicaId): ClientHost {
    const { timers } = this;
    const thread = this.#thread;
    return {
      send(to: ReplicaId, request: Request): void {
        const { frames } = thread.outlet(to);
        writeRequest(frames.begin(), request);
        frames.end();
      },
      setTimer: (delay) => timers.set(client, thread.now + delay),
      clearTimer: () => timers.clear(client),
      completed: (_operation: Operation, _result: OperationResult, latency, shared) => {
        this.#completed++;
        this.#recorder.completed(site, latency, shared, thread.now);
      },
    };
  }

  #open(): number {
    return this.#clients.filter((client) => client.busy).length;
  }

  #finish(): void {
    const recording = recordingOf(this.#recorder, this.#replicas);
    report({ type: "clients", recording, measured: this.#measured, open: this.#open() });
  }
}

const { settings, wiring } = workerData as { readonly settings: WorkerSettings; readonly wiring: Wiring };
const workload = await loadWorkload(settings.workload);
const thread = new Thread(wiring);
const clients = new ClientThread(thread, settings, workload);
report({ type: "loaded" });
thread.run(clients);
