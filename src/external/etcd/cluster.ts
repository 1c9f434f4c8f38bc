import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Micros, ReplicaId } from "../../core/ids.ts";
import { ClientsHost, type Carry } from "../../runtime/clients-host.ts";
import type { Cluster, ClusterListener, Machines } from "../../runtime/cluster.ts";
import { loadWorkload } from "../../runtime/modules.ts";
import { phase, type Phase } from "../../runtime/phase.ts";
import type { RunSettings } from "../../runtime/settings.ts";
import type { Reply } from "../../transport/replies.ts";
import { ClientsPlace } from "../clients-place.ts";
import type { ExternalUse } from "../external.ts";
import { Programs } from "../programs.ts";
import { Courier, type CourierListener } from "./courier.ts";
import { Gateway } from "./gateway.ts";
import { digestOf, latestRevision, leaderOf, membersOf, moveLeader, ready } from "./members.ts";
import { removalOf } from "./operations.ts";

/** ms in which members must be ready; they may not be, on a machine that is busy. */
const startLimit = 25_000;
/** ms between two looks at whether all members have the same state. */
const interval = 50;
/** ms that it may take to remove what the run wrote. */
const removalLimit = 5000;

/** A cluster of etcd as nodes of a run: members that it starts itself, or those of a running one. */
export class EtcdCluster implements Cluster, Machines, CourierListener {
  readonly #settings: RunSettings;
  readonly #use: ExternalUse;
  readonly #scratch: string;
  readonly #listener: ClusterListener;
  /** Of this run alone: keys start absent. */
  readonly #prefix = `paxbench/${randomUUID()}/`;
  readonly #place: ClientsPlace;
  #gateways: readonly Gateway[] = [];
  #courier: Courier | null = null;
  /** Null: the members are somebody else's. */
  #programs: Programs | null = null;
  readonly #killed = new Set<ReplicaId>();
  #settling = false;
  #ending = false;

