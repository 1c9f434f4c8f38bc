/**
 * A closed-loop client: one request open at a time, the next one sent when the reply is in. A request without a reply
 * is sent again under the same name, to the next replica: the session in the engine makes it take effect once.
 * Without I/O or clock of its own, as a replica is.
 */
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { OperationSource } from "../core/workload.ts";
import type { Request } from "../engine/requests.ts";

export interface ClientHost {
  send(to: ReplicaId, request: Request): void;
  /** One timer a client: setting it moves it. */
  setTimer(delay: Micros): void;
  clearTimer(): void;
  /** `latency` in µs, from the intended send. */
  completed(operation: Operation, result: OperationResult, latency: Micros, shared: boolean): void;
}

/** After a definite no: the replica said that it cannot take the request now. */
const rejectedPause: Micros = 10_000;

export class Client {
  readonly #number: number;
  /** Replicas in the order in which they are tried. */
  readonly #replicas: readonly ReplicaId[];
  readonly #source: OperationSource;
  readonly #timeout: Micros;
  readonly #host: ClientHost;
  #sequence = 0;
  #open: Request | null = null;
  #shared = false;
  #intended: Micros = 0;
  #attempt = 0;
  #stopped = false;

  constructor(number: number, replicas: readonly ReplicaId[], source: OperationSource, timeout: Micros, host: ClientHost) {
    this.#number = number;
    this.#replicas = replicas;
    this.#source = source;
    this.#timeout = timeout;
    this.#host = host;
  }

  /** True while a request is open: its outcome is not known. */
  get busy(): boolean {
    return this.#open !== null;
  }

  /** Sends the first request. */
  start(now: Micros): void {
    this.#next(now);
  }

  /** No new requests; an open one is still pursued. */
  stop(): void {
    this.#stopped = true;
  }

  /** `result` null: rejected. Replies to earlier attempts are welcome, replies to earlier requests ignored. */
  reply(sequence: number, result: OperationResult | null, now: Micros): void {
    const open = this.#open;
    if (open === null || sequence !== open.sequence) return;
    if (result === null) return this.#host.setTimer(rejectedPause);
    this.#open = null;
    this.#host.clearTimer();
    this.#host.completed(open.operation, result, now - this.#intended, this.#shared);
    this.#next(now);
  }

  /** The open request waited long enough, here or after a rejection: on to the next replica. */
  timer(): void {
    if (this.#open === null) return;
    this.#attempt++;
    this.#send(this.#open);
  }

  #next(now: Micros): void {
    if (this.#stopped) return;
    const sequence = this.#sequence++;
    const { operation, shared } = this.#source.next(sequence);
    this.#open = { client: this.#number, sequence, operation };
    this.#shared = shared;
    this.#intended = now;
    this.#attempt = 0;
    this.#send(this.#open);
  }

  #send(request: Request): void {
    this.#host.setTimer(this.#timeout);
    this.#host.send(this.#replicas[this.#attempt % this.#replicas.length]!, request);
  }
}
