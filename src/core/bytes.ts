/** Raised by a `Reader` when bytes are not what the codec expects: cut off, too long, an unknown tag. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

const initialCapacity = 256;

/** Appends to a buffer that grows. `bytes.subarray(0, length)` is what was written; `reset` starts over in place. */
export class Writer {
  bytes = new Uint8Array(initialCapacity);
  length = 0;

  reset(): this {
    this.length = 0;
    return this;
  }

  /** What was written, as a copy of its own. */
  copy(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  /** LEB128. Throws a `RangeError` for anything but a whole number in 0 … 2^53-1. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`no whole number in 0..2^53-1: ${value}`);
    if (this.length + 8 > this.bytes.length) this.#grow(8);
    const bytes = this.bytes;
    let rest = value;
    while (rest >= 0x80000000) {
      bytes[this.length++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    while (rest >= 128) {
      bytes[this.length++] = (rest & 127) | 128;
      rest >>>= 7;
    }
    bytes[this.length++] = rest;
  }

  /** Four bytes, little-endian. */
  uint32(value: number): void {
    if (this.length + 4 > this.bytes.length) this.#grow(4);
    const bytes = this.bytes;
    bytes[this.length++] = value;
    bytes[this.length++] = value >>> 8;
    bytes[this.length++] = value >>> 16;
    bytes[this.length++] = value >>> 24;
  }

  /** The first `length` bytes of `source`. */
  raw(source: Uint8Array, length = source.length): void {
    if (this.length + length > this.bytes.length) this.#grow(length);
    const { bytes, length: at } = this;
    // Below this size a loop beats the call into the runtime.
    if (length <= 32) for (let i = 0; i < length; i++) bytes[at + i] = source[i]!;
    else bytes.set(length === source.length ? source : source.subarray(0, length), at);
    this.length += length;
  }

  /** A byte a character. False, and nothing is appended, if any of them is not ASCII. */
  ascii(text: string): boolean {
    const { length } = text;
    if (this.length + length > this.bytes.length) this.#grow(length);
    const { bytes, length: at } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 128) return false;
      bytes[at + i] = code;
    }
    this.length = at + length;
    return true;
  }

  #grow(need: number): void {
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.length + need));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Reads what a `Writer` wrote. Throws `DecodeError` at the first byte that does not fit. */
export class Reader {
  bytes: Uint8Array;
  position: number;
  end: number;

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes;
    this.position = position;
    this.end = end;
  }

  get done(): boolean {
    return this.position === this.end;
  }

  byte(): number {
    if (this.position >= this.end) throw new DecodeError("cut off");
    return this.bytes[this.position++]!;
  }

  uint(): number {
    let byte = this.byte();
    if (byte < 128) return byte;
    let value = byte & 127;
    let scale = 128;
    do {
      byte = this.byte();
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte >= 128 && scale <= 2 ** 49);
    if (byte >= 128 || value > Number.MAX_SAFE_INTEGER) throw new DecodeError("number above 2^53");
    return value;
  }

  uint32(): number {
    const at = this.skip(4);
    const bytes = this.bytes;
    return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  /** A view, not a copy: whoever keeps it keeps the buffer it came in. */
  raw(length: number): Uint8Array {
    const at = this.skip(length);
    return this.bytes.subarray(at, at + length);
  }

  /** Answers where in `bytes` what is skipped begins. */
  skip(length: number): number {
    const at = this.position;
    if (at + length > this.end) throw new DecodeError("cut off");
    this.position = at + length;
    return at;
  }

  /** Refuses trailing bytes: they mean that writer and reader disagree. */
  expectDone(): void {
    if (!this.done) throw new DecodeError(`${this.end - this.position} bytes too many`);
  }
}
