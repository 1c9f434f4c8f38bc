import { setTimeout as sleep } from "node:timers/promises";
import type { Micros } from "../../core/ids.ts";
import type { FrameQueue } from "../../transport/frames.ts";
import { Endpoint, type EndpointListener } from "../../transport/tcp/endpoint.ts";
import { phase, type Phase } from "../phase.ts";
import type { Place, Resident } from "../place.ts";
import type { Report } from "../reports.ts";
import { addressesOf, leaderNode, type ClusterConfig } from "./config.ts";
import { decodeOrder, encodeReport, type NodeReport, type Order } from "./control.ts";

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
  readonly #leader: number;
  readonly #onOrder: (order: Order) => void;
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
  #told = 0;

  constructor(config: ClusterConfig, self: number, onOrder: (order: Order) => void) {
    this.#leader = leaderNode(config);
    this.#onOrder = onOrder;
    const { fingerprint, replicas } = config;
    this.endpoint = new Endpoint({ self, addresses: addressesOf(config), replicas: replicas.length, fingerprint }, this);
  }

  /** Resolves when all of these are linked, or `gathering` has passed: those who come later are told of like any other. */
  async gather(nodes: readonly number[]): Promise<void> {
    for (let waited = 0; waited < gathering && !nodes.every((node) => this.reaches(node)); waited += 5) await sleep(5);
  }

  // --- Place ---

  reaches(node: number): boolean {
    return this.endpoint.linked(node);
  }

  frames(to: number): FrameQueue {
    return this.endpoint.frames(to);
  }

  report(report: Report): void {
    this.#tell(report);
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

  // --- EndpointListener ---

  linked(node: number, up: boolean): void {
    if (node === this.#leader) {
      if (!up) this.#attached = false;
      return;
    }
    this.#begin();
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
    if (order.type === "attach") this.#attach();
    if (order.type === "enter") this.#enter(order.phase);
    else this.#onOrder(order);
  }

  logged(line: string): void {
    process.stderr.write(`${line}\n`);
  }

  // --- Inside. ---

  #attach(): void {
    this.#attached = true;
    this.#entered = phase.load;
    for (const report of this.#early.splice(0)) this.frames(this.#leader).push(report, report.length);
  }

  #enter(entered: Phase): void {
    while (this.#entered < entered) this.#resident!.enter((this.#entered += 1) as Phase);
  }

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
      resident.timers.fire(this.now, (timer) => resident.timer(timer));
      resident.endTurn();
    }
    this.endpoint.flush();
    this.#inTurn = false;
    if (resident !== null) this.#setAlarm(resident.timers.next);
  };

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
