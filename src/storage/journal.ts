/** A replica's journal as a file: what it persisted in this life and those before. The layout is in format.ts. */
import { closeSync, fdatasync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";
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

/** Bytes below which a journal stays as it is: it is read in no time. */
const leastCompacted = 2 ** 20;

/**
 * Group commit: one write and sync at a time, and what is appended meanwhile gathers for the next. A sync that failed is
 * never tried again: systems forget what they could not write.
 */
export class Journal {
  readonly #file: string;
  readonly #owner: Owner;
  readonly #life: number;
  readonly #sync: boolean;
  readonly #listener: JournalListener;
  #descriptor: number;
  #group: Group;
  #appended = 0;
  #syncing = false;
  #failed = false;

  private constructor(file: string, { sync, ...owner }: JournalSettings, life: number, listener: JournalListener, descriptor: number, group: Group) {
    this.#file = file;
    this.#owner = owner;
    this.#life = life;
    this.#sync = sync;
    this.#listener = listener;
    this.#descriptor = descriptor;
    this.#group = group;
  }

  /**
   * That another life began on it is on disk before this returns. Throws a `UsageError` that names file and byte if the
   * journal is damaged, another's, or not to be written.
   */
  static open(settings: JournalSettings, listener: JournalListener): OpenedJournal {
    const { folder } = settings;
    const file = join(folder, "journal");
    try {
      const descriptor = openExisting(file) ?? create(folder, file, settings);
      rmSync(newName(file), { force: true });
      const bytes = readAll(descriptor);
      const { records, lives, lastGroup, end } = readContents(bytes, settings);
      if (end < bytes.length) ftruncateSync(descriptor, end);
      // Where a sync failed in an earlier life, the system takes for written what it gave up.
      writeAll(descriptor, bytes.subarray(lastGroup, end), lastGroup);
      fsyncSync(descriptor);
      const group = new Group(seedOf(bytes), end);
      group.addOpened(lives);
      writeGroup(descriptor, group);
      fsyncSync(descriptor);
      return { journal: new Journal(file, settings, lives, listener, descriptor, group), records, incarnation: lives };
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
        writeGroup(this.#descriptor, this.#group);
      } catch (error) {
        return this.#fail(error);
      }
      if (this.#sync) this.#beginSync(records);
      else this.#listener.durable(records);
    }
  }

  /**
   * Puts `records`, which say the same, in place of all that it holds, if that makes it less than half as large. A crash
   * leaves the old file or the new one, whole. Called before anything is appended. What cannot be written, for want of room
   * say, leaves all as it is.
   */
  compact(records: Iterable<Uint8Array>): void {
    const { size } = fstatSync(this.#descriptor);
    if (size < leastCompacted) return;
    const header = newFileHeader(this.#owner);
    const group = new Group(seedOf(header), header.length);
    for (const record of records) {
      group.add(record);
      if (group.length > size / 2) return;
    }
    try {
      const descriptor = this.#writeNew(header, group);
      if (descriptor === null) return;
      adoptNew(this.#file);
      closeSync(this.#descriptor);
      this.#descriptor = descriptor;
      this.#group = group;
    } catch (error) {
      this.#fail(error);
    }
  }

  /** For who is still alive afterwards. No sync may be under way. */
  close(): void {
    closeSync(this.#descriptor);
  }

  #writeNew(header: Buffer, group: Group): number | null {
    let descriptor: number | null = null;
    try {
      descriptor = openSync(newName(this.#file), "w+");
      writeAll(descriptor, header, 0);
      writeGroup(descriptor, group);
      group.addOpened(this.#life);
      writeGroup(descriptor, group);
      fsyncSync(descriptor);
      return descriptor;
    } catch {
      if (descriptor === null) return null;
      closeSync(descriptor);
      rmSync(newName(this.#file), { force: true });
      return null;
    }
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

/** A file with the journal's own name is whole or not there; of one with this name a crash may have left anything. */
const newName = (file: string): string => `${file}.new`;

const create = (folder: string, file: string, owner: Owner): number => {
  makeFolder(folder);
  const descriptor = openSync(newName(file), "w+");
  writeAll(descriptor, newFileHeader(owner), 0);
  fsyncSync(descriptor);
  adoptNew(file);
  return descriptor;
};

const adoptNew = (file: string): void => {
  renameSync(newName(file), file);
  syncFolder(dirname(file));
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

const writeGroup = (descriptor: number, group: Group): void => {
  writeAll(descriptor, group.bytes, group.start);
  group.next();
};

const writeAll = (descriptor: number, bytes: Buffer, start: number): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, start + at);
};
