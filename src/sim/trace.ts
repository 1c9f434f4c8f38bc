import type { CheckName, Violation } from "../check/violation.ts";
import { Reader } from "../core/bytes.ts";
import { commandName, type CommandId } from "../core/command.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { Note, Protocol, Tagged } from "../core/protocol.ts";
import { readFrame } from "../engine/frames.ts";
import type { Request } from "../engine/requests.ts";
import type { Fault } from "../faults/scenario.ts";
import { contentOf, operationText, resultText } from "./trace-text.ts";

/** Whom something happens to: replicas are 0 … n-1, client c is n+c. */
export type Lane = number;

/** The lane of a fault, which may befall several. */
const nobody: Lane = -1;

/**
 * One thing that happened. An input begins a step of its replica, and what the step causes follows before the next
 * input. `message` is the place of its `sent` event: one that is sent and never delivered was lost, one that is
 * delivered twice was doubled.
 */
export type TraceEvent = { readonly at: Micros; readonly lane: Lane } & (
  | { readonly type: "started" | "synced" }
  | { readonly type: "delivered"; readonly message: number }
  | { readonly type: "timer"; readonly name: string }
  | { readonly type: "link"; readonly peer: ReplicaId; readonly up: boolean }
  /** `due`: when it arrives, or would if nothing came between. */
  | { readonly type: "sent"; readonly to: Lane; readonly due: Micros; readonly name: string; readonly content: string }
  | { readonly type: "persisted"; readonly name: string; readonly content: string }
  | { readonly type: "decided"; readonly position: number; readonly command: string; readonly attributes: readonly number[] }
  /** `key` null: all that is there. */
  | { readonly type: "executed"; readonly request: string; readonly key: string | null; readonly readOnly: boolean }
  | { readonly type: "noted"; readonly note: Note; readonly value: number | null }
  /** `lost`: records that were not durable. */
  | { readonly type: "crashed"; readonly lost: number }
  | { readonly type: "called"; readonly request: string; readonly operation: string }
  | { readonly type: "returned"; readonly result: string }
  /** As it was injected: who leads, and the like, resolved. */
  | { readonly type: "fault"; readonly fault: Fault }
  | { readonly type: "violated"; readonly check: CheckName; readonly detail: string }
);

/** A run as plain data. */
export interface TracedRun {
  readonly replicas: number;
  readonly clients: number;
  readonly events: readonly TraceEvent[];
}

/** Takes down a run as it happens, in words: plain data for a diagram. */
export class Trace {
  readonly events: TraceEvent[] = [];
  readonly #protocol: Protocol;
  readonly #replicas: number;
  /** What is under way, by the thing that travels: its last `sent`. */
  readonly #frames = new Map<Uint8Array, number>();
  readonly #requests = new Map<string, number>();
  /** Of each judge's complaints those that stand in the trace. */
  readonly #complaints = new Map<readonly Violation[], number>();
  readonly #operations = new Map<string, Operation>();

  constructor(protocol: Protocol, replicas: number) {
    this.#protocol = protocol;
    this.#replicas = replicas;
  }

  // --- Between replicas. ---

  sent(at: Micros, lane: ReplicaId, to: ReplicaId, due: Micros, frame: Uint8Array): void {
    this.#frames.set(frame, this.events.length);
    this.#push({ at, lane, type: "sent", to, due, ...this.#words(() => readFrame(this.#protocol, new Reader(frame))) });
  }

  delivered(at: Micros, lane: ReplicaId, frame: Uint8Array): void {
    this.#push({ at, lane, type: "delivered", message: this.#frames.get(frame)! });
  }

  // --- Between clients and replicas. ---

