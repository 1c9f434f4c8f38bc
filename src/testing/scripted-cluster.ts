/**
 * Replicas of one protocol with a network and clocks that a test moves by hand: every message waits until it is
 * delivered or dropped, every timer until it is fired. For schedules that a paper draws. Records are durable at once.
 */
import { commandIdOf, commandName, noop, type Command } from "../core/command.ts";
import { firstReplicas, membersOf, withoutReplica, type Micros, type ReplicaId } from "../core/ids.ts";
import { parseOptions } from "../core/option.ts";
import type { Effects, Env, Note, Protocol, Replica, Tagged } from "../core/protocol.ts";
import { createRandom } from "../core/random.ts";
import { copyOf } from "./codecs.ts";

export interface InFlight<M> {
  readonly from: ReplicaId;
  readonly to: ReplicaId;
  readonly message: M;
}

/** Which messages: all that is given must agree. */
export interface Match {
  readonly from?: ReplicaId;
  readonly to?: ReplicaId;
  readonly type?: string;
}

export interface Life<M, R, T extends string> {
  replica: Replica<M, R, T>;
  env: { -readonly [K in keyof Env]: Env[K] };
  readonly journal: R[];
  readonly timers: Map<T, Micros>;
  readonly committed: Command[];
  executed: Command[];
  readonly rejected: Command[];
  readonly notes: { readonly note: Note; readonly value: number }[];
  readonly forwarded: { readonly to: ReplicaId; readonly command: Command }[];
  up: boolean;
}

export class ScriptedCluster<M extends Tagged, R extends Tagged, T extends string, O> {
  readonly lives: Life<M, R, T>[] = [];
  /** Messages between different replicas, oldest first. */
  inFlight: InFlight<M>[] = [];
  readonly #protocol: Protocol<M, R, T, O>;
  readonly #options: O;
  readonly #replicas: number;
  #loopback: { readonly to: ReplicaId; readonly message: M }[] = [];
  #commands = 0;

