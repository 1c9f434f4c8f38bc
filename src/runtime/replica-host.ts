import { Reader } from "../core/bytes.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import type { Note, Protocol } from "../core/protocol.ts";
import { createRandom } from "../core/random.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineHost, Observer } from "../engine/host.ts";
import { readRequest } from "../engine/requests.ts";
import { Recorder } from "../measure/recorder.ts";
import type { Journal, OpenedJournal } from "../storage/journal.ts";
import { writeReply } from "../transport/replies.ts";
import { ExecutionLog } from "./executions.ts";
import { recordingOf } from "../measure/recording.ts";
import { Meter } from "./meter.ts";
import { phase, type Phase } from "./phase.ts";
import type { Place, Resident } from "./place.ts";
import { nearestTo, type ReplicaSettings, type Shared } from "./settings.ts";
import { Timers } from "./timers.ts";

/** A replica in real time: its engine, its timers, what it measures and reports. */
export class ReplicaHost implements Resident, EngineHost, Observer {
  readonly timers: Timers;
  readonly #place: Place;
  readonly #self: ReplicaId;
  readonly #journal: Journal | null;
  /** What the journal held: let go once it is restored. */
  #inherited: readonly Uint8Array[];
  readonly #replicas: number;
  readonly #loads: number;
  readonly #engine: Engine;
  #recorder: Recorder;
  readonly #work: Meter;
  #executions: ExecutionLog;
  /** The clients of the run: what others ask is no part of it. */
  #firstClient = 0;
  readonly #reader = new Reader(new Uint8Array(0));
  #started = false;
  #settling = false;
  /** Executed commands when the state was last reported. */
  #reported = -1;

  constructor(place: Place, self: ReplicaId, settings: ReplicaSettings, protocol: Protocol, opened: OpenedJournal | null) {
    const { protocolOptions, replicas, loads, initialLeader, seed, batch } = settings;
    this.timers = new Timers(protocol.timers.length);
    this.#place = place;
    this.#journal = opened?.journal ?? null;
    this.#inherited = opened?.records ?? [];
    this.#executions = this.#newLog();
    this.#self = self;
    this.#replicas = replicas;
    this.#loads = loads;
    this.#recorder = new Recorder(replicas);
    this.#work = new Meter(replicas);
    const nearest = nearestTo(self, settings);
    const incarnation = opened?.incarnation ?? 0;
    const random = createRandom(seed, `replica ${self}.${incarnation}`);
    const engineSettings = { self, replicas, nearest, initialLeader, random, incarnation, batch };
    this.#engine = new Engine(protocol, protocolOptions, engineSettings, this, this);
  }

  /** Before anything else. */
  start(): void {
    this.#started = true;
    const { now } = this.#place;
    this.#engine.restore(this.#inherited, now);
    this.#inherited = [];
    const compacted = this.#engine.compacted();
    if (compacted !== null) this.#journal?.compact(compacted);
    this.#engine.start(now);
  }

  /** The first `records` records of this life are durable. */
  durable(records: number): void {
    this.#engine.durable(records, this.#place.now);
  }

  /** A run begins on a cluster that served others before. What they left is not looked at. */
  attach({ firstClient }: Shared): void {
    this.#firstClient = firstClient;
    this.#executions = this.#newLog();
    this.#recorder = new Recorder(this.#replicas);
    this.#settling = false;
    this.#reported = -1;
  }

  // --- Resident ---

  enter(entered: Phase): void {
    const { now } = this.#place;
    switch (entered) {
      case phase.start:
        if (!this.#started) this.start();
        return this.#place.report({ type: "started" });
      case phase.measure:
        this.#work.open();
        return this.#recorder.open(now);
      case phase.drain:
        this.#work.close();
        return this.#recorder.close(now);
      case phase.settle:
        this.#settling = true;
        return;
      case phase.stop:
        return this.#finish();
    }
  }

  receive(from: number, bytes: Uint8Array, start: number, end: number): void {
    const { now } = this.#place;
    if (from < this.#replicas) {
      this.#work.received(from, end - start);
      return this.#engine.receive(from, bytes, start, end, now);
    }
    this.#work.requested(end - start);
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.position = start;
    reader.end = end;
    this.#engine.request(readRequest(reader), now);
  }

  timer(timer: number): void {
    this.#engine.timer(timer, this.#place.now);
  }

  linked(node: number, up: boolean): void {
    if (node < this.#replicas) this.#engine.link(node, up, this.#place.now);
  }

  endTurn(): void {
    this.#engine.propose();
    this.#journal?.flush();
    this.#work.endTurn();
    if (this.#settling) this.#reportState();
  }

  // --- EngineHost ---

  transmit(to: ReplicaId, bytes: Uint8Array, length: number): void {
    this.#recorder.sent(length);
    this.#work.sent(to, length);
    this.#place.frames(to).push(bytes, length);
  }

  append(bytes: Uint8Array, length: number): boolean {
    if (this.#journal !== null) {
      this.#work.persisted(length);
      this.#journal.append(bytes, length);
    }
    return this.#journal === null;
  }

  setTimer(timer: number, delay: Micros): void {
    this.timers.set(timer, this.#place.now + delay);
  }

  clearTimer(timer: number): void {
    this.timers.clear(timer);
  }

  respond(client: number, sequence: number, result: OperationResult | null): void {
    this.#work.replied();
    const frames = this.#place.frames(this.#replicas + (client % this.#loads), client % this.#replicas);
    writeReply(frames.begin(), { client, sequence, result });
    frames.end();
  }

  // --- Observer ---

  /** Not judged here: nobody comes back, and a message for each decision of each replica would cost what is measured. */
  decided(): void {}

  committed(latency: Micros, requests: number): void {
    this.#recorder.latency("commit", this.#self, latency, requests);
  }

  executed(latency: Micros, requests: number): void {
    this.#recorder.latency("execute", this.#self, latency, requests);
  }

  applied(key: string, readOnly: boolean, client: number, sequence: number, further: boolean): void {
    if (!further) this.#work.executed();
    const own = client - this.#firstClient;
    if (own >= 0) this.#executions.add(key, readOnly, own, sequence, further);
  }

  scanned(client: number, sequence: number): void {
    this.#work.executed();
    const own = client - this.#firstClient;
    if (own >= 0) this.#executions.addScan(own, sequence);
  }

  violated(detail: string): void {
    this.#place.report({ type: "violated", detail });
  }

  noted(note: Note, value: number | undefined): void {
    if (note === "leader" && value !== undefined) this.#place.report({ type: "led", ballot: value });
    this.#recorder.noted(note);
  }

  // --- Inside. ---

  #newLog(): ExecutionLog {
    return new ExecutionLog((chunk) => this.#place.report({ type: "executed", chunk }, [chunk.words.buffer]));
  }

  /** What was executed, then what came of it. A digest reads the whole store: only when there is something new. */
  #reportState(): void {
    const executed = this.#engine.executedCommands;
    if (executed === this.#reported) return;
    this.#reported = executed;
    this.#executions.flush();
    this.#place.report({ type: "settled", digest: this.#engine.digest() });
  }

  #finish(): void {
    this.#executions.flush();
    this.#recorder.counts.longestStall = 0; // replies arrive at clients alone
    const recording = recordingOf(this.#recorder, this.#replicas);
    this.#place.report({ type: "replica", recording, work: this.#work.window, executedCommands: this.#engine.executedCommands });
  }
}
