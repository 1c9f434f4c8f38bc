import { invariant } from "../core/assert.ts";
import { firstReplicas, membersOf, withoutReplica, type Micros, type ReplicaId } from "../core/ids.ts";
import type { FaultKind } from "../core/protocol.ts";
import { createRandom, type Random } from "../core/random.ts";
import type { Condition } from "../network/condition.ts";
import type { Actor } from "./event-queue.ts";
import type { Fault, FaultCounts, Link, Target, Unsynced } from "./scenario.ts";
import { replicaEvent, type SimulatedReplica } from "./simulated-replica.ts";
import type { World } from "./world.ts";

/** Without a word from the protocol: most keep promises, and a disk that forgets them breaks any of those. */
const excludedByDefault: readonly FaultKind[] = ["wipe"];

/** Carries out a scenario's faults, and tells replicas what their connections would tell them. */
export class FaultInjector implements Actor {
  readonly injected: FaultCounts = {};
  /** Left out, since the protocol's model excludes them. */
  readonly excluded: FaultCounts = {};
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World) {
    this.#world = world;
    const { scenario, warmup, seed } = world.settings;
    this.#random = createRandom(seed, "faults");
    for (const { at, fault } of scenario?.steps ?? []) world.queue.push(warmup + at, this, 0, 0, 0, fault);
  }

  handle(_kind: number, _a: number, _b: number, payload: unknown): void {
    const fault = payload as Fault;
    const excludes: readonly string[] = this.#world.settings.protocol.excludes ?? excludedByDefault;
    const excluded = excludes.includes(fault.type);
    const counts = excluded ? this.excluded : this.injected;
    counts[fault.type] = (counts[fault.type] ?? 0) + 1;
    if (excluded) return;
    this.#world.hooks.trace?.injected(this.#world.queue.now, this.#resolved(fault));
    this.#inject(fault);
    this.#assess();
  }

  /** The load is over: whatever the scenario left broken, replicas that are down aside, is mended. */
  end(): void {
    if (this.#soundFrom() < Infinity) return;
    this.#world.hooks.trace?.injected(this.#world.queue.now, { type: "heal" });
    this.#heal();
    this.#assess();
  }

  #inject(fault: Fault): void {
    const { network } = this.#world;
    switch (fault.type) {
      case "crash":
        for (const replica of this.#ends(fault.replica)) this.#crash(replica, fault.unsynced);
        return;
      case "crashBeforeSync": {
        const replica = this.#resolve(fault.replica);
        return this.#machine(replica).crashBeforeSync(() => {
          this.#crash(replica);
          this.#assess();
        });
      }
      case "restart":
        return this.#restart(fault.replica);
      case "wipe":
        return this.#wipe(this.#resolve(fault.replica));
      case "pause":
        return this.#machine(this.#resolve(fault.replica)).pause(fault.for);
      case "slow":
        return this.#machine(this.#resolve(fault.replica)).slow(fault.each);
      case "slowDisk":
        return this.#machine(this.#resolve(fault.replica)).slowDisk(fault.sync);
      case "clock":
        return this.#machine(this.#resolve(fault.replica)).setClock(fault.rate, fault.jump);
      case "cut":
        return this.#impair(fault, { cut: true });
      case "loss":
      case "duplicate":
      case "reorder":
        return this.#impair(fault, { [fault.type]: fault.share });
      case "delay":
        return this.#impair(fault, { delay: fault.extra });
      case "isolate": {
        const replica = this.#resolve(fault.replica);
        this.#impair({ from: replica, to: "all" }, { cut: true });
        return this.#impair({ from: "all", to: replica }, { cut: true });
      }
      case "only": {
        const pairs = fault.pairs.map(([a, b]) => [this.#resolve(a), this.#resolve(b)] as const);
        for (const [from, to] of this.#links({ from: "all", to: "all" })) {
          const kept = pairs.some(([a, b]) => (a === from && b === to) || (a === to && b === from));
          if (!kept) network.impair(from, to, { cut: true });
        }
        return;
      }
      case "heal":
        if (fault.from === undefined || fault.to === undefined) return this.#heal();
        return this.#mend({ from: fault.from, to: fault.to });
    }
  }

  #impair(link: Link, change: Partial<Condition>): void {
    for (const [from, to] of this.#links(link)) this.#world.network.impair(from, to, change);
  }

  #heal(): void {
    this.#mend({ from: "all", to: "all" });
    for (const machine of this.#world.replicas) machine.heal();
  }

  /** Whoever could not reach the other learns that a new connection stands: what was sent meanwhile is lost. */
  #mend(link: Link): void {
    const { network } = this.#world;
    for (const [from, to] of this.#links(link)) {
      const wasCut = network.isCut(from, to);
      network.heal(from, to);
      if (!wasCut) continue;
      for (const [end, peer] of [[from, to], [to, from]] as const) {
        this.#tellLink(end, peer, false);
        this.#tellLink(end, peer, true);
      }
    }
  }

  #crash(replica: ReplicaId, unsynced: Unsynced = "lost"): void {
    const { replicas, network } = this.#world;
    const machine = this.#machine(replica);
    if (!machine.up) return;
    machine.crash(this.#kept(machine, unsynced));
    for (const peer of replicas.keys()) {
      if (peer === replica) continue;
      // What the crashed replica sent before is on the wire and arrives; what was sent to it is lost.
      network.breakSession(peer, replica);
      this.#tellLink(peer, replica, false);
    }
  }

  #kept({ unsynced }: SimulatedReplica, fate: Unsynced): number {
    return fate === "lost" ? 0 : fate === "kept" ? unsynced : this.#random.below(unsynced + 1);
  }

  #wipe(replica: ReplicaId): void {
    this.#crash(replica);
    this.#machine(replica).wipe();
    this.#restart(replica);
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
    queue.push(queue.now + network.path(peer, replica).trip, replicas[replica]!, replicaEvent.link, peer, up ? 1 : 0);
  }

  #assess(): void {
    this.#world.recovery.changed(this.#soundFrom());
  }

  /** From when on nothing is broken; Infinity: somebody has to mend it. */
  #soundFrom(): Micros {
    const { queue, network, replicas } = this.#world;
    return network.isSound ? Math.max(queue.now, ...replicas.map((machine) => machine.soundFrom)) : Infinity;
  }

  /** No replica has a link to itself, whatever a scenario's words come to mean. */
  #links({ from, to }: Link): (readonly [from: ReplicaId, to: ReplicaId])[] {
    const receivers = this.#ends(to);
    return this.#ends(from).flatMap((sender) =>
      receivers.filter((receiver) => receiver !== sender).map((receiver) => [sender, receiver] as const),
    );
  }

  #ends(end: Target | "all"): ReplicaId[] {
    return end === "all" ? [...this.#world.replicas.keys()] : [this.#resolve(end)];
  }

  #machine(replica: ReplicaId): SimulatedReplica {
    return this.#world.replicas[replica]!;
  }

  /** With replicas by number, for whoever was not there. */
  #resolved(fault: Fault): Fault {
    const end = <T extends Target | "all">(target: T): ReplicaId | T => (target === "all" ? target : this.#resolve(target));
    if ("replica" in fault) return { ...fault, replica: end(fault.replica) } as Fault;
    if ("from" in fault && "to" in fault) return { ...fault, from: end(fault.from), to: end(fault.to) };
    return fault.type === "only" ? { ...fault, pairs: fault.pairs.map(([a, b]) => [end(a), end(b)]) } : fault;
  }

  #resolve(target: Target): ReplicaId {
    if (typeof target === "number") return target;
    const { leader, asked, settings, replicas } = this.#world;
    const leading = leader ?? settings.initialLeader;
    if (target === "leader") return leading;
    if (target === "asked") return asked ?? leading;
    const followers = membersOf(withoutReplica(firstReplicas(settings.replicas), leading));
    if (target === "follower") return followers.find((id) => replicas[id]!.up) ?? leading;
    const follower = followers[Number(target.slice("follower".length)) - 1];
    invariant(follower !== undefined, `a cluster of ${settings.replicas} has a ${target}`);
    return follower;
  }
}
