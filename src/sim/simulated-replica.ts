import type { CheckName } from "../check/violation.ts";
import { InvariantError } from "../core/assert.ts";
import type { CommandId } from "../core/command.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import type { Note } from "../core/protocol.ts";
import { createRandom } from "../core/random.ts";
import { Engine } from "../engine/engine.ts";
import { isHandover } from "../engine/frames.ts";
import type { EngineHost, Observer } from "../engine/host.ts";
import { requestBytes, type Request } from "../engine/requests.ts";
import type { WorkDone } from "../measure/work.ts";
import { nearestFirst, nearestSpread } from "../network/topology.ts";
import { Clock } from "./clock.ts";
import { Disk } from "./disk.ts";
import type { Actor } from "./event-queue.ts";
import { Inbox } from "./inbox.ts";
import { Timers } from "./timers.ts";
import { Turn } from "./turn.ts";
import type { World } from "./world.ts";

/** Events of a replica: `a` is the sender, incarnation, timer or peer; see `handle`. */
export const replicaEvent = { frame: 0, request: 1, timer: 2, synced: 3, link: 4, started: 5 } as const;

/** A protocol that breaks its contract breaks it all the time: more would only bury the first. */
const reported = 10;

/** One replica and its machine: engine, disk, clock and timers; what a crash takes and what it leaves. */
export class SimulatedReplica implements Actor, EngineHost, Observer {
  readonly #world: World;
  readonly #self: ReplicaId;
  readonly #nearest: readonly ReplicaId[];
  readonly #disk: Disk;
  readonly #clock = new Clock();
  readonly #inbox: Inbox;
  #incarnation = 0;
  #engine: Engine | null = null;
  #timers: Timers;
  /** Null: work takes no time. */
  readonly #turn: Turn | null;
  /** Records that this life began with. */
  #inherited = 0;
  #violations = 0;