  requested(at: Micros, to: ReplicaId, due: Micros, request: Request): void {
    const { client, sequence, operation } = request;
    const [lane, name, text] = [this.#replicas + client, `${client}.${sequence}`, operationText(operation)];
    if (!this.#operations.has(name)) this.#push({ at, lane, type: "called", request: name, operation: text });
    this.#operations.set(name, operation);
    this.#requests.set(`${name}>${to}`, this.events.length);
    this.#sent(at, lane, to, due, "request", `${name} ${text}`);
  }

  received(at: Micros, lane: ReplicaId, { client, sequence }: Request): void {
    this.#push({ at, lane, type: "delivered", message: this.#requests.get(`${client}.${sequence}>${lane}`)! });
  }

  /** A reply leaves for `client`; `result` null: rejected. */
  answered(at: Micros, lane: ReplicaId, client: number, sequence: number, due: Micros, result: OperationResult | null): void {
    const request = `${client}.${sequence}`;
    this.#requests.set(`${request}<${lane}`, this.events.length);
    const content = `${request} ${resultText(this.#operations.get(request)!, result)}`;
    this.#sent(at, lane, this.#replicas + client, due, result === null ? "reject" : "reply", content);
  }

  /** The client takes the reply for its operation's. */
  returned(at: Micros, client: number, operation: Operation, result: OperationResult): void {
    this.#push({ at, lane: this.#replicas + client, type: "returned", result: resultText(operation, result) });
  }

  replied(at: Micros, from: ReplicaId, client: number, sequence: number): void {
    this.#push({ at, lane: this.#replicas + client, type: "delivered", message: this.#requests.get(`${client}.${sequence}<${from}`)! });
  }

  // --- At a replica. ---

  started(at: Micros, lane: ReplicaId): void {
    this.#push({ at, lane, type: "started" });
  }

  crashed(at: Micros, lane: ReplicaId, lost: number): void {
    this.#push({ at, lane, type: "crashed", lost });
  }

  timer(at: Micros, lane: ReplicaId, timer: number): void {
    this.#push({ at, lane, type: "timer", name: this.#protocol.timers[timer]! });
  }

  synced(at: Micros, lane: ReplicaId): void {
    this.#push({ at, lane, type: "synced" });
  }

  link(at: Micros, lane: ReplicaId, peer: ReplicaId, up: boolean): void {
    this.#push({ at, lane, type: "link", peer, up });
  }

  persisted(at: Micros, lane: ReplicaId, bytes: Uint8Array): void {
    this.#push({ at, lane, type: "persisted", ...this.#words(() => this.#protocol.records.read(new Reader(bytes))) });
  }

  decided(at: Micros, lane: ReplicaId, position: number, command: CommandId, attributes: readonly number[]): void {
    this.#push({ at, lane, type: "decided", position, command: commandName(command), attributes: [...attributes] });
  }

  executed(at: Micros, lane: ReplicaId, key: string | null, readOnly: boolean, client: number, sequence: number): void {
    this.#push({ at, lane, type: "executed", request: `${client}.${sequence}`, key, readOnly });
  }

  noted(at: Micros, lane: ReplicaId, note: Note, value: number | null): void {
    this.#push({ at, lane, type: "noted", note, value });
  }

  // --- Around them. ---

  injected(at: Micros, fault: Fault): void {
    this.#push({ at, lane: nobody, type: "fault", fault });
  }

  /** A judge complains about what a replica did. */
  violated(at: Micros, lane: ReplicaId, check: CheckName, detail: string): void {
    this.#push({ at, lane, type: "violated", check, detail });
  }

  /** A replica did something that a judge watches: `violations` are all that one has found so far. */
  complained(at: Micros, lane: ReplicaId, violations: readonly Violation[]): void {
    for (const { check, detail } of violations.slice(this.#complaints.get(violations) ?? 0)) this.violated(at, lane, check, detail);
    this.#complaints.set(violations, violations.length);
  }

  /** A judge complains about the reply that `client` got at that time, once the run is over. */
  refuted(at: Micros, client: number, check: CheckName, detail: string): void {
    const lane = this.#replicas + client;
    const next = this.events.findIndex((event) => event.at > at);
    const place = next === -1 ? this.events.length : next;
    this.events.splice(place, 0, { at, lane, type: "violated", check, detail });
  }

  /** A wrong protocol may write what cannot be read; to see it must not change the run. */
  #words(read: () => Tagged): { readonly name: string; readonly content: string } {
    try {
      const tagged = read();
      return { name: tagged.type, content: contentOf(tagged) };
    } catch (error) {
      return { name: "unreadable", content: String(error) };
    }
  }

  #sent(at: Micros, lane: Lane, to: Lane, due: Micros, name: string, content: string): void {
    this.#push({ at, lane, type: "sent", to, due, name, content });
  }

  #push(event: TraceEvent): void {
    this.events.push(event);
  }
}
