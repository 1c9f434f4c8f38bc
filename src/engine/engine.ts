/**
 * Drives one replica: decodes its inputs, carries out its effects in order, holds back what must wait for the journal,
 * turns requests into commands and decided commands into replies. Without I/O, clock or chance of its own, so that
 * every host runs the same code around the same protocol.
 */
import { InvariantError } from "../core/assert.ts";
import { Reader, Writer } from "../core/bytes.ts";
import { commandIdOf, commandName, counterOf, noop, originOf, type Command, type CommandId } from "../core/command.ts";
import { command as commandCodec } from "../core/codec.ts";
import { hasReplica, firstReplicas, withoutReplica, type Micros, type ReplicaId, type ReplicaSet } from "../core/ids.ts";
import { IntervalSet } from "../core/interval-set.ts";
import { isReadOnly, keysOf } from "../core/operation.ts";
import type { Effects, Env, Note, Outbox, Protocol, Replica, Status, Tagged } from "../core/protocol.ts";
import type { Random } from "../core/random.ts";
import { Batch, type Arrival } from "./batch.ts";
import { forwardTag, isHandover, readHandover, rejectTag } from "./frames.ts";
import type { EngineHost, Observer } from "./host.ts";
import { readRequest, type Request } from "./requests.ts";
import { Sessions, type Session } from "./sessions.ts";
import { Store } from "./store.ts";

export interface EngineSettings {
  readonly self: ReplicaId;
  readonly replicas: number;
  /** All replicas by round trip from here, self first. */
  readonly nearest: readonly ReplicaId[];
  readonly initialLeader: ReplicaId;
  readonly random: Random;
  /** How often this replica was started before, on the same journal. */
  readonly incarnation: number;
  /** Requests that arrive together share a command, up to this many. */
  readonly batch: number;
}

/** Commands that one incarnation can make before it would use the next one's names. */
const commandsPerIncarnation = 2 ** 30;

const none: readonly number[] = [];

/** Commands that wait for their execution before it is looked whether they need to. */
const leastSwept = 4096;

/** That one input causes. */
const mostOwnMessages = 100_000;

const replicaMethods = ["restore", "start", "onRequest", "onMessage", "onTimer", "status"] as const;

/** A command of this replica's clients. */
interface Waiting {
  readonly command: Command;
  readonly arrivals: readonly Arrival[];
  committed: boolean;
}

/** A message that waits for the first `barrier` records to be durable. To self it stays an object. */
interface Held {
  readonly barrier: number;
  readonly to: ReplicaId;
  readonly frame: Uint8Array | null;
  readonly message: Tagged | null;
}

class MutableEnv implements Env {
  now: Micros = 0;
  readonly everyone: ReplicaSet;
  readonly others: ReplicaSet;
  readonly self: ReplicaId;
  readonly replicas: number;
  readonly nearest: readonly ReplicaId[];
  readonly initialLeader: ReplicaId;
  readonly random: Random;

  constructor(settings: EngineSettings) {
    this.self = settings.self;
    this.replicas = settings.replicas;
    this.everyone = firstReplicas(settings.replicas);
    this.others = withoutReplica(this.everyone, settings.self);
    this.nearest = settings.nearest;
    this.initialLeader = settings.initialLeader;
    this.random = settings.random;
  }
}

export class Engine implements Effects<Tagged, Tagged, string> {
  readonly ahead: Outbox<Tagged>;
  readonly #protocol: Protocol;
  readonly #host: EngineHost;
  readonly #observer: Observer;
  readonly #env: MutableEnv;
  readonly #replica: Replica<Tagged, Tagged, string>;
  readonly #timerNumbers: ReadonlyMap<string, number>;
  readonly #batch: Batch;
  readonly #scratch = new Writer();
  readonly #reader = new Reader(new Uint8Array(0));
  readonly #requestReader = new Reader(new Uint8Array(0));

  #persisted = 0;
  #durable = 0;
  #held: Held[] = [];
  #loopback: Tagged[] = [];

