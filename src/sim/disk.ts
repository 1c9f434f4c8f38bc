import { Writer } from "../core/bytes.ts";
import type { Micros } from "../core/ids.ts";

/**
 * One replica's journal. An instant disk makes a record durable as it is appended; otherwise records become durable in
 * groups, each sync covering what was appended before it began.
 */
export class Disk {
  /** All records, durable or not, end to end: an object a record would be most of what a long run keeps. */
  #bytes = new Writer();
  /** Where each of them ends. */
  #ends: number[] = [];
  /** How many are durable, and how many will be when the sync under way ends; 0: none is. */
  #durable = 0;
  #syncing = 0;
  /** How long a sync takes; 0: an instant disk. */
  sync: Micros;
  /** Called in place of the end of the next sync. While it is set, an instant disk syncs as any other. */
  beforeSync: (() => void) | null = null;

  constructor(sync: Micros) {
    this.sync = sync;
  }

  /** The first `length` bytes as a record. True if it is durable already. */
  append(bytes: Uint8Array, length = bytes.length): boolean {
    const durable = this.sync === 0 && this.beforeSync === null && this.unsynced === 0;
    this.#write(bytes, length);
    if (durable) this.#durable++;
    return durable;
  }

  /** Records wait, and no sync is under way. */
  get waiting(): boolean {
    return this.#syncing === 0 && this.unsynced > 0;
  }

  /** How many records a crash may lose. */
  get unsynced(): number {
    return this.#ends.length - this.#durable;
  }

  /** How many it may not. */
  get durable(): number {
    return this.#durable;
  }

  beginSync(): void {
    this.#syncing = this.#ends.length;
  }

  /** Ends the sync under way. Records appended since wait for the next one. */
  endSync(): void {
    this.#durable = this.#syncing;
    this.#syncing = 0;
  }

  /** Loses all that is not durable but the first `kept` records. */
  crash(kept = 0): void {
    this.#durable += kept;
    this.#ends.length = this.#durable;
    this.#bytes.length = this.#ends.at(-1) ?? 0;
    this.#syncing = 0;
    this.beforeSync = null;
  }

  wipe(): void {
    this.replace([]);
  }

  /** Puts these in place of all that is durable, at once. */
  replace(records: readonly Uint8Array[]): void {
    this.#bytes = new Writer(); // views of the old records may be in use
    this.#ends = [];
    for (const record of records) this.#write(record, record.length);
    this.#durable = records.length;
  }

  /** The durable ones, as views. */
  get records(): Uint8Array[] {
    return this.#ends.slice(0, this.#durable).map((end, i) => this.#bytes.bytes.subarray(this.#ends[i - 1] ?? 0, end));
  }

  #write(bytes: Uint8Array, length: number): void {
    this.#bytes.raw(length === bytes.length ? bytes : bytes.subarray(0, length));
    this.#ends.push(this.#bytes.length);
  }
}