  constructor(world: World, self: ReplicaId) {
    const { topology, replicas, sync, costs } = world.settings;
    this.#world = world;
    this.#self = self;
    // Who is at work has not time for everybody: what goes to the nearest is spread among equals.
    this.#nearest = (costs === null ? nearestFirst : nearestSpread)(topology, replicas, self);
    this.#disk = new Disk(sync);
    const turns = costs && { wake: costs.wake, inputs: costs.inputs, cores: world.machine?.cores ?? null, work: () => this.#work(), end: () => this.#endTurn() };
    this.#inbox = new Inbox(world.queue, (kind, a, b, payload) => this.#take(kind, a, b, payload), turns);
    this.#turn = costs && new Turn(costs, replicas);
    this.#timers = this.#newTimers();
  }

  get up(): boolean {
    return this.#engine !== null;
  }

  /** Null while down. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** Starts the machine, or starts it again on the disk that is left: every other time on its compacted journal. */
  start(): void {
    const { protocol, protocolOptions, replicas, initialLeader, seed, batch } = this.#world.settings;
    const incarnation = this.#incarnation;
    this.#timers = this.#newTimers();
    const random = createRandom(seed, `replica ${this.#self}.${incarnation}`);
    const settings = { self: this.#self, replicas, nearest: this.#nearest, initialLeader, random, incarnation, batch };
    this.#world.hooks.trace?.started(this.#world.queue.now, this.#self);
    try {
      this.#engine = new Engine(protocol, protocolOptions, settings, this, this);
    } catch (error) {
      return this.#fail(error);
    }
    const compacts = createRandom(seed, `compaction ${this.#self}.${incarnation}`).below(2) === 0;
    this.#step((engine, now) => {
      engine.restore(this.#disk.records, now);
      const compacted = compacts && this.#disk.durable > 0 ? engine.compacted() : null;
      if (compacted !== null) this.#disk.replace([...compacted]);
      this.#inherited = this.#disk.durable;
      engine.start(now);
    });
    if (this.up && this.#turn !== null) this.#inbox.put(replicaEvent.started, 0, 0, null); // its first turn
  }

  /** Loses all but the durable part of the journal, and the first `kept` records of the rest. */
  crash(kept = 0): void {
    this.#world.hooks.trace?.crashed(this.#world.queue.now, this.#self, this.unsynced - kept);
    this.#engine = null;
    this.#incarnation++;
    this.#disk.crash(kept);
    this.#inbox.clear();
    this.#turn?.abort();
  }

  /** Up to now; null where work takes no time. */
  get work(): WorkDone | null {
    return this.#turn && { cpu: this.#turn.charged, done: this.#turn.work.snapshot() };
  }

  /** Records that a crash may lose. */
  get unsynced(): number {
    return this.#disk.unsynced;
  }

  /** Lets `crash` happen just before the next record becomes durable. */
  crashBeforeSync(crash: () => void): void {
    if (this.up) this.#disk.beforeSync = crash;
  }

  /** Of a replica that is down. */
  wipe(): void {
    this.#disk.wipe();
  }

  pause(time: Micros): void {
    if (this.up) this.#inbox.pause(this.#world.queue.now + time);
  }

  slow(each: Micros): void {
    this.#inbox.slow(each);
  }

  slowDisk(sync: Micros): void {
    this.#disk.sync = sync;
  }

  setClock(rate: number, jump: Micros): void {
    this.#clock.set(this.#world.queue.now, rate, jump);
    this.#timers.clockSet();
  }

  /** Ends what is wrong with the machine, short of its being down. */
  heal(): void {
    this.#disk.beforeSync = null;
    this.#disk.sync = this.#world.settings.sync;
    this.#inbox.heal();
    if (!this.#clock.isSound) this.setClock(1, 0);
  }

  /** From when on nothing is wrong with it; Infinity: somebody has to mend it. */
  get soundFrom(): Micros {
    const diskIsSound = this.#disk.beforeSync === null && this.#disk.sync === this.#world.settings.sync;
    return this.up && this.#clock.isSound && diskIsSound ? this.#inbox.soundFrom : Infinity;
  }

  /** What befalls the machine, whether or not the replica has time for it; the rest waits in the inbox. */
  handle(kind: number, a: number, b: number, payload: unknown): void {
    if (!this.up) return;
    switch (kind) {
      case replicaEvent.frame:
        if (this.#world.network.session(a, this.#self) !== b) return;
        break;
      case replicaEvent.timer:
        if (b !== this.#incarnation || !this.#timers.came(a)) return;
        break;
      case replicaEvent.synced:
        if (a !== this.#incarnation) return;
        if (this.#disk.beforeSync !== null) return this.#disk.beforeSync();
        this.#disk.endSync();
    }
    if (this.#inbox.open) this.#take(kind, a, b, payload);
    else this.#inbox.put(kind, a, b, payload);
  }

  // --- EngineHost ---

  transmit(to: ReplicaId, bytes: Uint8Array, length: number): void {
    const frame = this.#world.frames.copy(bytes, length);
    if (this.#turn === null) this.#send(to, frame);
    else this.#turn.send(to, frame);
  }

  append(bytes: Uint8Array, length: number): boolean {
    const { queue, hooks } = this.#world;
    hooks.trace?.persisted(queue.now, this.#self, bytes.subarray(0, length));
    this.#turn?.work.persisted(length);
    return this.#disk.append(bytes, length);
  }

  setTimer(timer: number, delay: Micros): void {
    this.#timers.set(timer, delay);
  }

  clearTimer(timer: number): void {
    this.#timers.clear(timer);
  }

  respond(client: number, sequence: number, result: OperationResult | null): void {
    if (this.#turn === null) this.#world.load.clients[client]!.replyFrom(this.#self, sequence, result);
    else this.#turn.reply(client, sequence, result);
  }

  // --- Observer ---

  decided(position: number, command: CommandId, attributes: readonly number[]): void {
    const { agreement, queue: { now }, hooks } = this.#world;
    hooks.trace?.decided(now, this.#self, position, command, attributes);
    agreement.decided(this.#self, position, command, attributes);
    hooks.trace?.complained(now, this.#self, agreement.violations);
  }

  committed(latency: Micros, requests: number): void {
    this.#world.recorder.latency("commit", this.#self, latency, requests);
  }

  executed(latency: Micros, requests: number): void {
    this.#world.recorder.latency("execute", this.#self, latency, requests);
  }

  applied(key: string, readOnly: boolean, client: number, sequence: number, further: boolean): void {
    const { ledger, queue, hooks } = this.#world;
    if (!further) this.#turn?.work.executed();
    hooks.trace?.executed(queue.now, this.#self, key, readOnly, client, sequence);
    ledger.executed(this.#self, key, readOnly, client, sequence, further);
    hooks.trace?.complained(queue.now, this.#self, ledger.violations);
  }

  scanned(client: number, sequence: number): void {
    const { ledger, queue, hooks } = this.#world;
    this.#turn?.work.executed();
    hooks.trace?.executed(queue.now, this.#self, null, true, client, sequence);
    ledger.scanned(this.#self, client, sequence);
    hooks.trace?.complained(queue.now, this.#self, ledger.violations);
  }

  violated(detail: string): void {
    if (++this.#violations > reported) return;
    this.#report("exactlyOnce", `replica ${this.#self}: ${detail}`);
  }

  noted(note: Note, value: number | undefined): void {
    const { queue: { now }, hooks, leaders } = this.#world;
    hooks.trace?.noted(now, this.#self, note, value ?? null);
    if (note === "leader") {
      this.#world.leader = this.#self;
      hooks.led?.(now, this.#self);
      if (value !== undefined) leaders.led(this.#self, this.#incarnation, value);
      hooks.trace?.complained(now, this.#self, leaders.violations);
    }
    this.#world.recorder.noted(note);
  }

  // --- Inside. ---

  /** An input is a step. Written out, without a function for each kind of input: the busiest lines of a simulation. */
  #take(kind: number, a: number, b: number, payload: unknown): void {
    if (kind === replicaEvent.timer && !this.#timers.fires(a)) return;
    const { queue, hooks: { trace } } = this.#world;
    const engine = this.#engine!;
    const now = this.#clock.read(queue.now);
    try {
      switch (kind) {
        case replicaEvent.frame: {
          const frame = payload as Uint8Array;
          trace?.delivered(queue.now, this.#self, frame);
          this.#turn?.work.received(a, frame.length);
          engine.receive(a, frame, 0, frame.length, now);
          break;
        }
        case replicaEvent.request:
          this.#world.asked = this.#self;
          trace?.received(queue.now, this.#self, payload as Request);
          this.#turn?.work.requested(requestBytes(payload as Request));
          engine.request(payload as Request, now);
          if (this.#turn === null) engine.propose();
          break;
        case replicaEvent.timer:
          trace?.timer(queue.now, this.#self, a);
          engine.timer(a, now);
          break;
        case replicaEvent.synced:
          trace?.synced(queue.now, this.#self);
          engine.durable(this.#disk.durable - this.#inherited, now);
          break;
        case replicaEvent.link:
          trace?.link(queue.now, this.#self, a, b === 1);
          engine.link(a, b === 1, now);
          break;
      }
      this.#endStep(engine);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What was taken is handed on, requests together; what it took in all. */
  #work(): Micros {
    this.#step((engine) => engine.propose());
    return this.#turn!.charge();
  }

  /** The time that the turn took is over: what it caused takes its way. */
  #endTurn(): void {
    const { frames, replies, executed } = this.#turn!.takeOutgoing();
    this.#world.machine?.executed(executed);
    this.#beginSync();
    for (const { to, frame } of frames) this.#send(to, frame);
    for (const { client, sequence, result } of replies) this.#world.load.clients[client]!.replyFrom(this.#self, sequence, result);
  }

  #send(to: ReplicaId, frame: Uint8Array): void {
    const { queue, network, recorder, hooks, replicas } = this.#world;
    recorder.sent(frame.length);
    hooks.sent?.(queue.now, this.#self, to, frame);
    // A command is handed over at most once: no protocol is asked to know one again by its name.
    const most = isHandover(frame[0]) ? 1 : 2;
    const path = network.path(this.#self, to);
    hooks.trace?.sent(queue.now, this.#self, to, queue.now + path.trip, frame);
    for (let copies = Math.min(path.copies(), most); copies > 0; copies--) {
      const arrival = path.arrival(queue.now);
      queue.push(arrival, replicas[to]!, replicaEvent.frame, this.#self, network.session(this.#self, to), frame);
    }
  }

  #newTimers(): Timers {
    const { queue, settings } = this.#world;
    const life = this.#incarnation;
    return new Timers(settings.protocol.timers.length, queue, this.#clock, (time, timer) =>
      queue.push(time, this, replicaEvent.timer, timer, life),
    );
  }

  /** After a step or turn: its records share a sync. */
  #beginSync(): void {
    if (!this.#disk.waiting) return;
    const { queue } = this.#world;
    this.#disk.beginSync();
    queue.push(queue.now + this.#disk.sync, this, replicaEvent.synced, this.#incarnation);
  }

  /** A step that is no input: a start, the end of a turn. */
  #step(step: (engine: Engine, now: Micros) => void): void {
    const engine = this.#engine!;
    try {
      step(engine, this.#clock.read(this.#world.queue.now));
      this.#endStep(engine);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** After each step: the protocol's own invariants. */
  #endStep(engine: Engine): void {
    engine.assertInvariants();
    if (this.#turn === null) this.#beginSync();
  }

  /** A replica that broke its own rules, or threw, must not go on: it stops here, and the run has failed. */
  #fail(error: unknown): void {
    const what = error instanceof InvariantError ? error.message : thrown(error);
    this.#report("invariants", `replica ${this.#self} at ${this.#world.queue.now} µs: ${what}`);
    this.crash();
  }

  #report(check: CheckName, detail: string): void {
    this.#world.violations.push({ check, detail });
    this.#world.hooks.trace?.violated(this.#world.queue.now, this.#self, check, detail);
  }
}

/** An exception and where it was thrown: file and line, without the folders of this machine. */
const thrown = (error: unknown): string => {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const place = /([^/\\(\s?]+)(?:\?\S*)?(:\d+):\d+\)?$/m.exec(error.stack ?? "");
  return `${error.name}: ${error.message}${place === null ? "" : ` (${place[1]}${place[2]})`}`;
};
