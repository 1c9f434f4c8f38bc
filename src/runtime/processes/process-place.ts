import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../../core/ids.ts";
import type { FrameQueue } from "../../transport/frames.ts";
import { Endpoint, isAbsence, type Address, type EndpointListener } from "../../transport/tcp/endpoint.ts";
import { UsageMeter } from "../usage-meter.ts";
import { phase, type Phase } from "../phase.ts";
import type { Place, Resident } from "../place.ts";
import { NodeProfile } from "../profile.ts";
import type { Report } from "../reports.ts";
import type { ReplicaSettings, RunSettings } from "../settings.ts";
import { Shaping, type LinkCondition } from "../shaping.ts";
import { Alarm } from "./alarm.ts";
import { addressesOf, leaderNode, type ClusterConfig } from "./config.ts";
import { decodeOrder, encodeReport, type NodeReport, type Order } from "./control.ts";
import { Silence, silenceLimit } from "./silence.ts";

/** ms that a node waits for the others before it starts without them. */
const gathering = 1000;
/** ms between two reports of progress. */
const progressInterval = 200;

/**
 * A process takes turns as a thread does: all that the event loop found readable, what is due, what is to be sent, one
 * write a connection.
 */
export class ProcessPlace implements Place, EndpointListener {
  now: Micros = 0;
  readonly endpoint: Endpoint;
  readonly #began = performance.now();
  readonly #self: number;
  readonly #leader: number;
  readonly #onOrder: (order: Order | null) => void;
  #resident: Resident | null = null;
  /** What arrived before there was a resident. */
  readonly #inputs: (() => void)[] = [];
  #inTurn = false;
  #alarm: NodeJS.Timeout | null = null;
  #alarmAt: Micros = Infinity;
  #entered: Phase = phase.load;
  /** Executions from before a leader attached: it must see a replica's whole life. */
  #early: Uint8Array[] = [];
  #attached = false;
  /** Of who leads the run that is attached, from another machine perhaps. */
  #silence: Silence | null = null;
  #told = 0;
  /** By node, why it was not reached: told once. */
  readonly #missed = new Map<number, string>();
  #settings: RunSettings | null = null;
  /** Null while links are as fast as the machine makes them. */
  #shaping: Shaping | null = null;
  /** Null: none is asked for. */
  #profile: NodeProfile | null = null;
  readonly #meter = new UsageMeter(() => performance.eventLoopUtilization().idle * 1000, true);
  /** For what is due more precisely than the platform's timers are. */
  #preciseAlarm: Alarm | null = null;

  /** `onOrder` gets what is not the place's own business; null: nobody leads a run any more. */
  constructor(config: ClusterConfig, self: number, onOrder: (order: Order | null) => void) {
    this.#self = self;
    this.#leader = leaderNode(config);
    this.#onOrder = onOrder;
    const { fingerprint, replicas, secure } = config;
    this.endpoint = new Endpoint({ self, addresses: addressesOf(config), replicas: replicas.length, fingerprint, secure }, this);
  }

  /** Of the run that is attached; null before the first. */
  get settings(): RunSettings | null {
    return this.#settings;
  }

  /**
   * Resolves when all of these are linked and a run is attached, or `gathering` has passed: those who come later are told
   * of like any other.
   */
  async gather(nodes: readonly number[]): Promise<void> {
    const complete = (): boolean => this.#settings !== null && nodes.every((node) => this.reaches(node));
    for (let waited = 0; waited < gathering && !complete(); waited += 5) await sleep(5);
  }

  // --- Place ---

  reaches(node: number): boolean {
    return this.endpoint.linked(node);
  }

  frames(to: number, site = 0): FrameQueue {
    return this.#shaping?.frames(to, site) ?? this.#direct(to);
  }

  report(report: Report): void {
    this.#tell(report);
  }

  /** It cannot take part in the run that is attached. */
  decline(reason: string): void {
    this.#tell({ type: "declined", reason });
  }

