/** The two ends of a link between two threads. Lossless and in order. */
import { FrameQueue, FrameSplitter, type FrameHandler } from "./frames.ts";
import type { Doorbell } from "./doorbell.ts";
import type { Ring } from "./ring.ts";

/** Gathers the frames of a turn; `flush` sends them as one. */
export class Outlet {
  readonly frames = new FrameQueue();
  readonly #ring: Ring;
  readonly #receiver: Doorbell;

  constructor(ring: Ring, receiver: Doorbell) {
    this.#ring = ring;
    this.#receiver = receiver;
  }

  /** One write and at most one wake-up. What a full ring refuses waits here; the receiver rings when there is room. */
  flush(): void {
    if (!this.frames.empty && this.frames.drain(this.#ring)) this.#receiver.ring();
  }
}

export class Inlet {
  readonly #splitter = new FrameSplitter();
  readonly #ring: Ring;
  readonly #sender: Doorbell;

  constructor(ring: Ring, sender: Doorbell) {
    this.#ring = ring;
    this.#sender = sender;
  }

  /** Takes all that has arrived. `arrived` is called once it is in, before it is handled, if there is anything. */
  take(handle: FrameHandler, arrived?: () => void): void {
    const chunk = this.#ring.read();
    if (chunk === null) return;
    arrived?.();
    if (this.#ring.unblock()) this.#sender.ring();
    this.#splitter.push(chunk, handle);
  }
}
