import type { Micros } from "../core/ids.ts";
import type { FrameHandler } from "../transport/frames.ts";
import { Inlet, Outlet } from "../transport/link.ts";
import { Ring } from "../transport/ring.ts";
import { phase, Signals, type Phase } from "./signals.ts";
import type { Timers } from "./timers.ts";

/** The shared memory that one thread sees. Rings by the thread at the other end; null: no link. */
export interface Wiring {
  readonly self: number;
  readonly signals: SharedArrayBuffer;
  readonly inbound: readonly (SharedArrayBuffer | null)[];
  readonly outbound: readonly (SharedArrayBuffer | null)[];
}

/** What lives in a thread. Within a turn, `Thread.now` stands still, and what goes out leaves at its end. */
export interface Resident {
  readonly timers: Timers;
  /** Called for every phase, in order. */
  enter(phase: Phase): void;
  receive(from: number, bytes: Uint8Array, start: number, end: number): void;
  timer(timer: number): void;
  /** All that had arrived is in, all timers that were due have fired. */
  endTurn(): void;
}

/**
 * Takes turns: what has arrived, what is due, what is to be sent; then sleeps until its doorbell or its next timer.
 * It never returns to the event loop, which takes longer to wake.
 */
export class Thread {
  /** Of this thread alone: whole µs since it began, to be compared with no other thread's. */
  now: Micros = 0;
  readonly signals: Signals;
  readonly #self: number;
  readonly #began = performance.now();
  readonly #inlets: readonly { readonly from: number; readonly inlet: Inlet }[];
  readonly #outlets: readonly (Outlet | null)[];

  constructor({ self, signals, inbound, outbound }: Wiring) {
    this.signals = new Signals(signals);
    this.#self = self;
    this.#inlets = inbound.flatMap((memory, from) =>
      memory === null ? [] : [{ from, inlet: new Inlet(new Ring(memory), this.signals.doorbell(from)) }],
    );
    this.#outlets = outbound.map((memory, to) =>
      memory === null ? null : new Outlet(new Ring(memory), this.signals.doorbell(to)),
    );
  }

  outlet(to: number): Outlet {
    return this.#outlets[to]!;
  }

  /** Until the run stops. Nothing is taken out of a ring before all threads have their modules. */
  run(resident: Resident): void {
    const { signals } = this;
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