  constructor(settings: RunSettings, use: ExternalUse, scratch: string, listener: ClusterListener) {
    this.#settings = settings;
    this.#use = use;
    this.#scratch = scratch;
    this.#listener = listener;
    this.#place = new ClientsPlace(
      (member) => this.#courier!.reaches(member),
      // No ledger of ours sees what members execute: it has nothing to compare with what clients were told.
      (report) => listener.reported(settings.replicas, report.type === "drained" ? { ...report, answered: [] } : report),
    );
    this.#start().catch((error: unknown) => listener.failed("etcd", error));
  }

  // --- Cluster ---

  get running(): number {
    return this.#ending ? 0 : 1;
  }

  get completed(): number {
    return this.#place.completed;
  }

  enter(entered: Phase): void {
    if (entered === phase.start) this.#tellOfMembers("started");
    this.#place.enter(entered);
    this.#settling = entered === phase.settle;
    if (this.#settling) void this.#settle();
    if (entered !== phase.stop) return;
    this.#ending = true;
    this.#listener.changed();
  }

  tellSound(sound: boolean): void {
    this.#place.turn((clients) => clients.toldSound(sound));
  }

  get machines(): Machines | null {
    return this.#programs === null ? null : this;
  }

  impose(): void {
    throw new Error("etcd's links are not paxbench's to break"); // no plan asks for it
  }

  async terminate(): Promise<void> {
    this.#ending = true;
    this.#settling = false;
    this.#place.close();
    if (this.#programs === null && this.#courier !== null) {
      const { path, body } = removalOf(this.#prefix);
      for (const gateway of this.#gateways) if ((await gateway.ask(path, body, removalLimit)) !== null) break;
    }
    for (const gateway of this.#gateways) gateway.close();
    await this.#programs?.end();
  }

  // --- Machines ---

  kill(member: ReplicaId): void {
    if (this.#killed.has(member)) return;
    this.#killed.add(member);
    this.#programs?.signal(member, "SIGKILL");
  }

  restart(member: ReplicaId): void {
    if (this.#killed.has(member)) void this.#restart(member);
  }

  pause(member: ReplicaId): void {
    this.#programs?.signal(member, "SIGSTOP");
  }

  resume(member: ReplicaId): void {
    this.#programs?.signal(member, "SIGCONT");
  }

  // --- CourierListener ---

  get now(): Micros {
    return Math.floor(performance.now() * 1000);
  }

  answered(reply: Reply): void {
    this.#place.turn((clients) => clients.answered(reply));
  }

  abandoned(client: number): void {
    this.#place.turn((clients) => clients.abandoned(client));
  }

  refused(member: ReplicaId, reason: string): void {
    this.#listener.failed(`etcd member ${member}`, new Error(reason));
  }

  // --- Inside. ---

  async #start(): Promise<void> {
    const { replicas, workload, initialLeader } = this.#settings;
    const module = await loadWorkload(workload);
    const endpoints = this.#use.endpoints ?? (await this.#startMembers(replicas));
    this.#gateways = endpoints.map((endpoint) => new Gateway(endpoint));
    const began = performance.now();
    const over = (): boolean => this.#ending || performance.now() - began > startLimit;
    const up = await Promise.all(this.#gateways.map((gateway) => ready(gateway, over)));
    if (this.#ending) return;
    const late = up.indexOf(false);
    if (late >= 0) throw new Error(`member ${late} (${endpoints[late]}) is not ready within ${startLimit / 1000} s`);
    if (this.#programs !== null) await moveLeader(this.#gateways, initialLeader);
    this.#courier = new Courier(this.#gateways, this.#prefix, this);
    this.#place.open(new ClientsHost(this.#place, 0, this.#settings, module, uncounted(this.#courier.carry)));
    this.#tellOfMembers("loaded");
    this.#place.report({ type: "loaded" });
    if (this.#settings.faults !== null) void this.#watchLeader();
  }

  async #startMembers(count: number): Promise<readonly string[]> {
    const { endpoints, programs } = await membersOf(this.#use.file!, count, this.#scratch);
    if (this.#ending) return endpoints;
    const ended = (member: number, how: string): void => {
      if (this.#killed.has(member)) this.#listener.killed(member);
      else if (!this.#ending) this.#listener.failed(`etcd member ${member}`, new Error(how));
    };
    this.#programs = new Programs(programs, ended, (reason) => this.#listener.failed("etcd", reason));
    return endpoints;
  }

  async #restart(member: ReplicaId): Promise<void> {
    await this.#programs!.start(member);
    this.#killed.delete(member);
    if (await ready(this.#gateways[member]!, () => this.#ending || this.#killed.has(member))) this.#listener.restarted(member);
  }

  /** Tells who leads, whenever that is somebody else: faults may be meant for the leader. */
  async #watchLeader(): Promise<void> {
    for (let last = -1; !this.#ending; await sleep(interval)) {
      const leader = await leaderOf(this.#gateways);
      if (leader === null || leader.member === last || this.#ending) continue;
      last = leader.member;
      this.#listener.reported(last, { type: "led", ballot: leader.term });
    }
  }

  #tellOfMembers(type: "loaded" | "started"): void {
    for (let member = 0; member < this.#settings.replicas; member++) this.#listener.reported(member, { type });
  }

  /** Tells of each member's state, all at one revision, until all have told or the run goes on. */
  async #settle(): Promise<void> {
    const revision = await latestRevision(this.#gateways);
    const told = new Set<ReplicaId>();
    while (this.#settling && told.size < this.#gateways.length) {
      for (const [member, gateway] of this.#gateways.entries()) {
        if (told.has(member) || this.#killed.has(member)) continue;
        const digest = await digestOf(gateway, revision);
        if (digest === null || !this.#settling) continue;
        told.add(member);
        this.#listener.reported(member, { type: "settled", digest });
      }
      await sleep(interval);
    }
  }
}

const uncounted = (carry: Courier["carry"]): Carry => (to, request) => {
  carry(to, request);
  return 0;
};