  constructor(protocol: Protocol<M, R, T, O>, replicas: number, options: Readonly<Record<string, string>> = {}) {
    this.#protocol = protocol;
    this.#replicas = replicas;
    this.#options = parseOptions(protocol.name, protocol.options, new Map(Object.entries(options)));
    for (let self = 0; self < replicas; self++) {
      this.lives.push(this.#create(self, []));
    }
    for (const life of this.lives) life.replica.restore([]);
    for (const life of this.lives) life.replica.start();
    this.#settle();
  }

  /** A write of `key` (keys are any small numbers) that arrives at `replica`; returns its command. */
  request(replica: ReplicaId, key: number, { readOnly = false } = {}): Command {
    const command = { id: commandIdOf(++this.#commands, replica), readOnly, keys: [key], payload: new Uint8Array(0) };
    this.lives[replica]!.replica.onRequest(command);
    this.#settle();
    return command;
  }

  /** Delivers the oldest message that matches; fails when there is none. Messages to a crashed replica are lost. */
  deliver(match: Match = {}): InFlight<M> {
    const chosen = this.#take(match);
    if (chosen === undefined) throw new Error(`no message in flight matches ${JSON.stringify(match)}: ${this.describe()}`);
    const { replica, up } = this.lives[chosen.to]!;
    if (up) replica.onMessage(chosen.from, chosen.message);
    this.#settle();
    return chosen;
  }

  /** Delivers what matches, answers included, until nothing does. */
  deliverAll(match: Match = {}): void {
    for (let steps = 0; this.inFlight.some((message) => matches(message, match)); steps++) {
      if (steps > 100_000) throw new Error(`messages never cease: ${this.describe()}`);
      this.deliver(match);
    }
  }

  drop(match: Match = {}): number {
    const before = this.inFlight.length;
    this.inFlight = this.inFlight.filter((message) => !matches(message, match));
    return before - this.inFlight.length;
  }

  /** Time passes at every replica; no timer fires by itself. */
  pass(micros: Micros): void {
    for (const life of this.lives) life.env.now += micros;
  }

  /** Fires a timer that is set. */
  fire(replica: ReplicaId, timer: T): void {
    const life = this.lives[replica]!;
    if (!life.timers.delete(timer)) throw new Error(`replica ${replica} has not set "${timer}"`);
    life.replica.onTimer(timer);
    this.#settle();
  }

  link(replica: ReplicaId, peer: ReplicaId, up: boolean): void {
    this.lives[replica]!.replica.onLink?.(peer, up);
    this.#settle();
  }

  /** Loses everything but the journal; what it sent before is still in flight. */
  crash(replica: ReplicaId): void {
    this.lives[replica]!.up = false;
  }

  /** On its journal as the protocol compacts it, if it does: what a schedule shows then holds for that too. */
  restart(replica: ReplicaId): void {
    const whole = this.#restored(replica, this.lives[replica]!.journal);
    const compacted = whole.journal.length === 0 ? undefined : whole.replica.compacted?.();
    const life = compacted === undefined ? whole : this.#restored(replica, [...compacted]);
    this.lives[replica] = life;
    life.replica.start();
    this.#settle();
  }

  /** Names of what a replica executed in this life, in order. */
  executed(replica: ReplicaId): string[] {
    return this.lives[replica]!.executed.map(({ id }) => commandName(id));
  }

  describe(): string {
    const flights = this.inFlight.map(({ from, to, message }) => `${from}→${to} ${message.type}`).join(", ") || "nothing in flight";
    return `${flights}; ${this.lives.map(({ replica }) => JSON.stringify(replica.status())).join(" ")}`;
  }

  #take(match: Match): InFlight<M> | undefined {
    const at = this.inFlight.findIndex((message) => matches(message, match));
    return at < 0 ? undefined : this.inFlight.splice(at, 1)[0];
  }

  #restored(replica: ReplicaId, journal: R[]): Life<M, R, T> {
    const life = this.#create(replica, journal);
    life.replica.restore([...journal]);
    return life;
  }

  #create(self: ReplicaId, journal: R[]): Life<M, R, T> {
    const everyone = firstReplicas(this.#replicas);
    const env = {
      self,
      replicas: this.#replicas,
      everyone,
      others: withoutReplica(everyone, self),
      nearest: Array.from({ length: this.#replicas }, (_, i) => (self + i) % this.#replicas),
      initialLeader: 0,
      now: this.lives[self]?.env.now ?? 0,
      random: createRandom(1, `replica ${self}`),
    };
    const timers = new Map<T, Micros>();
    const life: Omit<Life<M, R, T>, "replica"> = {
      env, journal, timers, committed: [], executed: [], rejected: [], notes: [], forwarded: [], up: true,
    };
    const send = (to: ReplicaId, message: M): void => {
      if (to === self) this.#loopback.push({ to, message });
      else this.inFlight.push({ from: self, to, message: copyOf(this.#protocol.messages, message) });
    };
    const outbox: Pick<Effects<M, R, T>, "send" | "broadcast"> = {
      send,
      broadcast: (to, message) => membersOf(to).forEach((replica) => send(replica, message)),
    };
    const effects: Effects<M, R, T> = {
      ...outbox,
      ahead: outbox,
      persist: (record) => void journal.push(copyOf(this.#protocol.records, record)),
      setTimer: (timer, delay) => void timers.set(timer, env.now + delay),
      clearTimer: (timer) => void timers.delete(timer),
      forward: (to, command) => void life.forwarded.push({ to, command }),
      commit: (_position, command) => void life.committed.push(command),
      execute: (command) => void (command.id !== noop.id && life.executed.push(command)),
      reject: (command) => void life.rejected.push(command),
      note: (note, value = 0) => void life.notes.push({ note, value }),
    };
    return Object.assign(life, { replica: this.#protocol.create(env, effects, this.#options) });
  }

  #settle(): void {
    for (let next = this.#loopback.shift(); next !== undefined; next = this.#loopback.shift()) {
      const { replica, up } = this.lives[next.to]!;
      if (up) replica.onMessage(next.to, next.message);
    }
    for (const { replica, up } of this.lives) if (up) replica.assertInvariants?.();
  }
}

const matches = <M extends Tagged>({ from, to, message }: InFlight<M>, match: Match): boolean =>
  (match.from ?? from) === from && (match.to ?? to) === to && (match.type ?? message.type) === message.type;
