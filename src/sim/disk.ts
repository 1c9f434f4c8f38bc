/**
 * One replica's journal. With a sync time of 0 a record is durable once appended; otherwise records become durable in
 * groups, each sync taking that long and covering what was appended before it began. A crash loses the rest.
 */
export class Disk {
  readonly #durable: Uint8Array[] = [];
  #unsynced: Uint8Array[] = [];
  #syncing = 0;
  readonly instant: boolean;

  constructor(instant: boolean) {
    this.instant = instant;
  }

  /** True if a sync must be started: records wait and none is under way. */
  append(record: Uint8Array): boolean {
    if (this.instant) {
      this.#durable.push(record);
      return false;
    }
    this.#unsynced.push(record);
    return this.#syncing === 0;
  }

  beginSync(): void {
    this.#syncing = this.#unsynced.length;
  }

  /** Ends the sync under way; returns how many records it made durable. Others may wait for the next one. */
  endSync(): number {
    const synced = this.#syncing;
    for (const record of this.#unsynced.splice(0, synced)) this.#durable.push(record);
    this.#syncing = 0;
    return synced;
  }

  get waiting(): boolean {
    return this.#unsynced.length > 0;
  }

  crash(): void {
    this.#unsynced = [];
    this.#syncing = 0;
  }

  get records(): readonly Uint8Array[] {
    return this.#durable;
  }
}
