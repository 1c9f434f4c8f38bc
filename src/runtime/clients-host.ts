import { RecordedHistory } from "../check/recorded-history.ts";
import { Arrivals } from "../client/arrivals.ts";
import { askOrder, Client, Route, startSpread, type ClientHost } from "../client/client.ts";
import { OpenLoop, shareable, type OpenLoopHost, type OpenLoopSettings } from "../client/open-loop.ts";
import { Preparing, type CarryOut } from "../client/preparing.ts";
import { Reader } from "../core/bytes.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import { createRandom } from "../core/random.ts";
import type { OperationSource, Workload } from "../core/workload.ts";
import { writeRequest, type Request } from "../engine/requests.ts";
import { Recovery } from "../faults/recovery.ts";
import { Recorder } from "../measure/recorder.ts";
import { headerBytes } from "../transport/frames.ts";
import { readReply, type Reply } from "../transport/replies.ts";
import { SteadyWatch } from "../measure/steady.ts";
import { recordingOf } from "../measure/recording.ts";
import { Meter } from "./meter.ts";
import { withFiles } from "./option-files.ts";
import { phase, type Phase } from "./phase.ts";
import type { Place, Resident } from "./place.ts";
import { prefixed, renamed } from "./prefixed.ts";
import { nearestTo, type RunSettings } from "./settings.ts";
import { Timers, type Due } from "./timers.ts";

/** Characters in one report: a message of a network must not be of any length. */
const historyPart = 2 ** 22;

/** Takes a request of a client at this site to a replica. Answers its bytes, 0 where they are not counted. */
export type Carry = (to: ReplicaId, request: Request, site: ReplicaId) => number;

export const inFrames = (place: Pick<Place, "frames">): Carry => (to, request, site) => {
  const frames = place.frames(to, site);
  const before = frames.length;
  writeRequest(frames.begin(), request);
  frames.end();
  return frames.length - before - headerBytes;
};

/** In the place of a timer's number: requests are due. */
const arrival = -1;

/** One node's share of the clients of a run in real time, and what they measure. */
export class ClientsHost implements Resident, OpenLoopHost {
  readonly timers: Due;
  readonly precise: boolean;
  readonly #place: Omit<Place, "frames">;
  readonly #carry: Carry;
  readonly #settings: RunSettings;
  readonly #load: number;
  readonly #firstClient: number;
  /** Numbers given to clients and sessions, at all nodes together. */
  readonly #everybody: number;
  /** Of a client or, in an open loop, session: its number is place × loads + load. Sessions that were never needed are holes. */
  readonly #clients: Client[] = [];
  /** Null: a closed loop. */
  readonly #openLoop: OpenLoop | null;
  /** A multiple of the number of sites, so that the sessions of a client are at its site. */
  readonly #stride: number;
  /** By client, in an open loop: what its sessions share. */
  readonly #shares: { readonly route: Route; readonly sourceAt: (slot: number) => OperationSource }[] = [];
  /** Null: the workload wants nothing to be there before. */
  readonly #preparing: Preparing | null;
  /** Hundredths of it that are told to be done. */
  #toldPrepared = -1;
  /** Those of clients, by place. */
  readonly #timeouts: Timers;
  /** In a closed loop: after the beginning of the load, by place; and those that have not started. */
  readonly #starts: Micros[] = [];
  readonly #waiting = new Set<number>();
  readonly #recorder: Recorder;
  readonly #work: Meter;
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
  #stopped = false;
  /** While the warm-up lasts, if that is until throughput is steady. */
  #warming: SteadyWatch | null = null;

