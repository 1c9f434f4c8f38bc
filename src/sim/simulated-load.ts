import { Arrivals } from "../client/arrivals.ts";
import { askOrder, Route, startSpread } from "../client/client.ts";
import { OpenLoop, shareable, type OpenLoopHost } from "../client/open-loop.ts";
import { Preparing, type CarryOut } from "../client/preparing.ts";
import type { Micros } from "../core/ids.ts";
import { createRandom } from "../core/random.ts";
import type { OperationSource } from "../core/workload.ts";
import { clientSites, nearestFirst } from "../network/topology.ts";
import type { Actor } from "./event-queue.ts";
import { SimulatedClient } from "./simulated-client.ts";
import type { World } from "./world.ts";

/** All clients of a run, and in an open loop what arrives at them. */
export class SimulatedLoad implements Actor, OpenLoopHost {
  /** In an open loop each session is one, and those that were never needed are holes. */
  readonly clients: SimulatedClient[] = [];
  /** Null: a closed loop. */
  readonly openLoop: OpenLoop | null;
  readonly #world: World;
  /** Null: the workload wants nothing to be there before. */
  readonly #preparing: Preparing | null;
  /** In a closed loop, by client: after the beginning of the load. */
  readonly #starts: Micros[] = [];
  /** By client, in an open loop: what its sessions share. */
  readonly #shares: { readonly site: number; readonly route: Route; readonly sourceAt: (slot: number) => OperationSource }[] = [];

  constructor(world: World) {
    const { openLoop, topology, replicas, initialLeader, clientsPerSite, ask, seed, workload, workloadOptions } = world.settings;
    const sites = clientSites(topology, replicas);
    const count = sites.length * clientsPerSite;
    this.#world = world;
    for (let client = 0; client < count; client++) {
      const site = sites[client % sites.length]!;
      const random = createRandom(seed, `client ${client}`);
      this.#starts.push(random.below(startSpread));
      const source = workload.create({ client, clients: count, site: client % sites.length, sites: sites.length, random }, workloadOptions);
      const route = new Route(askOrder(ask, initialLeader, nearestFirst(topology, replicas, site)));
      if (openLoop !== null) this.#shares.push({ site, route, sourceAt: shareable(source) });
      else this.clients.push(new SimulatedClient(world, client, site, route, source));
    }
    this.openLoop = openLoop && new OpenLoop(new Arrivals(openLoop, 1, count, createRandom(seed, "arrivals 0")), count, count, openLoop.outstanding, this);
    const preparation = workload.prepare?.(workloadOptions);
    this.#preparing = preparation === undefined ? null : new Preparing(preparation, Array.from({ length: count }, (_, client) => client), count);
  }

  /** What must be there before the load is still being carried out, once it has begun. */
  get preparing(): boolean {
    return this.#preparing !== null && !this.#preparing.over;
  }

  /** 0 … 1. */
  get shareOfPreparation(): number {
    return this.#preparing === null ? 1 : this.#preparing.done / this.#preparing.count;
  }

  prepare(): void {
    this.#preparing?.begin(this.#carryOut);
  }

  /** A client, or in an open loop its first session, has carried out one thing more. */
  prepared(client: number): void {
    this.#preparing!.answered(client, this.#carryOut);
  }

  /** The load. */
  begin(at: Micros): void {
    if (this.openLoop === null) for (const [client, start] of this.#starts.entries()) this.clients[client]!.start(at + start);
    this.openLoop?.start(at);
    this.#awaitArrival();
  }

  stop(): void {
    this.openLoop?.stop();
    for (const client of this.#made) client.stop();
  }

  giveUp(): void {
    for (const client of this.#made) client.giveUp();
  }

  /** Requests that were given up. */
  get failed(): number {
    return this.#made.reduce((sum, client) => sum + (client.hasFailed ? 1 : 0), 0);
  }

  /** Requests that were answered. */
  get answered(): number {
    return this.#made.reduce((sum, client) => sum + client.answered, 0);
  }

  /** Open requests. */
  get open(): number {
    return this.#made.reduce((sum, client) => sum + (client.busy ? 1 : 0), 0);
  }

  /** The next request is due. */
  handle(): void {
    const { machine } = this.#world;
    if (machine === null) this.take();
    else machine.put(this, null, 0, 0, 0, null);
  }

  take(): void {
    this.openLoop!.arrive(this.#world.queue.now);
    this.#awaitArrival();
  }

  // --- OpenLoopHost ---

  ask(place: number, intended: Micros): void {
    (this.clients[place] ??= this.#session(place)).ask(intended);
  }

  dropped(): void {
    this.#world.recorder.dropped();
  }

  // --- Inside. ---

  readonly #carryOut: CarryOut = (client, operation) => (this.clients[client] ??= this.#session(client)).carryOut(operation);

  #session(place: number): SimulatedClient {
    const count = this.#shares.length;
    const { site, route, sourceAt } = this.#shares[place % count]!;
    return new SimulatedClient(this.#world, place, site, route, sourceAt(Math.floor(place / count)));
  }

  get #made(): readonly SimulatedClient[] {
    return this.clients.filter(() => true);
  }

  #awaitArrival(): void {
    const next = this.openLoop?.next ?? Infinity;
    if (next < Infinity) this.#world.queue.push(next, this, 0);
  }
}
