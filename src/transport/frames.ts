/** Frames over a stream of bytes: each is led by its length in four bytes, and may be of any size. */
import { DecodeError, Reader, Writer } from "../core/bytes.ts";

/** Bytes of a frame before its content. */
export const headerBytes = 4;

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

  /** Bytes that wait. */
  get length(): number {
    return this.#writer.length - this.#taken;
  }

  /** Nobody will take what waits. */
  clear(): void {
    this.#taken = 0;
    this.#writer.reset();
  }

  push(bytes: Uint8Array, length: number): void {
    this.#writer.uint32(length);
    this.#writer.raw(bytes, length);
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

  /** Whole frames, headers and all. */
  append(frames: Uint8Array): void {
    this.#writer.raw(frames);
  }

  /** What waits, as a copy; nothing waits any more. */
  takeAll(): Uint8Array {
    const frames = this.#writer.bytes.slice(this.#taken, this.#writer.length);
    this.clear();
    return frames;
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
  /** Longest content, bytes. */
  limit: number;
  /** The beginning of a frame whose end has not arrived, in chunks: joined once, when it has. */
  #parts: Uint8Array[] = [];
  #held = 0;
  /** How much of it there must be before it is worth a look. */
  #needed = 0;

  constructor(limit = 2 ** 32) {
    this.limit = limit;
  }

  /** Inside a frame: the stream must not end here. */
  get incomplete(): boolean {
    return this.#held > 0;
  }

  /** The chunk is the splitter's from here on. Throws a `DecodeError` at a frame over the limit. */
  push(chunk: Uint8Array, handle: FrameHandler): void {
    const bytes = this.#withRest(chunk);
    if (bytes === null) return;
    const reader = new Reader(bytes);
    let at = 0;
    this.#needed = headerBytes;
    while (bytes.length - at >= headerBytes) {
      reader.position = at;
      const length = reader.uint32();
      if (length > this.limit) throw new DecodeError(`a frame of ${length} bytes, at most ${this.limit} are allowed`);
      const start = at + headerBytes;
      const end = start + length;
      if (end > bytes.length) {
        this.#needed = headerBytes + length;
        break;
      }
      handle(bytes, start, end);
      at = end;
    }
    if (at < bytes.length) this.#keep(bytes.subarray(at));
  }

  #withRest(chunk: Uint8Array): Uint8Array | null {
    if (this.#held === 0) return chunk;
    this.#keep(chunk);
    if (this.#held < this.#needed) return null;
    const bytes = new Uint8Array(this.#held);
    let at = 0;
    for (const part of this.#parts) {
      bytes.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    this.#held = 0;
    return bytes;
  }

  #keep(part: Uint8Array): void {
    this.#parts.push(part);
    this.#held += part.length;
  }
}
