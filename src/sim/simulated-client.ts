import { Client, type ClientHost, type Route } from "../client/client.ts";
import type { Micros, ReplicaId } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { OperationSource } from "../core/workload.ts";
import type { Request } from "../engine/requests.ts";
import { oneWay } from "../network/topology.ts";
import type { Actor } from "./event-queue.ts";
import { replicaEvent } from "./simulated-replica.ts";
import type { World } from "./world.ts";

const clientEvent = { start: 0, reply: 1, timer: 2 } as const;

/**
 * A client, or a session of one, at a site: no delay to the replica beside it, if there is one, the topology's to others; its
 * links are never cut.
 */
export class SimulatedClient implements Actor, ClientHost {
  readonly #world: World;
  readonly #number: number;
  readonly #site: number;
  readonly #client: Client;
  /** When its timer is due, and its place in that instant; Infinity: not set. */
  #deadline: Micros = Infinity;
  #order = 0;
  /** The event that looks whether it is due: most requests are answered, and their deadlines have none of their own. */
  #look: Micros = Infinity;
  #lookOrder = 0;
  #sentAt: Micros = 0;
  #completed = 0;
  #failed = false;

  constructor(world: World, number: number, site: number, route: Route, source: OperationSource) {
    const { requestTimeout } = world.settings;
    this.#world = world;
    this.#number = number;
    this.#site = site;
    this.#client = new Client(number, route, this.#recorded(source), requestTimeout, this);
  }

  /** Begins a closed loop, at that time. */
  start(at: Micros): void {
    this.#world.queue.push(at, this, clientEvent.start);
  }

  /** Before the load. */
  carryOut(operation: Operation): void {
    const { hooks, queue: { now } } = this.#world;
    hooks.history?.called(this.#number, operation, now);
    this.#client.carryOut(operation, now);
  }

  /** In an open loop. */
  ask(intended: Micros): void {
    const { recorder, queue: { now } } = this.#world;
    recorder.arrived(this.#site, now - intended);
    this.#client.ask(now, intended);
  }

  get busy(): boolean {
    return this.#client.busy;
  }

  get answered(): number {
    return this.#client.answered;
  }

  /** Its last request was given up. */
  get hasFailed(): boolean {
    return this.#failed;
  }

  stop(): void {
    this.#client.stop();
  }

  giveUp(): void {
    this.#client.giveUp();
  }

  handle(kind: number, a: number, b: number, payload: unknown): void {
    if (kind === clientEvent.timer && !this.#timerCame()) return;
    const { machine } = this.#world;
    if (machine === null) this.take(kind, a, b, payload);
    else machine.put(this, kind === clientEvent.reply ? b : null, kind, a, b, payload);
  }

  take(kind: number, a: number, b: number, payload: unknown): void {
    const { queue: { now }, hooks } = this.#world;
    switch (kind) {
      case clientEvent.start:
        return this.#client.start(now);
      case clientEvent.reply:
        hooks.trace?.replied(now, b, this.#number, a);
        return this.#client.reply(a, payload as OperationResult | null, now);
      case clientEvent.timer:
        if (this.#deadline > now) return; // cleared or set anew while its node was at work
        this.#deadline = Infinity;
        this.#client.timer();
    }
  }

  /** A replica answers: the reply travels to this client's site. */
  replyFrom(replica: ReplicaId, sequence: number, result: OperationResult | null): void {
    const { queue, settings, hooks } = this.#world;
    const arrival = Math.max(queue.now + oneWay(settings.topology, replica, this.#site), this.#sentAt + settings.shortestTurn);
    hooks.trace?.answered(queue.now, replica, this.#number, sequence, arrival, result);
    queue.push(arrival, this, clientEvent.reply, sequence, replica, result);
  }

  // --- ClientHost ---

  /** Nobody tells a client what is down. */
  reachable(): boolean {
    return true;
  }

  send(to: ReplicaId, request: Request): void {
    const { machine } = this.#world;
    if (machine === null) this.leaves(to, request);
    else machine.send(this, to, request);
  }

  leaves(to: ReplicaId, request: Request): void {
    const { queue, settings, replicas, hooks } = this.#world;
    this.#sentAt = queue.now;
    const arrival = queue.now + oneWay(settings.topology, this.#site, to);
    hooks.trace?.requested(queue.now, to, arrival, request);
    queue.push(arrival, replicas[to]!, replicaEvent.request, 0, 0, request);
  }

  setTimer(delay: Micros): void {
    const { queue } = this.#world;
    this.#deadline = queue.now + delay;
    this.#order = queue.reserve();
    this.#lookAtDeadline();
  }

  clearTimer(): void {
    this.#deadline = Infinity;
  }

  completed(operation: Operation, result: OperationResult, latency: Micros, shared: boolean, sinceSent: Micros): void {
    const { recorder, recovery, queue, hooks, settings, load } = this.#world;
    hooks.history?.returned(this.#number, result, queue.now);
    hooks.trace?.returned(queue.now, this.#number, operation, result);
    if (load.preparing) return load.prepared(this.#number);
    if (++this.#completed === settings.commands) this.#client.stop();
    if (load.openLoop?.over(this.#number) === true) recorder.coordinated(this.#site, sinceSent);
    recorder.completed(this.#site, latency, shared, queue.now);
    recovery.completed(queue.now);
  }

  failed(): void {
    this.#failed = true;
    this.#world.hooks.history?.failed(this.#number, this.#world.queue.now);
  }

  #timerCame(): boolean {
    const { now } = this.#world.queue;
    if (this.#look !== now) return false; // an earlier deadline was set since, and had an event of its own
    this.#look = Infinity;
    if (this.#deadline === now && this.#order === this.#lookOrder) return true;
    this.#lookAtDeadline();
    return false;
  }

  #lookAtDeadline(): void {
    if (this.#look <= this.#deadline) return;
    this.#look = this.#deadline;
    this.#lookOrder = this.#order;
    this.#world.queue.push(this.#deadline, this, clientEvent.timer, 0, 0, undefined, this.#order);
  }

  /** An operation is called in the moment in which its client draws it. */
  #recorded(source: OperationSource): OperationSource {
    const { history } = this.#world.hooks;
    if (history === undefined) return source;
    return {
      next: (sequence, slot) => {
        const draw = source.next(sequence, slot);
        history.called(this.#number, draw.operation, this.#world.queue.now);
        return draw;
      },
    };
  }
}
