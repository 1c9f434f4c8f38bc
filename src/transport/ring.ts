/**
 * Why rings and not a MessagePort: a thread that blocks on its doorbell is woken sooner than an event loop, and nothing
 * is allocated, transferred or queued for a batch but the reader's copy. Messages of 64 B there and back, ring over
 * packed and transferred buffers, two cores: 1.5 times the rate one at a time, 1.3 times in batches of 16, 1.1 times
 * in batches of 128 (test/bench/transport.ts).
 */

/** Words of the header, each on a cache line of its own: writer and reader do not slow each other down. */
const written = 0;
const read = 16;
const blocked = 32;
const headerBytes = 192;

/** A power of two. Far above what a turn sends, so that a ring is full only when its reader lags. */
const defaultCapacity = 2 ** 18;

export const createRing = (capacity = defaultCapacity): SharedArrayBuffer => new SharedArrayBuffer(headerBytes + capacity);

/** A stream of bytes through shared memory, from the one thread that writes to the one that reads. Never blocks. */
export class Ring {
  readonly #words: Int32Array;
  readonly #bytes: Uint8Array;
  readonly #capacity: number;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, headerBytes / 4);
    this.#bytes = new Uint8Array(memory, headerBytes);
    this.#capacity = this.#bytes.length;
  }

  /**
   * Takes what there is room for of `source` from `from` to `to`; returns where it stopped. If that is short of `to`,
   * the reader's next `read` tells it to wake the writer.
   */
  write(source: Uint8Array, from: number, to: number): number {
    const at = this.#put(source, from, to);
    if (at === to) return at;
    Atomics.store(this.#words, blocked, 1);
    // The reader may have made room before it could see that the writer is blocked: then nobody would wake it.
    return this.#put(source, at, to);
  }

  /** All that is there, as a copy: messages keep views of it, and the writer goes on. Null if there is nothing. */
  read(): Uint8Array | null {
    const position = this.#words[read]!;
    const length = (Atomics.load(this.#words, written) - position) | 0;
    if (length === 0) return null;
    const chunk = new Uint8Array(length);
    const start = position & (this.#capacity - 1);
    const first = Math.min(length, this.#capacity - start);
    chunk.set(this.#bytes.subarray(start, start + first));
    if (first < length) chunk.set(this.#bytes.subarray(0, length - first), first);
    Atomics.store(this.#words, read, position + length);
    return chunk;
  }

  /** True once after the writer found the ring full: it wants to be woken now that it is not. */
  unblock(): boolean {
    return Atomics.load(this.#words, blocked) === 1 && Atomics.exchange(this.#words, blocked, 0) === 1;
  }

  #put(source: Uint8Array, from: number, to: number): number {
    // Positions wrap at 2^32; the capacity divides that, and differences stay right.
    const position = this.#words[written]!;
    const room = this.#capacity - ((position - Atomics.load(this.#words, read)) | 0);
    const length = Math.min(room, to - from);
    if (length === 0) return from;
    const start = position & (this.#capacity - 1);
    const first = Math.min(length, this.#capacity - start);
    this.#bytes.set(source.subarray(from, from + first), start);
    if (first < length) this.#bytes.set(source.subarray(from + first, from + length), 0);
    Atomics.store(this.#words, written, position + length);
    return from + length;
  }
}
