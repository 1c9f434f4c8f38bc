import type { Entry, KeyOperation, KeyResult, Operation, OperationResult, ScanResult, TxnResult } from "../core/operation.ts";
import { hashText } from "../core/random.ts";
import { KeyIndex } from "./key-index.ts";

const done: KeyResult = { ok: true, value: null };
const notSwapped: KeyResult = { ok: false, value: null };
const withoutEffect: TxnResult = { ok: false, results: [] };

/** The replicated state machine: string keys to byte values. Deterministic. What it keeps and what it answers are copies. */
export class Store {
  /** Seen by nobody else: a value of the same length is written over. */
  readonly #values = new Map<string, Uint8Array>();
  /** From the first scan on: who never scans does not pay for order. */
  #index: KeyIndex | null = null;

  apply(operation: KeyOperation): KeyResult;
  apply(operation: Operation): OperationResult;
  apply(operation: Operation): OperationResult {
    switch (operation.type) {
      case "scan":
        return this.#scan(operation.key, operation.limit);
      case "txn":
        return this.#transact(operation.operations);
      default:
        return this.#applyToKey(operation);
    }
  }

  #applyToKey(operation: KeyOperation): KeyResult {
    const { key } = operation;
    switch (operation.type) {
      case "get":
        return { ok: true, value: this.#copy(key) };
      case "put":
        this.#put(key, operation.value);
        return done;
      case "delete":
        this.#delete(key);
        return done;
      case "append":
        this.#set(key, concatenate(this.#values.get(key), operation.value));
        return done;
      case "swap": {
        const before = this.#copy(key);
        this.#put(key, operation.value);
        return { ok: true, value: before };
      }
      case "cas":
        if (!sameBytes(this.#values.get(key) ?? null, operation.expected)) return notSwapped;
        this.#put(key, operation.value);
        return done;
    }
  }

  #copy(key: string): Uint8Array | null {
    const value = this.#values.get(key);
    return value === undefined ? null : copyOf(value);
  }

  #put(key: string, value: Uint8Array): void {
    const there = this.#values.get(key);
    if (there?.length !== value.length) this.#set(key, copyOf(value));
    // Below this size a loop beats the call into the runtime.
    else if (value.length <= 32) for (let i = 0; i < value.length; i++) there[i] = value[i]!;
    else there.set(value);
  }

  #scan(start: string, limit: number): ScanResult {
    this.#index ??= new KeyIndex(this.#values.keys());
    const entries: Entry[] = [];
    for (const key of this.#index.from(start, limit)) entries.push({ key, value: this.#copy(key)! });
    return { ok: true, entries };
  }

  #transact(operations: readonly KeyOperation[]): TxnResult {
    const results: KeyResult[] = [];
    const undo: (() => void)[] = [];
    for (const operation of operations) {
      const { key } = operation;
      const before = this.#copy(key);
      undo.push(() => (before === null ? this.#delete(key) : this.#set(key, before)));
      const result = this.#applyToKey(operation);
      results.push(result);
      if (result.ok) continue;
      for (const step of undo.toReversed()) step();
      return withoutEffect;
    }
    return { ok: true, results };
  }

  #set(key: string, value: Uint8Array): void {
    if (this.#index !== null && !this.#values.has(key)) this.#index.add(key);
    this.#values.set(key, value);
  }

  #delete(key: string): void {
    if (this.#values.delete(key)) this.#index?.delete(key);
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

/** `slice` would not do: that of Node's buffers, which sockets and files hand over, is a view. */
const copyOf = (value: Uint8Array): Uint8Array => new Uint8Array(value);

const hex = (word: number): string => word.toString(16).padStart(8, "0");

const hashEntry = (key: string, value: Uint8Array, seed: number): number => {
  let hash = hashText(key, seed);
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value[i]!, 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x85ebca6b) ^ value.length;
};

const concatenate = (head: Uint8Array | undefined, tail: Uint8Array): Uint8Array => {
  if (head === undefined) return copyOf(tail);
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
