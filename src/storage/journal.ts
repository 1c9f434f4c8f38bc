/** A replica's journal as a file: what it persisted in this life and those before. The layout is in format.ts. */
import { closeSync, fdatasync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../core/errors.ts";
import { DamageError, Group, newFileHeader, readContents, seedOf, type Owner } from "./format.ts";

export interface JournalSettings extends Owner {
  /** Absolute; made if absent. */
  readonly folder: string;
  /** Durable is what was synced; else what the system was given: the process may die then, the machine not. */
  readonly sync: boolean;
}

export interface JournalListener {
  /** The first `records` of this life are durable. Within `flush`, or later. */
  durable(records: number): void;
  /** It could not be written: nothing more becomes durable. */
  failed(error: Error): void;
}

export interface OpenedJournal {
  readonly journal: Journal;
  /** Of all lives before, oldest first. */
  readonly records: readonly Uint8Array[];
  /** How many lives there were before. */
  readonly incarnation: number;
}

/**
 * Group commit: one write and sync at a time, and what is appended meanwhile gathers for the next. A sync that failed is
 * never tried again: systems forget what they could not write.
 */
export class Journal {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #sync: boolean;
  readonly #group: Group;
  readonly #listener: JournalListener;
  #appended = 0;
  #syncing = false;
  #failed = false;

  private constructor(file: string, descriptor: number, sync: boolean, group: Group, listener: JournalListener) {
    this.#file = file;
    this.#descriptor = descriptor;
    this.#sync = sync;
    this.#group = group;
    this.#listener = listener;
  }

  /**
   * That another life began on it is on disk before this returns. Throws a `UsageError` that names file and byte if the
   * journal is damaged, another's, or not to be written.
   */
  static open({ folder, sync, ...owner }: JournalSettings, listener: JournalListener): OpenedJournal {
    const file = join(folder, "journal");
    try {
      const descriptor = openExisting(file) ?? create(folder, file, owner);
      const bytes = readAll(descriptor);
      const { records, lives, lastGroup, end } = readContents(bytes, owner);
      if (end < bytes.length) ftruncateSync(descriptor, end);
      // Where a sync failed in an earlier life, the system takes for written what it gave up.
      writeAll(descriptor, bytes.subarray(lastGroup, end), lastGroup);
      fsyncSync(descriptor);
      const group = new Group(seedOf(bytes), end);
      group.addOpened(lives);
      writeAll(descriptor, group.bytes, group.start);
      group.next();
      fsyncSync(descriptor);
      return { journal: new Journal(file, descriptor, sync, group, listener), records, incarnation: lives };
    } catch (error) {
      if (error instanceof DamageError) throw new UsageError(`${file}: ${error.message}`);
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new UsageError(`${file}: cannot be opened (${(error as Error).message})`);
    }
  }

  /** Buffers a record; `flush` takes it on. */
  append(bytes: Uint8Array, length: number): void {
    this.#group.add(bytes, length);
    this.#appended++;
  }

  /** Begins to make durable what was appended, unless a sync is under way: to be called again when that has ended. */
  flush(): void {
    // What the listener does when records are durable may append others.
    while (this.#group.length > 0 && !this.#syncing && !this.#failed) {
      const records = this.#appended;
      try {
        writeAll(this.#descriptor, this.#group.bytes, this.#group.start);
        this.#group.next();
      } catch (error) {
        return this.#fail(error);
      }
      if (this.#sync) this.#beginSync(records);
      else this.#listener.durable(records);
    }
  }

  /** For who is still alive afterwards. No sync may be under way. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #beginSync(records: number): void {
    this.#syncing = true;
    fdatasync(this.#descriptor, (error) => {
      this.#syncing = false;
      if (error === null) this.#listener.durable(records);
      else this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#listener.failed(new Error(`cannot write ${this.#file}: ${(error as Error).message}`, { cause: error }));
  }
}

const openExisting = (file: string): number | null => {
  try {
    return openSync(file, "r+");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
};

/** A file of that name is whole or not there. */
const create = (folder: string, file: string, owner: Owner): number => {
  makeFolder(folder);
  const descriptor = openSync(`${file}.new`, "w+");
  writeAll(descriptor, newFileHeader(owner), 0);
  fsyncSync(descriptor);
  renameSync(`${file}.new`, file);
  syncFolder(folder);
  return descriptor;
};

/** The entry of each folder that is made is on disk. */
const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT") throw error;
    makeFolder(dirname(folder));
    mkdirSync(folder);
  }
  syncFolder(dirname(folder));
};

const syncFolder = (folder: string): void => {
  const descriptor = openSync(folder, "r");
  fsyncSync(descriptor);
  closeSync(descriptor);
};

const readAll = (descriptor: number): Buffer => {
  const bytes = Buffer.allocUnsafe(fstatSync(descriptor).size);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, Math.min(bytes.length - at, 2 ** 30), at);
    if (read === 0) return bytes.subarray(0, at);
    at += read;
  }
  return bytes;
};

const writeAll = (descriptor: number, bytes: Buffer, start: number): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, start + at);
};
