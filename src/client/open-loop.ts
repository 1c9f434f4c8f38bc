/**
 * An open loop: requests arrive when they arrive, whether or not earlier ones have been answered. Each of a client's open
 * requests is in a session of its own, one at a time: retries, exactly-once and histories are those of a closed loop.
 * Without I/O or clock of its own.
 */
import type { Micros } from "../core/ids.ts";
import type { OperationSource } from "../core/workload.ts";
import type { Arrivals, ArrivalSettings } from "./arrivals.ts";

export interface OpenLoopSettings extends ArrivalSettings {
  /** Most open requests of a client: what arrives beyond them is dropped. */
  readonly outstanding: number;
}

export interface OpenLoopHost {
  /** Lets the session at this place, which is idle, or new, send a request that was due at `intended`. */
  ask(place: number, intended: Micros): void;
  /** An arrival was not sent: its client has as many requests open as it may. */
  dropped(): void;
}

/** Session s of client c stands at place s × `stride` + c. */
export class OpenLoop {
  readonly #arrivals: Arrivals;
  readonly #stride: number;
  readonly #outstanding: number;
  readonly #host: OpenLoopHost;
  /** By client: places of sessions without a request, the one to be used next last. */
  readonly #idle: readonly number[][];
  /** By client: how many sessions there are. */
  readonly #sessions: Uint32Array;
  /** By client: the session whose request a closed-loop client would be waiting for. -1: none. */
  readonly #awaited: Int32Array;

  /** `arrivals`: at so many `clients`; at least as many is `stride`. */
  constructor(arrivals: Arrivals, clients: number, stride: number, outstanding: number, host: OpenLoopHost) {
    this.#arrivals = arrivals;
    this.#stride = stride;
    this.#outstanding = outstanding;
    this.#host = host;
    this.#idle = Array.from({ length: clients }, () => []);
    this.#sessions = new Uint32Array(clients);
    this.#awaited = new Int32Array(clients).fill(-1);
  }

  /** When the next request arrives. */
  get next(): Micros {
    return this.#arrivals.next;
  }

  start(now: Micros): void {
    this.#arrivals.start(now);
  }

  stop(): void {
    this.#arrivals.stop();
  }

  /** Sends what has arrived until `now`. */
  arrive(now: Micros): void {
    const arrivals = this.#arrivals;
    while (arrivals.next <= now) {
      const intended = arrivals.next;
      const client = arrivals.take();
      const place = this.#idle[client]!.pop() ?? this.#newSession(client);
      if (place < 0) {
        this.#host.dropped();
        continue;
      }
      if (this.#awaited[client]! < 0) this.#awaited[client] = place;
      this.#host.ask(place, intended);
    }
  }

  /**
   * The session's request is over. Answers whether a closed-loop client in place of this one would have sent it: it would
   * have sent nothing while it waited for an earlier one.
   */
  over(place: number): boolean {
    const client = place % this.#stride;
    this.#idle[client]!.push(place);
    if (this.#awaited[client] !== place) return false;
    this.#awaited[client] = -1;
    return true;
  }

  #newSession(client: number): number {
    const session = this.#sessions[client]!;
    if (session === this.#outstanding) return -1;
    this.#sessions[client] = session + 1;
    return session * this.#stride + client;
  }
}

/** One client's operations, for sessions that draw from them in turn: what a session at this slot draws from. */
export const shareable = (source: OperationSource): ((slot: number) => OperationSource) => {
  let sequence = 0;
  return (slot) => ({ next: () => source.next(sequence++, slot) });
};
