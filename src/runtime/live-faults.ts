import type { Micros, ReplicaId } from "../core/ids.ts";
import type { FaultKind } from "../core/protocol.ts";
import type { FaultEvent } from "../faults/bands.ts";
import { Injector, type FaultHost } from "../faults/injector.ts";
import type { Fault, FaultCounts, MachineFault, Step } from "../faults/scenario.ts";
import { sound, type Condition } from "../network/condition.ts";
import type { Cluster } from "./cluster.ts";

/** What is to befall a run, as far as it can be done in real time. */
export interface FaultPlan {
  readonly steps: readonly Step[];
  /** As in `Protocol`. */
  readonly excludes?: readonly FaultKind[] | undefined;
}

/** What came of it. */
export interface LiveFaultsOutcome {
  readonly faults: FaultCounts;
  readonly excluded: FaultCounts;
  /** From the start of the measured window. A restart stands where its replica was up again. */
  readonly faultEvents: readonly FaultEvent[];
}

interface Pause {
  readonly until: Micros;
  readonly timer: NodeJS.Timeout;
}

/** Carries out a scenario's faults on a live cluster, each at its time, and tells clients from when on nothing is broken. */
export class LiveFaults implements FaultHost {
  readonly replicas: number;
  leader: ReplicaId;
  readonly #cluster: Cluster;
  readonly #steps: readonly Step[];
  readonly #injector: Injector;
  readonly #events: FaultEvent[] = [];
  readonly #down = new Set<ReplicaId>();
  /** Restarted, and not yet heard of. */
  readonly #starting = new Set<ReplicaId>();
  readonly #paused = new Map<ReplicaId, Pause>();
  /** Of links that something is wrong with: by sender, by receiver. */
  readonly #conditions: readonly Map<ReplicaId, Condition>[];
  #timers: readonly NodeJS.Timeout[] = [];
  #began = 0;

  constructor({ steps, excludes }: FaultPlan, replicas: number, initialLeader: ReplicaId, cluster: Cluster) {
    this.replicas = replicas;
    this.leader = initialLeader;
    this.#cluster = cluster;
    this.#steps = steps;
    this.#injector = new Injector(this, excludes);
    this.#conditions = Array.from({ length: replicas }, () => new Map());
  }

  get outcome(): LiveFaultsOutcome {
    return { faults: this.#injector.injected, excluded: this.#injector.excluded, faultEvents: this.#events };
  }

  /** Replicas that must be up once those that were restarted have come. */
  get expected(): number {
    return this.replicas - this.#down.size;
  }

  /** The measured window begins. */
  begin(): void {
    this.#began = performance.now();
    this.#timers = this.#steps.map(({ at, fault }) => setTimeout(() => this.#injector.inject(fault), at / 1000));
  }

  /** The load is over: steps that are still to come do not. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#injector.end();
  }

  /** The run is. */
  stop(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { timer } of this.#paused.values()) clearTimeout(timer);
  }

  /** It is down, and none of the steps did it. */
  lost(replica: ReplicaId): void {
    this.#endPause(replica);
    this.#starting.delete(replica);
    this.#down.add(replica);
    this.injected();
  }

  /** A replica that was to be restarted is there. */
  restarted(replica: ReplicaId): void {
    if (!this.#starting.delete(replica)) return;
    this.#events.push({ at: this.#now(), fault: { type: "restart", replica } });
    this.injected();
  }

  // --- FaultHost ---

  /** Who was asked last, only clients know. */
  get asked(): ReplicaId {
    return this.leader;
  }

  get sound(): boolean {
    return this.#paused.size === 0 && this.#conditions.every((links) => links.size === 0);
  }

  isUp(replica: ReplicaId): boolean {
    return !this.#down.has(replica);
  }

  /** What a kill leaves is what the replica had written. */
  crash(replica: ReplicaId): void {
    this.#endPause(replica);
    this.#starting.delete(replica);
    this.#down.add(replica);
    this.#cluster.machines!.kill(replica);
  }

  wipe(): never {
    throw new Error("no wipe in real time");
  }

  restart(replica: ReplicaId): void {
    this.#down.delete(replica);
    this.#starting.add(replica);
    this.#cluster.machines!.restart(replica);
  }

  befall(replica: ReplicaId, fault: MachineFault): void {
    if (fault.type !== "pause") throw new Error(`no ${fault.type} in real time`);
    if (!this.isUp(replica)) return;
    const until = this.#now() + fault.for;
    const pause = this.#paused.get(replica);
    if (pause !== undefined && pause.until >= until) return;
    clearTimeout(pause?.timer);
    this.#cluster.machines!.pause(replica);
    const ends = (): void => {
      this.#resume(replica);
      this.injected();
    };
    this.#paused.set(replica, { until, timer: setTimeout(ends, fault.for / 1000) });
  }

  healMachines(): void {
    for (const replica of this.#paused.keys()) this.#resume(replica);
  }

  impair(from: ReplicaId, to: ReplicaId, change: Partial<Condition>): void {
    const links = this.#conditions[from]!;
    const condition = { ...(links.get(to) ?? sound), ...change };
    links.set(to, condition);
    this.#cluster.impose(from, [{ to, condition }]);
  }

  mend(from: ReplicaId, to: ReplicaId): void {
    if (this.#conditions[from]!.delete(to)) this.#cluster.impose(from, [{ to, condition: sound }]);
  }

  injecting(fault: Fault): void {
    if (fault.type !== "restart") this.#events.push({ at: this.#now(), fault });
  }

  injected(): void {
    this.#cluster.tellSound(this.sound && this.#down.size + this.#starting.size === 0);
  }

  // --- Inside. ---

  #resume(replica: ReplicaId): void {
    this.#endPause(replica);
    this.#cluster.machines!.resume(replica);
  }

  #endPause(replica: ReplicaId): void {
    clearTimeout(this.#paused.get(replica)?.timer);
    this.#paused.delete(replica);
  }

  #now(): Micros {
    return Math.round((performance.now() - this.#began) * 1000);
  }
}