  readonly #store = new Store();
  readonly #sessions = new Sessions();
  /** Counters of executed commands, by origin. */
  readonly #executed: IntervalSet[];
  readonly #waiting = new Map<CommandId, Waiting>();
  #sweepAt = leastSwept;
  #nextCommand: number;

  constructor(protocol: Protocol, options: object, settings: EngineSettings, host: EngineHost, observer: Observer) {
    this.#protocol = protocol;
    this.#host = host;
    this.#observer = observer;
    this.#env = new MutableEnv(settings);
    this.#timerNumbers = new Map(protocol.timers.map((name, number) => [name, number]));
    this.#batch = new Batch(settings.batch);
    this.#executed = Array.from({ length: settings.replicas }, () => new IntervalSet());
    this.#nextCommand = settings.incarnation * commandsPerIncarnation + 1;
    this.ahead = {
      send: (to, message) => (to === this.#env.self ? this.#loopback.push(message) : this.#transmit(to, this.#encode(message))),
      broadcast: (to, message) => {
        if (hasReplica(to, this.#env.self)) this.#loopback.push(message);
        this.#transmitAll(to, this.#encode(message));
      },
    };
    this.#replica = protocol.create(this.#env, this, options);
    const missing = replicaMethods.find((method) => typeof this.#replica?.[method] !== "function");
    if (missing !== undefined) throw new TypeError(`${protocol.name}: what create returns has no method ${missing}`);
  }

  // --- Inputs. `now` is µs, monotonic. ---

  /** Comes first. */
  restore(journal: Iterable<Uint8Array>, now: Micros): void {
    this.#env.now = now;
    const { records } = this.#protocol;
    const decode = function* (): Generator<Tagged> {
      for (const record of journal) {
        const reader = new Reader(record);
        const value = records.read(reader);
        reader.expectDone();
        yield value;
      }
    };
    this.#replica.restore(decode());
  }

  /** Between `restore` and `start`: what can stand in place of the journal; null if the protocol does not say. */
  compacted(): Iterable<Uint8Array> | null {
    const compacted = this.#replica.compacted?.();
    if (compacted === undefined) return null;
    const { records } = this.#protocol;
    return (function* () {
      for (const record of compacted) {
        const writer = new Writer();
        records.write(writer, record);
        yield writer.copy();
      }
    })();
  }

  start(now: Micros): void {
    this.#env.now = now;
    this.#replica.start();
    this.#settle();
  }

  /** Takes a request in; `propose`, or the request that fills a command, hands it on together with those before. */
  request(request: Request, now: Micros): void {
    this.#env.now = now;
    const { client, sequence } = request;
    const session = this.#sessions.find(client);
    if (session?.executed(sequence)) {
      const result = session.result(sequence);
      if (result !== undefined) this.#host.respond(client, sequence, result);
      return;
    }
    this.#batch.add(request, now);
    if (this.#batch.full) this.propose();
  }

  propose(): void {
    if (this.#batch.empty) return;
    const { command, arrivals } = this.#batch.take(commandIdOf(this.#nextCommand++, this.#env.self));
    this.#waiting.set(command.id, { command, arrivals, committed: false });
    if (this.#waiting.size >= this.#sweepAt) this.#forgetLost();
    this.#replica.onRequest(command);
    this.#settle();
  }

  /** A frame of another replica: `bytes` from `start` to `end`. */
  receive(from: ReplicaId, bytes: Uint8Array, start: number, end: number, now: Micros): void {
    this.#env.now = now;
    const reader = this.#reader;
    reader.bytes = bytes;
    reader.position = start;
    reader.end = end;
    if (isHandover(bytes[start])) {
      const { type, command } = readHandover(reader);
      if (type === "forward") this.#replica.onRequest(command);
      else this.reject(command);
    } else {
      const message = this.#protocol.messages.read(reader);
      reader.expectDone();
      this.#replica.onMessage(from, message);
    }
    this.#settle();
  }

  timer(timer: number, now: Micros): void {
    this.#env.now = now;
    this.#replica.onTimer(this.#protocol.timers[timer]!);
    this.#settle();
  }

  link(peer: ReplicaId, up: boolean, now: Micros): void {
    this.#env.now = now;
    this.#replica.onLink?.(peer, up);
    this.#settle();
  }

  /** The first `records` records that were appended in this life are durable. */
  durable(records: number, now: Micros): void {
    this.#env.now = now;
    this.#durable = Math.max(this.#durable, records);
    let released = 0;
    while (released < this.#held.length && this.#held[released]!.barrier <= this.#durable) {
      const { to, frame, message } = this.#held[released++]!;
      if (message !== null) this.#loopback.push(message);
      else this.#host.transmit(to, frame!, frame!.length);
    }
    if (released > 0) this.#held = this.#held.slice(released);
    this.#settle();
  }

  digest(): string {
    return this.#store.digest();
  }

  status(): Status {
    return this.#replica.status();
  }

  /** Commands executed in this life, no-ops aside. */
  get executedCommands(): number {
    return this.#executed.reduce((sum, set) => sum + set.size, 0);
  }

  /** Throws an `InvariantError`. */
  assertInvariants(): void {
    this.#replica.assertInvariants?.();
  }

  // --- Effects. ---

  send(to: ReplicaId, message: Tagged): void {
    const local = to === this.#env.self;
    if (this.#persisted === this.#durable) {
      if (local) this.#loopback.push(message);
      else this.#transmit(to, this.#encode(message));
    } else {
      this.#hold(to, local ? null : this.#encode(message).copy(), local ? message : null);
    }
  }

  broadcast(to: ReplicaSet, message: Tagged): void {
    if (this.#persisted === this.#durable) return this.ahead.broadcast(to, message);
    const frame = this.#encode(message).copy();
    for (let replica = 0; replica < this.#env.replicas; replica++) {
      if (!hasReplica(to, replica)) continue;
      const local = replica === this.#env.self;
      this.#hold(replica, local ? null : frame, local ? message : null);
    }
  }

  persist(record: Tagged): void {
    const writer = this.#scratch.reset();
    this.#protocol.records.write(writer, record);
    const durable = this.#host.append(writer.bytes, writer.length);
    this.#persisted++;
    if (durable) this.#durable = this.#persisted;
  }

  setTimer(timer: string, delay: Micros): void {
    if (!(delay >= 0)) throw new RangeError(`setTimer("${timer}", ${delay}): a delay is a time from 0 on, in µs`);
    this.#host.setTimer(this.#timerNumber(timer), Math.round(delay));
  }

  clearTimer(timer: string): void {
    this.#host.clearTimer(this.#timerNumber(timer));
  }

  forward(to: ReplicaId, command: Command): void {
    this.#transmit(to, this.#encodeOwn(forwardTag, command));
  }

  commit(position: number, command: Command, attributes: readonly number[] = none): void {
    this.#observer.decided(position, command.id, attributes);
    this.#endCommitLatency(command);
  }

  execute(command: Command): void {
    if (command.id === noop.id) return;
    if (!this.#executed[originOf(command.id)]!.add(counterOf(command.id))) {
      const { operation } = readRequest(new Reader(command.payload));
      const on = keysOf(operation)?.map((key) => `key "${key}"`).join(", ") ?? "a scan";
      this.#observer.violated(`command ${commandName(command.id)} (${on}) executed twice`);
      return;
    }
    this.#endCommitLatency(command);
    const waiting = this.#waiting.get(command.id);
    const reader = this.#requestReader;
    reader.bytes = command.payload;
    reader.position = 0;
    reader.end = command.payload.length;
    while (!reader.done) {
      const request = readRequest(reader);
      const session = this.#sessions.of(request.client);
      this.#apply(request, session);
      if (waiting === undefined) continue;
      const result = session.result(request.sequence);
      if (result !== undefined) this.#host.respond(request.client, request.sequence, result);
    }
    if (waiting === undefined) return;
    this.#waiting.delete(command.id);
    for (const { at, requests } of waiting.arrivals) this.#observer.executed(this.#env.now - at, requests);
  }

  reject(command: Command): void {
    const origin = originOf(command.id);
    if (origin !== this.#env.self) return this.#transmit(origin, this.#encodeOwn(rejectTag, command));
    if (!this.#waiting.delete(command.id)) return;
    const reader = new Reader(command.payload);
    while (!reader.done) {
      const { client, sequence } = readRequest(reader);
      this.#host.respond(client, sequence, null);
    }
  }

  note(note: Note, value?: number): void {
    this.#observer.noted(note, value);
  }

  // --- Inside. ---

  #endCommitLatency(command: Command): void {
    const waiting = this.#waiting.get(command.id);
    if (waiting === undefined || waiting.committed) return;
    waiting.committed = true;
    for (const { at, requests } of waiting.arrivals) this.#observer.committed(this.#env.now - at, requests);
  }

  #apply({ client, sequence, operation }: Request, session: Session): void {
    if (session.executed(sequence)) return;
    session.record(sequence, this.#store.apply(operation));
    switch (operation.type) {
      case "scan":
        return this.#observer.scanned(client, sequence);
      case "txn":
        for (const [i, key] of keysOf(operation)!.entries()) {
          const readOnly = operation.operations.every((each) => each.key !== key || isReadOnly(each));
          this.#observer.applied(key, readOnly, client, sequence, i > 0);
        }
        return;
      default:
        this.#observer.applied(operation.key, isReadOnly(operation), client, sequence, false);
    }
  }

  /** A command may be lost on its way to who proposes it. Once its clients' retries are executed, nobody waits for it. */
  #forgetLost(): void {
    for (const [id, { command }] of this.#waiting) if (this.#allExecuted(command)) this.#waiting.delete(id);
    this.#sweepAt = Math.max(leastSwept, 2 * this.#waiting.size);
  }

  #allExecuted({ payload }: Command): boolean {
    const reader = new Reader(payload);
    while (!reader.done) {
      const { client, sequence } = readRequest(reader);
      if (this.#sessions.find(client)?.executed(sequence) !== true) return false;
    }
    return true;
  }

  /** Own messages are inputs like any other, each a step. */
  #settle(): void {
    let handled = 0;
    while (this.#loopback.length > 0) {
      const messages = this.#loopback;
      this.#loopback = [];
      handled += messages.length;
      if (handled > mostOwnMessages) throw new InvariantError(`${this.#protocol.name}: own messages cause own messages without end`);
      for (const message of messages) this.#replica.onMessage(this.#env.self, message);
    }
  }

  #encode(message: Tagged): Writer {
    const writer = this.#scratch.reset();
    this.#protocol.messages.write(writer, message);
    return writer;
  }

  #encodeOwn(tag: number, command: Command): Writer {
    const writer = this.#scratch.reset();
    writer.byte(tag);
    commandCodec.write(writer, command);
    return writer;
  }

  #transmit(to: ReplicaId, frame: Writer): void {
    if (!(to >= 0 && to < this.#env.replicas)) throw new RangeError(`no replica ${to}: there are 0 to ${this.#env.replicas - 1}`);
    this.#host.transmit(to, frame.bytes, frame.length);
  }

  #transmitAll(to: ReplicaSet, frame: Writer): void {
    for (let replica = 0; replica < this.#env.replicas; replica++) {
      if (hasReplica(to, replica) && replica !== this.#env.self) this.#transmit(replica, frame);
    }
  }

  #hold(to: ReplicaId, frame: Uint8Array | null, message: Tagged | null): void {
    this.#held.push({ barrier: this.#persisted, to, frame, message });
  }

  #timerNumber(timer: string): number {
    const number = this.#timerNumbers.get(timer);
    if (number === undefined) throw new TypeError(`${this.#protocol.name} has no timer "${timer}"`);
    return number;
  }
}
