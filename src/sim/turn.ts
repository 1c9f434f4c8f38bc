import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import type { Costs } from "./costs.ts";

export interface OutgoingFrame {
  readonly to: ReplicaId;
  readonly frame: Uint8Array;
}

export interface OutgoingReply {
  readonly client: number;
  readonly sequence: number;
  readonly result: OperationResult | null;
}

/** One turn of a replica whose work takes time: what it costs, and what is to leave when that time is over. */
export class Turn {
  readonly frames: OutgoingFrame[] = [];
  readonly replies: OutgoingReply[] = [];
  readonly #costs: Costs;
  /** The number of the clients' node: the replicas have those below. */
  readonly #clients: number;
  #work: number;
  /** Nodes as bits. */
  #read = 0;
  #written = 0;
  #persisted = false;

  /** `owed`: of the turn before, less than a µs. */
  constructor(costs: Costs, replicas: number, owed = 0) {
    this.#costs = costs;
    this.#clients = replicas;
    this.#work = owed + costs.turn;
  }

  received(from: ReplicaId, bytes: number): void {
    this.#readFrom(from);
    this.#work += this.#costs.receive + bytes * this.#costs.byte;
  }

  requested(): void {
    this.#readFrom(this.#clients);
    this.#work += this.#costs.request;
  }

  send(to: ReplicaId, frame: Uint8Array): void {
    this.frames.push({ to, frame });
    this.#writeTo(to);
    this.#work += this.#costs.send + frame.length * this.#costs.byte;
  }

  reply(client: number, sequence: number, result: OperationResult | null): void {
    this.replies.push({ client, sequence, result });
    this.#writeTo(this.#clients);
  }

  executed(): void {
    this.#work += this.#costs.execute;
  }

  persisted(bytes: number): void {
    if (!this.#persisted) this.#work += this.#costs.sync;
    this.#persisted = true;
    this.#work += this.#costs.record + bytes * this.#costs.byte;
  }

  /** In whole µs; the rest is the next turn's. */
  get work(): Micros {
    return Math.floor(this.#work);
  }

  get owed(): number {
    return this.#work - this.work;
  }

  #readFrom(node: number): void {
    if ((this.#read & (1 << node)) === 0) this.#work += this.#costs.read;
    this.#read |= 1 << node;
  }

  #writeTo(node: number): void {
    if ((this.#written & (1 << node)) === 0) this.#work += this.#costs.write;
    this.#written |= 1 << node;
  }
}
