/**
 * An engine around a protocol that does nothing of its own: a test says what a step causes, and reads what came of it
 * as lines, in order. Inputs: `request 0.1`, `message 2: 7`, `timer tick`. What left: `to 1: 7`, `append 5`,
 * `respond 4.0 ok`. What observers saw: `committed 30`, `applied k 4.0`.
 */
import {
  command, commandName, createRandom, defineProtocol, uint, union,
  type Command, type CommandId, type Effects, type Env, type Infer, type OperationResult, type Replica, type ReplicaId,
} from "paxbench";
import { Reader, Writer } from "../../src/core/bytes.ts";
import { command as commandCodec } from "../../src/core/codec.ts";
import { Batch } from "../../src/engine/batch.ts";
import { Engine } from "../../src/engine/engine.ts";
import { isHandover, readHandover } from "../../src/engine/frames.ts";
import type { EngineHost, Observer } from "../../src/engine/host.ts";
import type { Request } from "../../src/engine/requests.ts";

export const messages = union({ word: { number: uint }, carry: { command } });
export const records = union({ mark: { number: uint } });
export type Message = Infer<typeof messages>;
type JournalRecord = Infer<typeof records>;
type TimerName = "tick" | "tock";

export const word = (number: number): Message => ({ type: "word", number });
export const mark = (number: number): JournalRecord => ({ type: "mark", number });

export const frameOf = (message: Message): Uint8Array => {
  const writer = new Writer();
  messages.write(writer, message);
  return writer.copy();
};

/** A frame of the engine's own: a command forwarded or rejected. */
export const commandFrame = (tag: number, value: Command): Uint8Array => {
  const writer = new Writer();
  writer.byte(tag);
  commandCodec.write(writer, value);
  return writer.copy();
};

export const commandOf = (id: CommandId, requests: readonly Request[]): Command => {
  const batch = new Batch(requests.length);
  for (const request of requests) batch.add(request, 0);
  return batch.take(id).command;
};

export interface PuppetSettings {
  readonly self?: ReplicaId;
  readonly replicas?: number;
  readonly incarnation?: number;
  readonly batch?: number;
  /** Records are durable once appended. */
  readonly instant?: boolean;
}

export class Puppet {
  readonly engine: Engine;
  readonly commands: Command[] = [];
  /** What an input causes; by default nothing. */
  onRequest: (command: Command) => void = () => {};
  onMessage: (from: ReplicaId, message: Message) => void = () => {};
  onTimer: (timer: TimerName) => void = () => {};
  onStart: () => void = () => {};
  env!: Env;
  effects!: Effects<Message, JournalRecord, TimerName>;
  replica!: Replica<Message, JournalRecord, TimerName>;
  #lines: string[] = [];

  constructor({ self = 0, replicas = 3, incarnation = 0, batch = 16, instant = true }: PuppetSettings = {}) {
    const protocol = defineProtocol({
      name: "puppet",
      title: "Puppet",
      summary: "",
      papers: [],
      messages,
      records,
      timers: ["tick", "tock"] as const,
      options: {},
      create: (env, effects: Effects<Message, JournalRecord, TimerName>) => {
        this.env = env;
        this.effects = effects;
        return (this.replica = this.#replica());
      },
    });
    const settings = {
      self, replicas, incarnation, batch, initialLeader: 0, random: createRandom(1, "puppet"),
      nearest: Array.from({ length: replicas }, (_, i) => (self + i) % replicas),
    };
    this.engine = new Engine(protocol, {}, settings, this.#host(instant), this.#observer());
  }

  /** What happened since the last call. */
  take(): string[] {
    return this.#lines.splice(0);
  }

  /** Requests that arrive together at `now`. */
  requests(now: number, ...requests: readonly Request[]): void {
    for (const request of requests) this.engine.request(request, now);
    this.engine.propose();
  }

  receive(from: ReplicaId, frame: Uint8Array, now = 0): void {
    this.engine.receive(from, frame, 0, frame.length, now);
  }

  #replica(): Replica<Message, JournalRecord, TimerName> {
    return {
      restore: (journal) => {
        for (const { number } of journal) this.#lines.push(`restore ${number}`);
      },
      start: () => this.onStart(),
      onRequest: (command) => {
        this.commands.push(command);
        this.#lines.push(`request ${commandName(command.id)}`);
        this.onRequest(command);
      },
      onMessage: (from, message) => {
        this.#lines.push(`message ${from}: ${textOf(message)}`);
        this.onMessage(from, message);
      },
      onTimer: (timer) => {
        this.#lines.push(`timer ${timer} at ${this.env.now}`);
        this.onTimer(timer);
      },
      onLink: (peer, up) => void this.#lines.push(`link ${peer} ${up ? "up" : "down"}`),
      status: () => ({}),
    };
  }

  #host(instant: boolean): EngineHost {
    return {
      transmit: (to, bytes, length) => void this.#lines.push(`to ${to}: ${textOfFrame(bytes.slice(0, length))}`),
      append: (bytes, length) => {
        this.#lines.push(`append ${records.read(new Reader(bytes.slice(0, length))).number}`);
        return instant;
      },
      setTimer: (timer, delay) => void this.#lines.push(`set ${timer} ${delay}`),
      clearTimer: (timer) => void this.#lines.push(`clear ${timer}`),
      respond: (client, sequence, result) => void this.#lines.push(`respond ${client}.${sequence} ${textOfResult(result)}`),
    };
  }

  #observer(): Observer {
    return {
      decided: (position, command, attributes) =>
        void this.#lines.push(["decided", position, commandName(command), ...attributes].join(" ")),
      committed: (latency, requests) => void this.#lines.push(`committed ${latency}${times(requests)}`),
      executed: (latency, requests) => void this.#lines.push(`executed ${latency}${times(requests)}`),
      applied: (key, readOnly, client, sequence, further) =>
        void this.#lines.push(`applied ${readOnly ? "read" : "write"} ${key} ${client}.${sequence}${further ? " too" : ""}`),
      scanned: (client, sequence) => void this.#lines.push(`scanned ${client}.${sequence}`),
      violated: (detail) => void this.#lines.push(`violated: ${detail}`),
      noted: (note, value) => void this.#lines.push(`noted ${note}${value === undefined ? "" : ` ${value}`}`),
    };
  }
}

const times = (requests: number): string => (requests === 1 ? "" : ` ×${requests}`);

const textOf = (message: Message): string => (message.type === "word" ? String(message.number) : commandName(message.command.id));

const textOfFrame = (frame: Uint8Array): string => {
  const reader = new Reader(frame);
  if (!isHandover(frame[0])) return textOf(messages.read(reader));
  const { type, command } = readHandover(reader);
  return `${type} ${commandName(command.id)}`;
};

const textOfResult = (result: OperationResult | null): string => {
  if (result === null) return "rejected";
  if ("entries" in result) return `ok ${result.entries.map(({ key, value }) => `${key}: ${value.join()}`).join("; ")}`;
  if ("results" in result) return result.ok ? `ok (${result.results.map(textOfResult).join("; ")})` : "failed";
  return result.value === null ? (result.ok ? "ok" : "failed") : `ok [${result.value.join()}]`;
};

/** Requests of clients, shortest names first. */
export const put = (client: number, sequence: number, key: string, ...value: number[]): Request => ({
  client, sequence, operation: { type: "put", key, value: Uint8Array.from(value) },
});
export const get = (client: number, sequence: number, key: string): Request => ({ client, sequence, operation: { type: "get", key } });
