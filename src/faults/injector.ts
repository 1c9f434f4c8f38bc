import { invariant } from "../core/assert.ts";
import { firstReplicas, membersOf, withoutReplica, type ReplicaId } from "../core/ids.ts";
import type { FaultKind } from "../core/protocol.ts";
import type { Condition } from "../network/condition.ts";
import type { Fault, FaultCounts, Link, MachineFault, Target, Unsynced } from "./scenario.ts";

/** Whom faults befall: a simulated cluster or a live one. */
export interface FaultHost {
  readonly replicas: number;
  /** The replica that last said it leads; before that the one that was asked to. */
  readonly leader: ReplicaId;
  /** The replica that last took a client's request. */
  readonly asked: ReplicaId;
  /** False: a heal would mend something. */
  readonly sound: boolean;
  isUp(replica: ReplicaId): boolean;
  /** Of a replica that is up. */
  crash(replica: ReplicaId, unsynced: Unsynced): void;
  /** Empties the disk of a replica that is down. */
  wipe(replica: ReplicaId): void;
  /** Of a replica that is down. */
  restart(replica: ReplicaId): void;
  befall(replica: ReplicaId, fault: MachineFault): void;
  /** Ends what is wrong with machines, short of their being down. */
  healMachines(): void;
  /** Makes `change` the link's condition in what it names. */
  impair(from: ReplicaId, to: ReplicaId, change: Partial<Condition>): void;
  mend(from: ReplicaId, to: ReplicaId): void;
  /** A fault, with replicas by number, is about to be carried out. */
  injecting(fault: Fault): void;
  /** It was. */
  injected(): void;
}

/** Without a word from the protocol: most keep promises, and a disk that forgets them breaks any of those. */
const excludedByDefault: readonly FaultKind[] = ["wipe"];

/** What the words of a scenario mean: whom a fault befalls, which links are to be touched, what a protocol is spared. */
export class Injector {
  readonly injected: FaultCounts = {};
  /** Left out, since the protocol's model excludes them. */
  readonly excluded: FaultCounts = {};
  readonly #host: FaultHost;
  readonly #excludes: readonly string[];

  constructor(host: FaultHost, excludes: readonly FaultKind[] = excludedByDefault) {
    this.#host = host;
    this.#excludes = excludes;
  }

  inject(fault: Fault): void {
    const excluded = this.#excludes.includes(fault.type);
    const counts = excluded ? this.excluded : this.injected;
    counts[fault.type] = (counts[fault.type] ?? 0) + 1;
    if (!excluded) this.#carryOut(fault);
  }

  /** The load is over: whatever the scenario left broken, replicas that are down aside, is mended. */
  end(): void {
    if (!this.#host.sound) this.#carryOut({ type: "heal" });
  }

  #carryOut(fault: Fault): void {
    this.#host.injecting(this.#resolved(fault));
    this.#inject(fault);
    this.#host.injected();
  }

  #inject(fault: Fault): void {
    const host = this.#host;
    switch (fault.type) {
      case "crash":
        for (const replica of this.#ends(fault.replica)) this.#crash(replica, fault.unsynced);
        return;
      case "restart":
        return this.#restart(this.#ends(fault.replica));
      case "wipe": {
        const replica = this.#resolve(fault.replica);
        this.#crash(replica);
        host.wipe(replica);
        return this.#restart([replica]);
      }
      case "crashBeforeSync":
      case "pause":
      case "slow":
      case "slowDisk":
      case "clock":
        return host.befall(this.#resolve(fault.replica), fault);
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
          if (!kept) host.impair(from, to, { cut: true });
        }
        return;
      }
      case "heal":
        if (fault.from !== undefined && fault.to !== undefined) return this.#mend({ from: fault.from, to: fault.to });
        this.#mend({ from: "all", to: "all" });
        return host.healMachines();
    }
  }

  #crash(replica: ReplicaId, unsynced: Unsynced = "lost"): void {
    if (this.#host.isUp(replica)) this.#host.crash(replica, unsynced);
  }

  #restart(replicas: readonly ReplicaId[]): void {
    for (const replica of replicas) if (!this.#host.isUp(replica)) this.#host.restart(replica);
  }

  #impair(link: Link, change: Partial<Condition>): void {
    for (const [from, to] of this.#links(link)) this.#host.impair(from, to, change);
  }

  #mend(link: Link): void {
    for (const [from, to] of this.#links(link)) this.#host.mend(from, to);
  }

  /** No replica has a link to itself, whatever a scenario's words come to mean. */
  #links({ from, to }: Link): (readonly [from: ReplicaId, to: ReplicaId])[] {
    const receivers = this.#ends(to);
    return this.#ends(from).flatMap((sender) =>
      receivers.filter((receiver) => receiver !== sender).map((receiver) => [sender, receiver] as const),
    );
  }

  #ends(end: Target | "all"): ReplicaId[] {
    return end === "all" ? membersOf(firstReplicas(this.#host.replicas)) : [this.#resolve(end)];
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
    const { replicas, leader, asked } = this.#host;
    if (target === "leader") return leader;
    if (target === "asked") return asked;
    const followers = membersOf(withoutReplica(firstReplicas(replicas), leader));
    if (target === "follower") return followers.find((id) => this.#host.isUp(id)) ?? leader;
    const follower = followers[Number(target.slice("follower".length)) - 1];
    invariant(follower !== undefined, `a cluster of ${replicas} has a ${target}`);
    return follower;
  }
}
