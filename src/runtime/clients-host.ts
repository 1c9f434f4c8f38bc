import { RecordedHistory } from "../check/recorded-history.ts";
import { askOrder, Client, startSpread, type ClientHost } from "../client/client.ts";
import { Reader } from "../core/bytes.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import { createRandom } from "../core/random.ts";
import type { OperationSource, Workload } from "../core/workload.ts";
import { writeRequest, type Request } from "../engine/requests.ts";
import { Recovery } from "../faults/recovery.ts";
import { Recorder } from "../measure/recorder.ts";
import { readReply, type Reply } from "../transport/replies.ts";
import { recordingOf } from "../measure/recording.ts";
import { phase, type Phase } from "./phase.ts";
import type { Place, Resident } from "./place.ts";
import { prefixed } from "./prefixed.ts";
import { nearestTo, type RunSettings } from "./settings.ts";
import { Timers } from "./timers.ts";

/** Characters in one report: a message of a network must not be of any length. */
const historyPart = 2 ** 22;

/** Takes a request of a client at this site to a replica. */
export type Carry = (to: ReplicaId, request: Request, site: ReplicaId) => void;

export const inFrames = (place: Pick<Place, "frames">): Carry => (to, request, site) => {
  const frames = place.frames(to, site);
  writeRequest(frames.begin(), request);
  frames.end();
};

/** One node's share of the clients of a run in real time, and what they measure. */
export class ClientsHost implements Resident {
  readonly timers: Timers;
  readonly #place: Omit<Place, "frames">;
  readonly #carry: Carry;
  readonly #replicas: number;
  readonly #loads: number;
  readonly #firstClient: number;
  /** At all nodes together. */
  readonly #everybody: number;
  /** Client c at place c / loads: every node has every loads-th. */
  readonly #clients: readonly Client[];
  /** After the beginning of the load, by place; and those that have not started. */
  readonly #starts: readonly Micros[];
  readonly #waiting: Set<number>;
  readonly #recorder: Recorder;
  readonly #history: RecordedHistory | null;
  readonly #recovery = new Recovery();
  readonly #reader = new Reader(new Uint8Array(0));
  #completed = 0;
  /** Requests that were rejected for good, and those whose outcome nobody will tell. */
  #failed = 0;
  #abandoned = 0;
  #opened: Micros = 0;
  #measured: Micros = 0;
  #draining = false;

  constructor(place: Omit<Place, "frames">, load: number, settings: RunSettings, workload: Workload, carry: Carry) {
    const { workloadOptions, replicas, loads, initialLeader, clientsPerSite, ask, seed, requestTimeout, shared } = settings;
    const clients = replicas * clientsPerSite;
    const own = Array.from({ length: clients }, (_, client) => client).filter((client) => client % loads === load);
    this.timers = new Timers(own.length);
    this.#place = place;
    this.#carry = carry;
    this.#replicas = replicas;
    this.#loads = loads;
    this.#firstClient = shared?.firstClient ?? 0;
    this.#everybody = clients;
    this.#recorder = new Recorder(replicas);
    this.#history = settings.history ? new RecordedHistory() : null;
    // Each draws first when it starts, then what it does, as in the simulator.
    const randoms = own.map((client) => createRandom(seed, `client ${client}`));
    this.#starts = randoms.map((random) => random.below(startSpread));
    this.#waiting = new Set(own.keys());
    this.#clients = own.map((client, number) => {
      const site = client % replicas;
      const random = randoms[number]!;
      const drawn = workload.create({ client, clients, site, sites: replicas, random }, workloadOptions);
      const source = shared === null ? drawn : prefixed(drawn, shared.keyPrefix);
      const asked = askOrder(ask, initialLeader, nearestTo(site, settings));
      return new Client(this.#firstClient + client, asked, this.#recorded(client, source), requestTimeout, this.#hostOf(number, client, site));
    });
  }

  toldSound(sound: boolean): void {
    this.#recovery.changed(sound ? this.#place.now : Infinity);
  }

  enter(entered: Phase): void {
    const { now } = this.#place;
    switch (entered) {
      case phase.warmUp:
        for (const [number, start] of this.#starts.entries()) this.timers.set(number, now + start);
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
      case phase.settle:
        for (const client of this.#clients) client.giveUp();
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
    this.answered(readReply(reader));
  }

  answered({ client, sequence, result }: Reply): void {
    this.#clientOf(client)?.reply(sequence, result, this.#place.now);
  }

  /** Nobody will tell what became of the client's open request. It goes on with the next one. */
  abandoned(client: number): void {
    const { now } = this.#place;
    this.#abandoned++;
    this.#history?.abandoned(client, this.#everybody, now);
    this.#clientOf(client)?.abandon(now);
  }

  timer(number: number): void {
    const client = this.#clients[number]!;
    if (this.#waiting.delete(number)) client.start(this.#place.now);
    else client.timer();
  }

  /** Nobody leads the run any more. */
  abandon(): void {
    for (const client of this.#clients) client.stop();
  }

  linked(node: number, up: boolean): void {
    if (!up) for (const client of this.#clients) client.lost(node);
  }

  endTurn(): void {
    this.#place.progressed(this.#completed);
    if (!this.#draining || this.#open() > 0) return;
    this.#draining = false;
    this.#place.report({ type: "drained", answered: this.#clients.map((client) => client.answered) });
  }

  #hostOf(number: number, client: number, site: ReplicaId): ClientHost {
    const { timers } = this;
    const place = this.#place;
    return {
      reachable: (replica) => place.reaches(replica),
      send: (to, request) => this.#carry(to, request, site),
      setTimer: (delay) => timers.set(number, place.now + delay),
      clearTimer: () => timers.clear(number),
      completed: (_operation: Operation, result: OperationResult, latency, shared) => {
        this.#history?.returned(client, result, place.now);
        this.#completed++;
        this.#recovery.completed(place.now);
        this.#recorder.completed(site, latency, shared, place.now);
      },
      failed: () => {
        this.#history?.failed(client, place.now);
        this.#failed++;
      },
    };
  }

  /** An operation is called in the moment in which its client draws it. */
  #recorded(client: number, source: OperationSource): OperationSource {
    const history = this.#history;
    if (history === null) return source;
    return {
      next: (sequence) => {
        const draw = source.next(sequence);
        history.called(client, draw.operation, this.#place.now);
        return draw;
      },
    };
  }

  #clientOf(client: number): Client | undefined {
    return this.#clients[Math.floor((client - this.#firstClient) / this.#loads)];
  }

  #open(): number {
    return this.#clients.filter((client) => client.busy).length;
  }

  #finish(): void {
    const jsonLines = this.#history?.toJsonLines() ?? "";
    for (let at = 0; at < jsonLines.length; at += historyPart) {
      this.#place.report({ type: "history", jsonLines: jsonLines.slice(at, at + historyPart) });
    }
    const recording = recordingOf(this.#recorder, this.#replicas);
    const open = this.#open() + this.#abandoned;
    this.#place.report({ type: "clients", recording, measured: this.#measured, failed: this.#failed, open, recoveredAfter: this.#recovery.after });
  }
}
