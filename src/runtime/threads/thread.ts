import { parentPort, receiveMessageOnPort } from "node:worker_threads";
import type { Micros } from "../../core/ids.ts";
import type { FrameHandler, FrameQueue } from "../../transport/frames.ts";
import { Inlet, Outlet } from "../../transport/link.ts";
import { Ring } from "../../transport/ring.ts";
import { UsageMeter } from "../usage-meter.ts";
import { phase, type Phase } from "../phase.ts";
import type { Place, Resident } from "../place.ts";
import type { Report } from "../reports.ts";
import { NodeProfile } from "../profile.ts";
import type { ReplicaSettings, RunSettings } from "../settings.ts";
import { Shaping, type LinkCondition } from "../shaping.ts";
import { Signals } from "./signals.ts";

/** The shared memory that one thread sees. Rings by the thread at the other end; null: no link. */
export interface Wiring {
  readonly self: number;
  readonly signals: SharedArrayBuffer;
  readonly inbound: readonly (SharedArrayBuffer | null)[];
  readonly outbound: readonly (SharedArrayBuffer | null)[];
}

export type ThreadOrder =
  | { readonly type: "conditions"; readonly links: readonly LinkCondition[] }
  | { readonly type: "sound"; readonly sound: boolean }
  /** Takes nothing, sends nothing, until it is told to go on. */
  | { readonly type: "pause" | "resume" };

/**
 * Takes turns: what has arrived, what is due, what is to be sent; then sleeps until its doorbell or its next timer.
 * It never returns to the event loop, which takes longer to wake.
 */
export class Thread implements Place {
  now: Micros = 0;
  readonly #signals: Signals;
  readonly #self: number;
  readonly #began = performance.now();
  readonly #inlets: readonly { readonly from: number; readonly inlet: Inlet }[];
  readonly #outlets: readonly (Outlet | null)[];
  readonly #settings: ReplicaSettings;
  /** Null while links are as fast as the machine makes them. */
  #shaping: Shaping | null;
  #orders = 0;
  #paused = false;
  /** How long it has slept. */
  #idle: Micros = 0;
  readonly #meter = new UsageMeter(() => this.#idle, false);
  readonly #profile: NodeProfile | null;

  constructor({ self, signals, inbound, outbound }: Wiring, settings: RunSettings) {
    this.#profile = settings.profile === null ? null : new NodeProfile(settings.profile, self, settings.replicas);
    this.#settings = settings;
    this.#shaping = settings.topology === null ? null : new Shaping(self, settings);
    this.#signals = new Signals(signals);
    this.#self = self;
    this.#inlets = inbound.flatMap((memory, from) =>
      memory === null ? [] : [{ from, inlet: new Inlet(new Ring(memory), this.#signals.doorbell(from)) }],
    );
    this.#outlets = outbound.map((memory, to) =>
      memory === null ? null : new Outlet(new Ring(memory), this.#signals.doorbell(to)),
    );
  }

  reaches(): boolean {
    return true;
  }

  frames(to: number, site = 0): FrameQueue {
    return this.#shaping?.frames(to, site) ?? this.#direct(to);
  }

  /** Leaves at once, although the thread does not return to its event loop. */
  report(report: Report, transfer: readonly ArrayBuffer[] = []): void {
    parentPort!.postMessage(report, transfer);
  }

  progressed(completed: number): void {
    this.#signals.completed = completed;
  }

  /** Until the run stops. Nothing is taken out of a ring before all threads have their modules. */
  async run(resident: Resident): Promise<void> {
    this.#takeTurns(resident);
    await this.#meter.caughtUp();
    this.report(this.#meter.report());
  }

  #takeTurns(resident: Resident): void {
    const signals = this.#signals;
    const doorbell = signals.doorbell(this.#self);
    const inlets = this.#inlets.map(({ from, inlet }) => {
      const handle: FrameHandler = (bytes, start, end) => {
        if (start < end) resident.receive(from, bytes, start, end);
        else remade(resident, from);
      };
      return { inlet, handle };
    });
    const fire = (timer: number): void => resident.timer(timer);
    // What arrived after the turn began must not seem to have been there before: no answer comes sooner than it came.
    const arrived = (): void => void (this.now = this.#clock());
    while (signals.phase === phase.load) doorbell.wait(Infinity);
    /** When it went to sleep last. */
    let asleep = this.#clock();
    for (let entered: Phase = phase.load; ; ) {
      this.now = this.#clock();
      this.#idle += this.now - asleep;
      while (entered < signals.phase) this.#enter(resident, (entered += 1) as Phase);
      if (entered === phase.stop) return;
      if (this.#orders !== signals.orders) this.#takeOrders(resident);
      if (this.#paused && signals.phase < phase.stop) {
        asleep = this.now;
        doorbell.wait(Infinity);
        continue;
      }
      for (const { inlet, handle } of inlets) inlet.take(handle, arrived);
      if (resident.precise === true) this.now = this.#clock();
      resident.timers.fire(this.now, fire);
      resident.endTurn();
      this.#shaping?.flush(this.#clock(), this.#direct, overfull);
      for (const outlet of this.#outlets) outlet?.flush();
      const next = Math.min(resident.timers.next, this.#shaping?.next ?? Infinity);
      asleep = this.#clock();
      doorbell.wait((next - asleep) / 1000);
    }
  }

  #enter(resident: Resident, entered: Phase): void {
    this.#meter.enter(entered);
    this.#profile?.enter(entered);
    this.#shaping?.enter(entered);
    if (entered === phase.stop && this.#shaping !== null) this.report(this.#shaping.report());
    resident.enter(entered);
  }

  #takeOrders(resident: Resident): void {
    this.#orders = this.#signals.orders;
    for (let order = receiveMessageOnPort(parentPort!); order !== undefined; order = receiveMessageOnPort(parentPort!)) {
      this.#takeOrder(order.message as ThreadOrder, resident);
    }
  }

  #takeOrder(order: ThreadOrder, resident: Resident): void {
    switch (order.type) {
      case "pause":
      case "resume":
        this.#paused = order.type === "pause";
        return;
      case "sound":
        return resident.toldSound?.(order.sound);
      case "conditions":
        this.#shaping ??= new Shaping(this.#self, this.#settings);
        for (const link of order.links) {
          if (!this.#shaping.impose(link)) continue;
          this.#direct(link.to).push(remadeMark, 0);
          remade(resident, link.to);
        }
    }
  }

  readonly #direct = (to: number): FrameQueue => this.#outlets[to]!.frames;

  #clock(): Micros {
    return Math.floor((performance.now() - this.#began) * 1000);
  }
}

/** An empty frame: what was sent before may be lost, what comes after it is whole again. */
const remadeMark = new Uint8Array(0);

const remade = (resident: Resident, node: number): void => {
  resident.linked?.(node, false);
  resident.linked?.(node, true);
};

/** There is no connection to close. */
const overfull = (to: number, reason: string): never => {
  throw new Error(`the link to node ${to} is overfull: ${reason}`);
};
