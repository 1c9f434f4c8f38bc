/** Frames over a stream of bytes: each is led by its length in four bytes, and may be of any size. */
import { Reader, Writer } from "../core/bytes.ts";

const headerBytes = 4;

/** Takes bytes of `source` from `from` to `to`, as many as it can now; returns where it stopped. */
export interface ByteSink {
  write(source: Uint8Array, from: number, to: number): number;
}

/**
 * Frames on their way out. What the sink does not take stays, in order, for the next time: as much as the receiver lags
 * behind. While requests wait for that receiver, closed-loop clients bound it (clients × message size × messages a
 * request takes); a replica that no quorum needs may fall back further, and then this grows by all that is sent to it.
 */
export class FrameQueue {
  readonly #writer = new Writer();
  #frame = 0;
  #taken = 0;

  get empty(): boolean {
    return this.#taken === this.#writer.length;
  }

  push(bytes: Uint8Array, length: number): void {
    this.#writer.uint32(length);
    this.#writer.raw(bytes.subarray(0, length));
  }

  /** Opens a frame: what the caller writes up to `end` is its content. */
  begin(): Writer {
    this.#frame = this.#writer.length;
    this.#writer.uint32(0);
    return this.#writer;
  }

  end(): void {
    const writer = this.#writer;
    const { length } = writer;
    writer.length = this.#frame;
    writer.uint32(length - this.#frame - headerBytes);
    writer.length = length;
  }

  /** Hands the sink what waits; true if it took anything. */
  drain(sink: ByteSink): boolean {
    const writer = this.#writer;
    const before = this.#taken;
    this.#taken = sink.write(writer.bytes, before, writer.length);
    const took = this.#taken > before;
    if (this.empty) {
      this.#taken = 0;
      writer.reset();
    } else if (this.#taken > writer.length / 2) {
      // No sooner: a byte is moved at most once for each byte that has gone.
      writer.bytes.copyWithin(0, this.#taken, writer.length);
      writer.length -= this.#taken;
      this.#taken = 0;
    }
    return took;
  }
}

/** A frame's content: `bytes` from `start` to `end`, which stay as they are for as long as anybody keeps them. */
export type FrameHandler = (bytes: Uint8Array, start: number, end: number) => void;

/** Cuts a stream that arrives in chunks into frames. */
export class FrameSplitter {
  /** The beginning of a frame whose end has not arrived. */
  #rest: Uint8Array | null = null;

  /** The chunk is the splitter's from here on. */
  push(chunk: Uint8Array, handle: FrameHandler): void {
    const bytes = this.#rest === null ? chunk : joined(this.#rest, chunk);
    const reader = new Reader(bytes);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      reader.position = at;
      const start = at + headerBytes;
      const end = start + reader.uint32();
      if (end > bytes.length) break;
      handle(bytes, start, end);
      at = end;
    }
    this.#rest = at === bytes.length ? null : bytes.subarray(at);
  }
}

const joined = (head: Uint8Array, tail: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
};
