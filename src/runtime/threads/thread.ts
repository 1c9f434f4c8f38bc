import { parentPort } from "node:worker_threads";
import type { Micros } from "../../core/ids.ts";
import type { FrameHandler, FrameQueue } from "../../transport/frames.ts";
import { Inlet, Outlet } from "../../transport/link.ts";
import { Ring } from "../../transport/ring.ts";
import { phase, type Phase } from "../phase.ts";
import type { Place, Resident } from "../place.ts";
import type { Report } from "../reports.ts";
import { Signals } from "./signals.ts";

/** The shared memory that one thread sees. Rings by the thread at the other end; null: no link. */
export interface Wiring {
  readonly self: number;
  readonly signals: SharedArrayBuffer;
  readonly inbound: readonly (SharedArrayBuffer | null)[];
  readonly outbound: readonly (SharedArrayBuffer | null)[];
}

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

  constructor({ self, signals, inbound, outbound }: Wiring) {
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

  frames(to: number): FrameQueue {
    return this.#outlets[to]!.frames;
  }

  /** Leaves at once, although the thread does not return to its event loop. */
  report(report: Report, transfer: readonly ArrayBuffer[] = []): void {
    parentPort!.postMessage(report, transfer);
  }

  progressed(completed: number): void {
    this.#signals.completed = completed;
  }

  /** Until the run stops. Nothing is taken out of a ring before all threads have their modules. */
  run(resident: Resident): void {
    const signals = this.#signals;
    const doorbell = signals.doorbell(this.#self);
    const inlets = this.#inlets.map(({ from, inlet }) => {
      const handle: FrameHandler = (bytes, start, end) => resident.receive(from, bytes, start, end);
      return { inlet, handle };
    });
    const fire = (timer: number): void => resident.timer(timer);
    while (signals.phase === phase.load) doorbell.wait(Infinity);
    for (let entered: Phase = phase.load; ; ) {
      this.now = this.#clock();
      while (entered < signals.phase) resident.enter((entered += 1) as Phase);
      if (entered === phase.stop) return;
      for (const { inlet, handle } of inlets) inlet.take(handle);
      resident.timers.fire(this.now, fire);
      resident.endTurn();
      for (const outlet of this.#outlets) outlet?.flush();
      doorbell.wait((resident.timers.next - this.#clock()) / 1000);
    }
  }

  #clock(): Micros {
    return Math.floor((performance.now() - this.#began) * 1000);
  }
}
