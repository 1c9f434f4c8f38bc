import { hashText } from "../core/random.ts";
import type { Operation, OperationResult } from "../core/operation.ts";

const done: OperationResult = { ok: true, value: null };
const notSwapped: OperationResult = { ok: false, value: null };

/** The replicated state machine: string keys to byte values. Deterministic; what it keeps it copies. */
export class Store {
  readonly #values = new Map<string, Uint8Array>();

  apply(operation: Operation): OperationResult {
    const { key } = operation;
    switch (operation.type) {
      case "get":
        return { ok: true, value: this.#values.get(key) ?? null };
      case "put":
        this.#values.set(key, operation.value.slice());
        return done;
      case "delete":
        this.#values.delete(key);
        return done;
      case "append":
        this.#values.set(key, concatenate(this.#values.get(key), operation.value));
        return done;
      case "swap": {
        const before = this.#values.get(key) ?? null;
        this.#values.set(key, operation.value.slice());
        return { ok: true, value: before };
      }
      case "cas":
        if (!sameBytes(this.#values.get(key) ?? null, operation.expected)) return notSwapped;
        this.#values.set(key, operation.value.slice());
        return done;
    }
  }

  /** Number of keys and a 64-bit hash of keys and values: equal for equal states, whatever the order of writes. */
  digest(): string {
    let low = 0;
    let high = 0;
    for (const [key, value] of this.#values) {
      // A sum does not depend on the order of iteration, and each entry's hash covers key and value together.
      low = (low + hashEntry(key, value, 1)) >>> 0;
      high = (high + hashEntry(key, value, 2)) >>> 0;
    }
    return `${this.#values.size} keys, ${hex(high)}${hex(low)}`;
  }
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");

const hashEntry = (key: string, value: Uint8Array, seed: number): number => {
  let hash = hashText(key, seed);
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value[i]!, 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ value.length;
};

const concatenate = (head: Uint8Array | undefined, tail: Uint8Array): Uint8Array => {
  if (head === undefined) return tail.slice();
  const joined = new Uint8Array(head.length + tail.length);
  joined.set(head);
  joined.set(tail, head.length);
  return joined;
};

const sameBytes = (a: Uint8Array | null, b: Uint8Array | null): boolean => {
  if (a === null || b === null) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};
