import type { Micros } from "../core/ids.ts";
import { isHandover } from "../engine/frames.ts";
import type { Condition } from "../network/condition.ts";
import type { Path } from "../network/path.ts";
import { FrameQueue, FrameSplitter, headerBytes } from "./frames.ts";

/** Frames with their headers, and when they are to be handed on. */
interface Held {
  readonly due: Micros;
  readonly bytes: Uint8Array;
}

/**
 * What a path does to frames on their way out: it sits between what a turn writes and what connection or ring take.
 * Frames of one turn share its fate where there is only delay.
 */
export class Shaper {
  /** What a turn writes. */
  readonly frames = new FrameQueue();
  readonly #path: Path;
  readonly #splitter = new FrameSplitter();
  /** By `due`. */
  #held: Held[] = [];
  #length = 0;

  constructor(path: Path) {
    this.#path = path;
  }

  /** When the next frames are due; Infinity: none are held. */
  get next(): Micros {
    return this.#held[0]?.due ?? Infinity;
  }

  /** Bytes that are under way. */
  get length(): number {
    return this.#length;
  }

  get condition(): Condition {
    return this.#path.condition;
  }

  set condition(condition: Condition) {
    this.#path.condition = condition;
    if (condition.cut) this.clear();
  }

  /** The turn is over: what it wrote is sent now. */
  send(now: Micros): void {
    if (this.frames.empty) return;
    const { cut, loss, duplicate, reorder } = this.#path.condition;
    if (cut) return this.frames.clear();
    const sent = this.frames.takeAll();
    if (loss === 0 && duplicate === 0 && reorder === 0) return this.#hold(sent, this.#path.arrival(now));
    this.#splitter.push(sent, (bytes, start, end) => {
      // A command is handed over at most once, as in the simulator.
      const most = isHandover(bytes[start]) ? 1 : 2;
      for (let copies = Math.min(this.#path.copies(), most); copies > 0; copies--) {
        this.#hold(bytes.subarray(start - headerBytes, end), this.#path.arrival(now));
      }
    });
  }

  /** Hands on what is due by `now`, in order, and tells how late each lot of frames is. */
  release(now: Micros, out: FrameQueue, late: (by: Micros) => void): void {
    const held = this.#held;
    let released = 0;
    for (; released < held.length && held[released]!.due <= now; released++) {
      const { due, bytes } = held[released]!;
      out.append(bytes);
      this.#length -= bytes.length;
      late(now - due);
    }
    if (released > 0) held.splice(0, released);
  }

  /** What is under way is lost. */
  clear(): void {
    this.frames.clear();
    this.#held = [];
    this.#length = 0;
  }

  #hold(bytes: Uint8Array, due: Micros): void {
    this.#length += bytes.length;
    const after = this.#held.findLastIndex((other) => other.due <= due);
    this.#held.splice(after + 1, 0, { due, bytes });
  }
}