  constructor(place: Omit<Place, "frames">, load: number, settings: RunSettings, workload: Workload, carry: Carry) {
    const { replicas, loads, initialLeader, clientsPerSite, ask, seed, shared, openLoop } = settings;
    const clients = replicas * clientsPerSite;
    const options = withFiles(workload, settings.workloadOptions);
    const own = Array.from({ length: clients }, (_, client) => client).filter((client) => client % loads === load);
    const sessions = openLoop?.outstanding ?? 1;
    this.#place = place;
    this.#carry = carry;
    this.#settings = settings;
    this.#load = load;
    this.#firstClient = shared?.firstClient ?? 0;
    this.#stride = Math.ceil(clients / loads / replicas) * replicas;
    this.#everybody = this.#stride * loads * sessions;
    this.#recorder = new Recorder(replicas);
    this.#work = new Meter(replicas);
    this.#history = settings.history ? new RecordedHistory() : null;
    this.#timeouts = new Timers(this.#stride * sessions);
    for (const client of own) {
      const site = client % replicas;
      // Each draws first when it starts, then what it does, as in the simulator.
      const random = createRandom(seed, `client ${client}`);
      this.#starts.push(random.below(startSpread));
      const drawn = workload.create({ client, clients, site, sites: replicas, random }, options);
      const source = shared === null ? drawn : prefixed(drawn, shared.keyPrefix);
      const route = new Route(askOrder(ask, initialLeader, nearestTo(site, settings)));
      if (openLoop === null) this.#clients.push(this.#newClient(this.#clients.length, route, source));
      else this.#shares.push({ route, sourceAt: shareable(source) });
    }
    const preparation = workload.prepare?.(options);
    this.#preparing = preparation === undefined ? null : new Preparing(preparation, own, clients);
    this.precise = openLoop !== null;
    this.#openLoop = openLoop && this.#newOpenLoop(openLoop, own.length, own.length / clients);
    this.timers = this.#openLoop === null ? this.#timeouts : withArrivals(this.#timeouts, this.#openLoop);
  }

  toldSound(sound: boolean): void {
    this.#recovery.changed(sound ? this.#place.now : Infinity);
  }

