const chunk = 1 << 16;

/**
 * Copies of short byte strings, side by side in large buffers: a buffer of its own would cost each of them more than all the
 * rest of its event. A large buffer lives as long as anything that was copied into it.
 */
export class Arena {
  #bytes = new Uint8Array(chunk);
  #used = 0;

  /** The first `length` bytes of `source`. */
  copy(source: Uint8Array, length: number): Uint8Array {
    if (length > chunk / 4) return source.slice(0, length);
    if (this.#used + length > chunk) {
      this.#bytes = new Uint8Array(chunk);
      this.#used = 0;
    }
    const bytes = this.#bytes;
    const start = this.#used;
    this.#used += length;
    // Below this size a loop beats the calls into the runtime.
    if (length <= 64) for (let i = 0; i < length; i++) bytes[start + i] = source[i]!;
    else bytes.set(source.subarray(0, length), start);
    return bytes.subarray(start, start + length);
  }
}
