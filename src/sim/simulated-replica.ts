import { InvariantError } from "../core/assert.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import type { Note } from "../core/protocol.ts";
import { createRandom } from "../core/random.ts";
import { Engine } from "../engine/engine.ts";
import type { EngineHost, Observer } from "../engine/host.ts";
import type { Request } from "../engine/requests.ts";
import { Disk } from "./disk.ts";
import type { Actor } from "./event-queue.ts";
import { nearestFirst } from "./topology.ts";
import type { World } from "./world.ts";

/** Events of a replica: `a` is the sender, incarnation, timer or peer; see `handle`. */
export const replicaEvent = { frame: 0, request: 1, timer: 2, synced: 3, link: 4 } as const;

const notSet = Infinity;

/** A protocol that breaks its contract breaks it all the time: more would only bury the first. */
const reported = 10;

interface Timer {
  deadline: Micros;
  /** Earliest pending event of this timer. A later deadline needs no event of its own: that one looks again. */
  pending: Micros;
}

/** One replica and its machine: engine, disk and timers; what a crash takes and what it leaves. */
export class SimulatedReplica implements Actor, EngineHost, Observer {
  readonly #world: World;
  readonly #self: ReplicaId;
  readonly #nearest: readonly ReplicaId[];
  readonly #disk: Disk;
  #incarnation = 0;
  #engine: Engine | null = null;
  #timers: Timer[] = [];
  /** Records made durable in this life. */
  #synced = 0;
  #violations = 0;

  constructor(world: World, self: ReplicaId) {
    const { topology, replicas, sync } = world.settings;
    this.#world = world;
    this.#self = self;
    this.#nearest = nearestFirst(topology, replicas, self);
    this.#disk = new Disk(sync === 0);
  }

  get up(): boolean {
    return this.#engine !== null;
  }

  /** Null while down. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Starts the machine, or starts it again on the disk that is left. */
  start(): void {
    const { protocol, protocolOptions, replicas, initialLeader, seed, batch } = this.#world.settings;
    const incarnation = this.#incarnation;
    this.#timers = protocol.timers.map(() => ({ deadline: notSet, pending: notSet }));
    this.#synced = 0;
    const random = createRandom(seed, `replica ${this.#self}.${incarnation}`);
    const settings = { self: this.#self, replicas, nearest: this.#nearest, initialLeader, random, incarnation, batch };
    this.#engine = new Engine(protocol, protocolOptions, settings, this, this);
    // A copy: the replica may persist while it reads.
    this.#step((engine, now) => engine.start([...this.#disk.records], now));
  }

  /** Loses all but the durable part of the journal. */
  crash(): void {
    this.#engine = null;
    this.#incarnation++;
    this.#disk.crash();
  }

  handle(kind: number, a: number, b: number, payload: unknown): void {
    const engine = this.#engine;
    if (engine === null) return;
    const { queue, network } = this.#world;
    const now = queue.now;
    switch (kind) {
      case replicaEvent.frame: {
        if (network.session(a, this.#self) !== b) return;
        const frame = payload as Uint8Array;
        return this.#step(() => engine.receive(a, frame, 0, frame.length, now));
      }
      case replicaEvent.request:
        return this.#step(() => {
          engine.request(payload as Request, now);
          engine.propose();
        });
      case replicaEvent.timer:
        if (b === this.#incarnation) this.#fire(engine, a, now);
        return;
      case replicaEvent.synced:
        if (a !== this.#incarnation) return;
        this.#synced += this.#disk.endSync();
        return this.#step(() => engine.durable(this.#synced, now));
      case replicaEvent.link:
        return this.#step(() => engine.link(a, b === 1, now));
    }
  }

  // --- EngineHost ---

  transmit(to: ReplicaId, bytes: Uint8Array, length: number): void {
    const { queue, network, recorder, hooks, replicas } = this.#world;
    const frame = bytes.slice(0, length);
    recorder.sent(length);
    hooks.sent?.(queue.now, this.#self, to, frame);
    const arrival = network.arrival(this.#self, to, queue.now);
    if (arrival === null) return;
    queue.push(arrival, replicas[to]!, replicaEvent.frame, this.#self, network.session(this.#self, to), frame);
  }

  append(bytes: Uint8Array, length: number): boolean {
    this.#disk.append(bytes.slice(0, length));
    return this.#disk.instant;
  }

  setTimer(timer: number, delay: Micros): void {
    const { queue } = this.#world;
    const state = this.#timers[timer]!;
    state.deadline = queue.now + delay;
    if (state.pending <= state.deadline) return;
    state.pending = state.deadline;
    queue.push(state.deadline, this, replicaEvent.timer, timer, this.#incarnation);
  }

  clearTimer(timer: number): void {
    this.#timers[timer]!.deadline = notSet;
  }

  respond(client: number, sequence: number, result: OperationResult | null): void {
    this.#world.clients[client]!.replyFrom(this.#self, sequence, result);
  }

  // --- Observer ---

  committed(latency: Micros): void {
    this.#world.recorder.latency("commit", this.#self, latency);
  }

  executed(latency: Micros): void {
    this.#world.recorder.latency("execute", this.#self, latency);
  }

  applied(key: string, readOnly: boolean, client: number, sequence: number): void {
    this.#world.ledger.executed(this.#self, key, readOnly, client, sequence);
  }

  violated(detail: string): void {
    if (++this.#violations > reported) return;
    this.#world.violations.push({ check: "exactlyOnce", detail: `replica ${this.#self}: ${detail}` });
  }

  noted(note: Note): void {
    if (note === "leader") this.#world.leader = this.#self;
    this.#world.recorder.noted(note);
  }

  // --- Inside. ---

  #fire(engine: Engine, timer: number, now: Micros): void {
    const state = this.#timers[timer]!;
    if (now !== state.pending) return; // an earlier deadline was set since, and had an event of its own
    state.pending = notSet;
    if (state.deadline === notSet) return;
    if (state.deadline > now) return this.setTimer(timer, state.deadline - now);
    state.deadline = notSet;
    this.#step(() => engine.timer(timer, now));
  }

  /** After a step: the records of one step share a sync. */
  #beginSync(): void {
    if (!this.#disk.waiting) return;
    const { queue, settings } = this.#world;
    this.#disk.beginSync();
    queue.push(queue.now + settings.sync, this, replicaEvent.synced, this.#incarnation);
  }

  /** One input, then the protocol's own invariants. */
  #step(input: (engine: Engine, now: Micros) => void): void {
    const engine = this.#engine!;
    const now = this.#world.queue.now;
    try {
      input(engine, now);
      engine.assertInvariants();
      this.#beginSync();
    } catch (error) {
      if (!(error instanceof InvariantError)) throw error;
      // A replica that broke its own rules must not go on: it stops here, and the run has failed.
      const detail = `replica ${this.#self} at ${now} µs: ${error.message}`;
      this.#world.violations.push({ check: "invariants", detail });
      this.crash();
    }
  }
}
