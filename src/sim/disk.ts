import type { Micros } from "../core/ids.ts";

/**
 * One replica's journal. An instant disk makes a record durable as it is appended; otherwise records become durable in
 * groups, each sync covering what was appended before it began.
 */
export class Disk {
  readonly #durable: Uint8Array[] = [];
  #unsynced: Uint8Array[] = [];
  #syncing = 0;
  /** How long a sync takes; 0: an instant disk. */
  sync: Micros;
  /** Called in place of the end of the next sync. While it is set, an instant disk syncs as any other. */
  beforeSync: (() => void) | null = null;

  constructor(sync: Micros) {
    this.sync = sync;
  }

  /** True if the record is durable already. */
  append(record: Uint8Array): boolean {
    const durable = this.sync === 0 && this.beforeSync === null && this.#unsynced.length === 0;
    (durable ? this.#durable : this.#unsynced).push(record);
    return durable;
  }

  /** Records wait, and no sync is under way. */
  get waiting(): boolean {
    return this.#syncing === 0 && this.#unsynced.length > 0;
  }

  /** How many records a crash may lose. */
  get unsynced(): number {
    return this.#unsynced.length;
  }

  beginSync(): void {
    this.#syncing = this.#unsynced.length;
  }

  /** Ends the sync under way. Records appended since wait for the next one. */
  endSync(): void {
    this.#durable.push(...this.#unsynced.splice(0, this.#syncing));
    this.#syncing = 0;
  }

  /** Loses all that is not durable but the first `kept` records. */
  crash(kept = 0): void {
    this.#durable.push(...this.#unsynced.slice(0, kept));
    this.#unsynced = [];
    this.#syncing = 0;
    this.beforeSync = null;
  }

  wipe(): void {
    this.#durable.length = 0;
  }

  /** Puts these in place of all that is durable, at once. */
  replace(records: readonly Uint8Array[]): void {
    this.#durable.length = 0;
    for (const record of records) this.#durable.push(record);
  }

  get records(): readonly Uint8Array[] {
    return this.#durable;
  }
}