  progressed(completed: number): void {
    const now = this.now / 1000;
    if (now - this.#told < progressInterval) return;
    this.#told = now;
    this.#tell({ type: "progressed", completed });
  }

  /** Somebody moves in: what arrived before is for them. */
  open(resident: Resident, start: () => void = () => {}): void {
    this.#begin();
    this.#resident = resident;
    start();
    for (const input of this.#inputs.splice(0)) input();
  }

  /** Within a turn, of its own if there is none. */
  turn(step: () => void): void {
    this.#begin();
    step();
  }

  // --- EndpointListener ---

  linked(node: number, up: boolean): void {
    if (node === this.#leader) {
      this.#attached &&= up;
      if (up) return;
      this.#silence?.stop();
      return this.#onOrder(null);
    }
    this.#begin();
    this.#missed.delete(node);
    this.#shaping?.clear(node); // nor does a new connection carry what was sent without one
    this.#resident?.linked?.(node, up);
  }

  received(node: number, bytes: Uint8Array, start: number, end: number): void {
    this.#begin();
    if (node !== this.#leader) {
      if (this.#resident !== null) return this.#resident.receive(node, bytes, start, end);
      this.#inputs.push(() => this.#resident!.receive(node, bytes, start, end));
      return;
    }
    const order = decodeOrder(bytes.subarray(start, end));
    this.#silence?.heard(node);
    if (order.type === "alive") return this.#tell(order);
    if (order.type === "attach") this.#attach(order.settings);
    if (order.type === "enter") this.#enter(order.phase);
    else if (order.type === "conditions") this.#impose(order.links);
    else if (order.type === "sound") this.#resident?.toldSound?.(order.sound);
    else this.#onOrder(order);
  }

  missed(node: number, { host, port }: Address, reason: string): void {
    if (isAbsence(reason) || this.#missed.get(node) === reason) return;
    this.#missed.set(node, reason);
    this.logged(`node ${node} at ${host}:${port}: ${reason}`);
  }

  logged(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  // --- Inside. ---

  #attach(settings: RunSettings): void {
    this.#attached = true;
    this.#settings = settings;
    this.#profile = settings.profile === null ? null : new NodeProfile(settings.profile, this.#self, settings.replicas);
    this.#shaping?.finish(this.#direct);
    this.#shaping = null;
    if (settings.topology !== null) this.#shape(settings);
    this.#entered = phase.load;
    if (settings.shared !== null) {
      this.#early = [];
      this.#listen();
    }
    for (const report of this.#early.splice(0)) this.frames(this.#leader).push(report, report.length);
  }

  /** Who leads answers no word: what it hears is the answer. */
  #listen(): void {
    this.#silence?.stop();
    this.#silence = new Silence(silenceLimit, () => {}, (node, reason) => this.endpoint.abort(node, reason));
    this.#silence.heard(this.#leader);
  }

  #enter(entered: Phase): void {
    if (this.#resident === null) {
      this.#inputs.push(() => this.#enter(entered));
      return;
    }
    while (this.#entered < entered) {
      this.#entered = (this.#entered + 1) as Phase;
      this.#meter.enter(this.#entered);
      this.#profile?.enter(this.#entered);
      if (this.#entered === phase.stop) this.report(this.#meter.report());
      this.#shaping?.enter(this.#entered);
      if (this.#entered === phase.stop && this.#shaping !== null) this.report(this.#shaping.report());
      this.#resident.enter(this.#entered);
    }
  }

  #shape(settings: ReplicaSettings): Shaping {
    return (this.#shaping = new Shaping(this.#self, settings));
  }

  #impose(links: readonly LinkCondition[]): void {
    const shaping = this.#shaping ?? this.#shape(this.#settings!);
    // A new connection tells both ends, and keeps what was sent before apart from what comes after.
    for (const link of links) if (shaping.impose(link)) this.endpoint.lose(link.to, null);
  }

  readonly #direct = (to: number): FrameQueue => this.endpoint.frames(to);

  #tell(report: NodeReport): void {
    if (!this.#attached && report.type !== "executed") return;
    const bytes = encodeReport(report);
    if (this.#attached) this.frames(this.#leader).push(bytes, bytes.length);
    else this.#early.push(bytes);
    this.#begin();
  }

  #begin(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    this.now = this.#clock();
    setImmediate(this.#end);
  }

  readonly #end = (): void => {
    const resident = this.#resident;
    if (resident !== null) {
      if (resident.precise === true) this.now = this.#clock();
      resident.timers.fire(this.now, (timer) => resident.timer(timer));
      resident.endTurn();
    }
    this.#shaping?.flush(this.#clock(), this.#direct, (to, reason) => this.endpoint.lose(to, reason));
    this.endpoint.flush();
    this.#inTurn = false;
    const due = resident?.timers.next ?? Infinity;
    const precise = resident?.precise === true;
    this.#setPreciseAlarm(Math.min(precise ? due : Infinity, this.#shaping?.next ?? Infinity));
    if (!precise) this.#setAlarm(due);
  };

  #setPreciseAlarm(at: Micros): void {
    if (at === Infinity) return;
    this.#preciseAlarm ??= new Alarm(() => this.#clock(), () => this.#begin());
    this.#preciseAlarm.set(at);
  }

  /** One platform timer, for the earliest deadline. */
  #setAlarm(at: Micros): void {
    if (at === Infinity || (this.#alarm !== null && this.#alarmAt <= at)) return;
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    this.#alarmAt = at;
    this.#alarm = setTimeout(() => {
      this.#alarm = null;
      this.#begin();
    }, Math.max(0, Math.ceil((at - this.#clock()) / 1000)));
  }

  #clock(): Micros {
    return Math.floor((performance.now() - this.#began) * 1000);
  }
}
