/**
 * One replica's journal. An instant disk makes a record durable as it is appended; otherwise records become durable in
 * groups, each sync covering what was appended before it began. A crash loses the rest.
 */
export class Disk {
  readonly #durable: Uint8Array[] = [];
  #unsynced: Uint8Array[] = [];
  #syncing = 0;
  readonly instant: boolean;

  constructor(instant: boolean) {
    this.instant = instant;
  }

  append(record: Uint8Array): void {
    (this.instant ? this.#durable : this.#unsynced).push(record);
  }

  /** Records wait, and no sync is under way. */
  get waiting(): boolean {
    return this.#syncing === 0 && this.#unsynced.length > 0;
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

  crash(): void {
    this.#unsynced = [];
    this.#syncing = 0;
  }

  get records(): readonly Uint8Array[] {
    return this.#durable;
  }
}
