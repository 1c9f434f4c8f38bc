import type { Micros, ReplicaId } from "../core/ids.ts";
import { createRandom, type Random } from "../core/random.ts";
import type { FaultEvent } from "../faults/bands.ts";
import { Injector, type FaultHost } from "../faults/injector.ts";
import type { Fault, FaultCounts, MachineFault, Unsynced } from "../faults/scenario.ts";
import type { Condition } from "../network/condition.ts";
import type { Actor } from "./event-queue.ts";
import { replicaEvent, type SimulatedReplica } from "./simulated-replica.ts";
import type { World } from "./world.ts";

/** Carries out a scenario's faults, and tells replicas what their connections would tell them. */
export class SimulatedFaults implements Actor, FaultHost {
  readonly #world: World;
  readonly #random: Random;
  readonly #injector: Injector;
  readonly #events: FaultEvent[] = [];
  /** When the measured window opens. */
  #opens: Micros = 0;

  constructor(world: World) {
    this.#world = world;
    const { seed, protocol } = world.settings;
    this.#random = createRandom(seed, "faults");
    this.#injector = new Injector(this, protocol.excludes);
  }

  /** The measured window opens then. */
  begin(opens: Micros): void {
    const { queue, settings } = this.#world;
    this.#opens = opens;
    for (const { at, fault } of settings.scenario?.steps ?? []) queue.push(opens + at, this, 0, 0, 0, fault);
  }

  /** What was carried out, and when: µs from the start of the measured window. */
  get told(): { readonly faults: FaultCounts; readonly excluded: FaultCounts; readonly faultEvents: readonly FaultEvent[] } {
    return { faults: this.#injector.injected, excluded: this.#injector.excluded, faultEvents: this.#events };
  }

  handle(_kind: number, _a: number, _b: number, payload: unknown): void {
    this.#injector.inject(payload as Fault);
  }

  /** The load is over. */
  end(): void {
    this.#injector.end();
  }

  // --- FaultHost ---

  get replicas(): number {
    return this.#world.settings.replicas;
  }

  get leader(): ReplicaId {
    return this.#world.leader ?? this.#world.settings.initialLeader;
  }

  get asked(): ReplicaId {
    return this.#world.asked ?? this.leader;
  }

  get sound(): boolean {
    return this.#soundFrom() < Infinity;
  }

  isUp(replica: ReplicaId): boolean {
    return this.#machine(replica).up;
  }

  crash(replica: ReplicaId, fate: Unsynced): void {
    const { replicas, network } = this.#world;
    const machine = this.#machine(replica);
    const { unsynced } = machine;
    machine.crash(fate === "lost" ? 0 : fate === "kept" ? unsynced : this.#random.below(unsynced + 1));
    for (const peer of replicas.keys()) {
      if (peer === replica) continue;
      // What the crashed replica sent before is on the wire and arrives; what was sent to it is lost.
      network.breakSession(peer, replica);
      this.#tellLink(peer, replica, false);
    }
  }

  wipe(replica: ReplicaId): void {
    this.#machine(replica).wipe();
  }

  restart(replica: ReplicaId): void {
    const { replicas, ledger } = this.#world;
    ledger.restart(replica);
    this.#machine(replica).start();
    for (const peer of replicas.keys()) if (peer !== replica) this.#tellLink(peer, replica, true);
  }

  befall(replica: ReplicaId, fault: MachineFault): void {
    const machine = this.#machine(replica);
    switch (fault.type) {
      case "crashBeforeSync":
        return machine.crashBeforeSync(() => {
          this.crash(replica, "lost");
          this.injected();
        });
      case "pause":
        return machine.pause(fault.for);
      case "slow":
        return machine.slow(fault.each);
      case "slowDisk":
        return machine.slowDisk(fault.sync);
      case "clock":
        return machine.setClock(fault.rate, fault.jump);
    }
  }

  healMachines(): void {
    for (const machine of this.#world.replicas) machine.heal();
  }

  impair(from: ReplicaId, to: ReplicaId, change: Partial<Condition>): void {
    this.#world.network.impair(from, to, change);
  }

  /** Whoever could not reach the other learns that a new connection stands: what was sent meanwhile is lost. */
  mend(from: ReplicaId, to: ReplicaId): void {
    const { network } = this.#world;
    const wasCut = network.isCut(from, to);
    network.heal(from, to);
    if (!wasCut) return;
    for (const [end, peer] of [[from, to], [to, from]] as const) {
      this.#tellLink(end, peer, false);
      this.#tellLink(end, peer, true);
    }
  }

  injecting(fault: Fault): void {
    this.#events.push({ at: this.#world.queue.now - this.#opens, fault });
    this.#world.hooks.trace?.injected(this.#world.queue.now, fault);
  }

  injected(): void {
    this.#world.recovery.changed(this.#soundFrom());
  }

  // --- Inside. ---

  #tellLink(replica: ReplicaId, peer: ReplicaId, up: boolean): void {
    const { queue, network, replicas } = this.#world;
    queue.push(queue.now + network.path(peer, replica).trip, replicas[replica]!, replicaEvent.link, peer, up ? 1 : 0);
  }

  /** From when on nothing is broken; Infinity: somebody has to mend it. */
  #soundFrom(): Micros {
    const { queue, network, replicas } = this.#world;
    return network.isSound ? Math.max(queue.now, ...replicas.map((machine) => machine.soundFrom)) : Infinity;
  }

  #machine(replica: ReplicaId): SimulatedReplica {
    return this.#world.replicas[replica]!;
  }
}