  enter(entered: Phase): void {
    const { now } = this.#place;
    switch (entered) {
      case phase.prepare:
        this.#preparing?.begin(this.#carryOut);
        return this.#tellPrepared();
      case phase.warmUp:
        if (this.#settings.untilSteady) this.#warming = new SteadyWatch(now, this.#completed);
        return this.#start(now);
      case phase.measure:
        this.#warming = null;
        this.#opened = now;
        this.#work.open();
        return this.#recorder.open(now);
      case phase.drain:
        this.#measured = now - this.#opened;
        this.#recorder.close(now);
        this.#work.close();
        this.abandon();
        this.#draining = true;
        return;
      case phase.settle:
        this.#clients.forEach((client) => client.giveUp());
        return;
      case phase.stop:
        return this.#finish();
    }
  }

  receive(from: number, bytes: Uint8Array, start: number, end: number): void {
    this.#work.received(from, 0); // replies are short but for reads, and in virtual time have no length
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
    if (!this.#prepared(this.#placeOf(client))) this.#openLoop?.over(this.#placeOf(client));
  }

  timer(number: number): void {
    if (number === arrival) return this.#openLoop!.arrive(this.#place.now);
    const client = this.#clients[number]!;
    if (this.#waiting.delete(number)) client.start(this.#place.now);
    else client.timer();
  }

  /** No new requests: the load is over, or nobody leads the run any more. */
  abandon(): void {
    this.#stopped = true;
    this.#openLoop?.stop();
    this.#clients.forEach((client) => client.stop());
  }

  linked(node: number, up: boolean): void {
    if (!up) this.#clients.forEach((client) => client.lost(node));
  }

  endTurn(): void {
    this.#work.endTurn();
    this.#place.progressed(this.#completed);
    if (this.#warming?.look(this.#place.now, this.#completed) === true) this.#tellSteady(this.#warming);
    if (!this.#draining || this.#open() > 0) return;
    this.#draining = false;
    this.#place.report({ type: "drained", answered: Array.from(this.#clients, (client) => client?.answered ?? 0) });
  }

  // --- OpenLoopHost ---

  ask(place: number, intended: Micros): void {
    const { now } = this.#place;
    this.#recorder.arrived(this.#siteOf(place), now - intended);
    (this.#clients[place] ??= this.#newSession(place)).ask(now, intended);
  }

  dropped(): void {
    this.#recorder.dropped();
  }

  // --- Inside. ---

  #newOpenLoop(settings: OpenLoopSettings, clients: number, share: number): OpenLoop {
    const arrivals = new Arrivals(settings, share, clients, createRandom(this.#settings.seed, `arrivals ${this.#load}`));
    return new OpenLoop(arrivals, clients, this.#stride, settings.outstanding, this);
  }

  readonly #carryOut: CarryOut = (place, operation) => {
    const { now } = this.#place;
    const { shared, loads } = this.#settings;
    const asked = shared === null ? operation : renamed(operation, shared.keyPrefix);
    const client = (this.#clients[place] ??= this.#newSession(place));
    this.#history?.called(place * loads + this.#load, asked, now);
    client.carryOut(asked, now);
  };

  #tellPrepared(): void {
    const { done, count } = this.#preparing ?? { done: 0, count: 0 };
    const hundredths = count === 0 ? 100 : Math.floor((done / count) * 100);
    if (hundredths === this.#toldPrepared) return;
    this.#toldPrepared = hundredths;
    this.#place.report({ type: "prepared", done, count });
  }

  /** False when the store is not being prepared any more. Else what was answered was a part of it. */
  #prepared(place: number): boolean {
    if (this.#preparing === null || this.#preparing.over) return false;
    if (this.#stopped) return true;
    this.#preparing.answered(place, this.#carryOut);
    this.#tellPrepared();
    return true;
  }

  #tellSteady({ state }: SteadyWatch): void {
    this.#warming = null;
    this.#place.report({ type: "steady", transient: state.transient });
  }

  #start(now: Micros): void {
    // Cut short, while clients still have requests open.
    if (this.#preparing !== null && !this.#preparing.over) return;
    if (this.#openLoop !== null) return this.#openLoop.start(now);
    for (const place of this.#clients.keys()) {
      this.#waiting.add(place);
      this.#timeouts.set(place, now + this.#starts[place]!);
    }
  }

  #newSession(place: number): Client {
    const { route, sourceAt } = this.#shares[place % this.#stride]!;
    return this.#newClient(place, route, sourceAt(Math.floor(place / this.#stride)));
  }

  #newClient(place: number, route: Route, source: OperationSource): Client {
    const client = place * this.#settings.loads + this.#load;
    return new Client(this.#firstClient + client, route, this.#recorded(client, source), this.#settings.requestTimeout, this.#hostOf(place, client));
  }

  #siteOf(place: number): ReplicaId {
    return (place * this.#settings.loads + this.#load) % this.#settings.replicas;
  }

  #hostOf(at: number, client: number): ClientHost {
    const place = this.#place;
    const timeouts = this.#timeouts;
    const site = this.#siteOf(at);
    return {
      reachable: (replica) => place.reaches(replica),
      send: (to, request) => {
        this.#work.sent(to, this.#carry(to, request, site));
      },
      setTimer: (delay) => timeouts.set(at, place.now + delay),
      clearTimer: () => timeouts.clear(at),
      completed: (_operation: Operation, result: OperationResult, latency, shared, sinceSent) => {
        this.#history?.returned(client, result, place.now);
        this.#completed++;
        if (this.#prepared(at)) return;
        this.#recovery.completed(place.now);
        this.#recorder.completed(site, latency, shared, place.now);
        if (this.#openLoop?.over(at) === true) this.#recorder.coordinated(site, sinceSent);
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
      next: (sequence, slot) => {
        const draw = source.next(sequence, slot);
        history.called(client, draw.operation, this.#place.now);
        return draw;
      },
    };
  }

  #clientOf(client: number): Client | undefined {
    return this.#clients[this.#placeOf(client)];
  }

  #placeOf(client: number): number {
    return Math.floor((client - this.#firstClient) / this.#settings.loads);
  }

  #open(): number {
    return this.#clients.filter((client) => client.busy).length;
  }

  #finish(): void {
    const jsonLines = this.#history?.toJsonLines() ?? "";
    for (let at = 0; at < jsonLines.length; at += historyPart) {
      this.#place.report({ type: "history", jsonLines: jsonLines.slice(at, at + historyPart) });
    }
    const recording = recordingOf(this.#recorder, this.#settings.replicas);
    const open = this.#open() + this.#abandoned;
    this.#place.report({ type: "clients", recording, measured: this.#measured, failed: this.#failed, open, work: this.#work.window, recoveredAfter: this.#recovery.after });
  }
}

/** Arrivals first: they are due often, and timeouts seldom. */
const withArrivals = (timeouts: Timers, arrivals: OpenLoop): Due => ({
  get next() {
    return Math.min(timeouts.next, arrivals.next);
  },
  fire(now, fired) {
    if (arrivals.next <= now) fired(arrival);
    timeouts.fire(now, fired);
  },
});
