import type { ReplicaId } from "../core/ids.ts";
import type { Actor } from "./event-queue.ts";
import type { Fault, Target } from "./scenario.ts";
import { replicaEvent } from "./simulated-replica.ts";
import type { World } from "./world.ts";

/** Carries out a scenario's faults, and tells replicas what their connections would tell them. */
export class FaultInjector implements Actor {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
    const { scenario, warmup } = world.settings;
    for (const { at, fault } of scenario?.steps ?? []) world.queue.push(warmup + at, this, 0, 0, 0, fault);
  }

  handle(_kind: number, _a: number, _b: number, payload: unknown): void {
    const fault = payload as Fault;
    switch (fault.type) {
      case "crash":
        return this.#crash(this.#resolve(fault.replica));
      case "restart":
        return this.#restart(fault.replica);
      case "cut":
        return this.#cut(this.#resolve(fault.from), this.#resolve(fault.to));
      case "isolate":
        return this.#isolate(this.#resolve(fault.replica));
      case "heal":
        return this.healAll();
    }
  }

  /** Whoever could not reach the other learns that a new connection stands: what was sent meanwhile is lost. */
  healAll(): void {
    const { network, settings } = this.#world;
    for (let from = 0; from < settings.replicas; from++) {
      for (let to = 0; to < settings.replicas; to++) {
        if (!network.isCut(from, to)) continue;
        network.heal(from, to);
        for (const [end, peer] of [[from, to], [to, from]] as const) {
          this.#tellLink(end, peer, false);
          this.#tellLink(end, peer, true);
        }
      }
    }
  }

  /** No replica has a link to itself, whatever a scenario's words come to mean. */
  #cut(from: ReplicaId, to: ReplicaId): void {
    if (from !== to) this.#world.network.cut(from, to);
  }

  #isolate(replica: ReplicaId): void {
    for (const peer of this.#world.replicas.keys()) {
      this.#cut(replica, peer);
      this.#cut(peer, replica);
    }
  }

  #crash(replica: ReplicaId): void {
    const { replicas, network } = this.#world;
    if (!replicas[replica]!.up) return;
    replicas[replica]!.crash();
    for (const peer of replicas.keys()) {
      if (peer === replica) continue;
      // What the crashed replica sent before is on the wire and arrives; what was sent to it is lost.
      network.breakSession(peer, replica);
      this.#tellLink(peer, replica, false);
    }
  }

  #restart(which: ReplicaId | "all"): void {
    const { replicas, ledger } = this.#world;
    for (const [replica, machine] of replicas.entries()) {
      if (machine.up || (which !== "all" && which !== replica)) continue;
      ledger.restart(replica);
      machine.start();
      for (const peer of replicas.keys()) if (peer !== replica) this.#tellLink(peer, replica, true);
    }
  }

  #tellLink(replica: ReplicaId, peer: ReplicaId, up: boolean): void {
    const { queue, network, replicas } = this.#world;
    queue.push(queue.now + network.delay(peer, replica), replicas[replica]!, replicaEvent.link, peer, up ? 1 : 0);
  }

  #resolve(target: Target): ReplicaId {
    if (typeof target === "number") return target;
    const { leader, settings, replicas } = this.#world;
    const leading = leader ?? settings.initialLeader;
    if (target === "leader") return leading;
    const follower = replicas.findIndex((replica, id) => id !== leading && replica.up);
    return follower < 0 ? leading : follower;
  }
}
