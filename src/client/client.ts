/**
 * A client with one request open at a time: in a closed loop the next one is sent when the reply is in, in an open loop
 * when it arrives (`open-loop.ts`). A request without a reply is sent again under the same name, to the next replica: the
 * session in the engine makes it take effect once. Without I/O or clock of its own, as a replica is.
 */
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { OperationSource } from "../core/workload.ts";
import type { Request } from "../engine/requests.ts";

export interface ClientHost {
  /** False: a request to this replica would be lost for sure. */
  reachable(replica: ReplicaId): boolean;
  send(to: ReplicaId, request: Request): void;
  /** One timer a client: setting it moves it. */
  setTimer(delay: Micros): void;
  clearTimer(): void;
  /** Latencies: from the intended send, and from the first send that came of it. */
  completed(operation: Operation, result: OperationResult, latency: Micros, shared: boolean, sinceSent: Micros): void;
  /** The open request was given up, and took no effect: a definite no. */
  failed(): void;
}

/** Whom a client asks first: the replica nearest to it, or the one that was asked to lead first, as clients of a leader do. */
export type Ask = "nearest" | "leader";

/** Replicas in the order in which a client tries them. `nearest`: all, by distance from it. */
export const askOrder = (ask: Ask, leader: ReplicaId, nearest: readonly ReplicaId[]): readonly ReplicaId[] =>
  ask === "nearest" ? nearest : [leader, ...nearest.filter((replica) => replica !== leader)];

/** After a definite no: the replica said that it cannot take the request now. */
const rejectedPause: Micros = 10_000;

/** A client that was let down stays with the replica that answered for this many timeouts: a try in vain costs one. */
const stay = 10;

/** Clients start within this time, so that they do not march in step. */
export const startSpread: Micros = 100_000;

/** Whom a client asks. Its sessions share it: what one has found out, the others need not. */
export class Route {
  /** In the order in which they are tried. */
  readonly replicas: readonly ReplicaId[];
  /** In `replicas`: where requests go first. */
  preferred = 0;
  /** When it was found that the nearest replica does not answer but another one does. */
  away: Micros | null = null;

  constructor(replicas: readonly ReplicaId[]) {
    this.replicas = replicas;
  }
}

export class Client {
  readonly #number: number;
  readonly #route: Route;
  readonly #source: OperationSource;
  readonly #timeout: Micros;
  readonly #host: ClientHost;
  #sequence = 0;
  #answered = 0;
  #open: Request | null = null;
  /** Attempts at the open request that were not rejected: any of them may have taken effect, or may yet. */
  #outstanding = 0;
  #shared = false;
  #intended: Micros = 0;
  #sent: Micros = 0;
  /** In the route's replicas: where the open request went. */
  #place = 0;
  /** The open request was rejected there, which says nothing about the next one. */
  #rejected = false;
  /** Asks for the next one as soon as it has its answer. */
  #loops = false;
  #stopped = false;
  #givenUp = false;

  constructor(number: number, route: Route, source: OperationSource, timeout: Micros, host: ClientHost) {
    this.#number = number;
    this.#route = route;
    this.#source = source;
    this.#timeout = timeout;
    this.#host = host;
  }

  /** True while a request is open: its outcome is not known. */
  get busy(): boolean {
    return this.#open !== null;
  }

  /** Requests that were answered; unless one was abandoned, all those with a lower sequence number. */
  get answered(): number {
    return this.#answered;
  }

  /** Begins a closed loop with its first request. */
  start(now: Micros): void {
    this.#loops = true;
    this.#next(now, now);
  }

  /** One request, `intended` to be sent then. There must be none open. */
  ask(now: Micros, intended: Micros): void {
    this.#next(now, intended);
  }

  /** One request that is none of its workload's: preparation. There must be none open. */
  carryOut(operation: Operation, now: Micros): void {
    this.#begin(operation, false, now, now);
  }

  /** No new requests; an open one is still pursued. */
  stop(): void {
    this.#stopped = true;
  }

  /** No further attempt. The open request fails once every attempt at it is rejected; until then its outcome is not known. */
  giveUp(): void {
    this.#stopped = true;
    this.#givenUp = true;
    this.#host.clearTimer();
    this.#failIfRejected();
  }

  /** `result` null: rejected. Replies to earlier attempts are welcome, replies to earlier requests ignored. */
  reply(sequence: number, result: OperationResult | null, now: Micros): void {
    const open = this.#open;
    if (open === null || sequence !== open.sequence) return;
    if (result === null) {
      this.#outstanding--;
      if (this.#givenUp) return this.#failIfRejected();
      this.#rejected = true;
      return this.#host.setTimer(rejectedPause);
    }
    this.#rejected = false;
    this.#open = null;
    this.#answered++;
    this.#host.clearTimer();
    this.#host.completed(open.operation, result, now - this.#intended, this.#shared, now - this.#sent);
    if (this.#loops) this.#next(now, now);
  }

  /** Nobody will ever tell what became of the open request. */
  abandon(now: Micros): void {
    this.#open = null;
    this.#rejected = false;
    this.#host.clearTimer();
    if (this.#loops) this.#next(now, now);
  }

  /** Nothing that was sent to this replica will be answered: an open request goes on to the next one now. */
  lost(replica: ReplicaId): void {
    if (this.#open !== null && !this.#givenUp && this.#route.replicas[this.#place] === replica) this.#send(this.#open, this.#place);
  }

  /** The open request waited long enough, here or after a rejection: on to the next replica. */
  timer(): void {
    if (this.#open === null || this.#givenUp) return;
    const next = (this.#place + 1) % this.#route.replicas.length;
    if (!this.#rejected) {
      this.#route.preferred = next;
      this.#route.away = null;
    }
    this.#rejected = false;
    this.#send(this.#open, next);
  }

  #next(now: Micros, intended: Micros): void {
    if (this.#stopped) return;
    const { operation, shared } = this.#source.next(this.#sequence);
    this.#begin(operation, shared, now, intended);
  }

  #begin(operation: Operation, shared: boolean, now: Micros, intended: Micros): void {
    this.#open = { client: this.#number, sequence: this.#sequence++, operation };
    this.#outstanding = 0;
    this.#shared = shared;
    this.#intended = intended;
    this.#sent = now;
    const route = this.#route;
    if (route.preferred !== 0 && now - (route.away ??= now) > stay * this.#timeout) route.preferred = 0;
    this.#send(this.#open, route.preferred);
  }

  #failIfRejected(): void {
    if (this.#open === null || this.#outstanding > 0) return;
    this.#open = null;
    this.#host.failed();
  }

  /** To the replica at `place`, or the next one that can be reached. */
  #send(request: Request, place: number): void {
    const { replicas } = this.#route;
    const count = replicas.length;
    for (let skipped = 1; skipped < count && !this.#host.reachable(replicas[place]!); skipped++) place = (place + 1) % count;
    this.#place = place;
    this.#outstanding++;
    this.#host.setTimer(this.#timeout);
    this.#host.send(replicas[place]!, request);
  }
}
