/**
 * What a journal is on disk. Numbers are little-endian, records begin at multiples of 16 bytes.
 *
 *   file    magic 8, version 4, replica 4, the cluster's fingerprint 16, salt 12, checksum of all that 4
 *   record  payload's length and flags 4, payload's checksum 4, `back` 4, checksum of these twelve 4
 *           payload, zeros up to the next multiple of 16; its checksum covers them too
 *
 * A group is what one write and one sync make durable; `back` is how far before the record its group begins, in units of 16
 * bytes. Checksums (CRC-32) continue from the file's: through its salt, what another journal or a client's value contains
 * is no record here.
 *
 * Two ends that are no record are told apart. *Torn*: a crash cut the last write short; nobody was told yet that its group
 * is durable, and the rest is cut off. *Damaged*: anything else, and nobody may go on from there. A disk writes a sector
 * whole or not at all, so torn is
 *
 *   - what ends with the file: less than a header, or less than the record that an intact header announces;
 *   - a header of zeros: its sector was never written (no header straddles two);
 *   - an intact header with a wrong payload, some sector of which is zeros: that one was never written,
 *
 * unless a record follows whose group begins later: it was written after this group was durable. One changed byte is never
 * taken for torn. It cannot make a header zeros, nor a sector, as long as that has two bytes that are not; a record with
 * another kind of sector is flagged `faint`, and if its payload is wrong, then it is damaged.
 */
import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const magic = Buffer.from("pxjournl");
/** Raised with every change of this layout. */
const version = 1;
const saltBytes = 12;
export const fileHeaderBytes = 48;

const headerBytes = 16;
const alignment = 16;
const sectorBytes = 512;

const faintFlag = 2 ** 31;
/** A life of the replica began: the payload is its number, from 0, in four bytes. */
const openedFlag = 2 ** 30;
const longest = 2 ** 30 - 1;

/** Whose journal it is. */
export interface Owner {
  /** 16 bytes. */
  readonly fingerprint: Uint8Array;
  readonly replica: number;
}

export const newFileHeader = ({ fingerprint, replica }: Owner): Buffer => {
  const header = Buffer.alloc(fileHeaderBytes);
  magic.copy(header);
  header.writeUInt32LE(version, 8);
  header.writeUInt32LE(replica, 12);
  header.set(fingerprint, 16);
  randomBytes(saltBytes).copy(header, 32);
  header.writeUInt32LE(crc32(header.subarray(0, fileHeaderBytes - 4)), fileHeaderBytes - 4);
  return header;
};

/** What the checksums of a file's records continue from. */
export const seedOf = (file: Buffer): number => file.readUInt32LE(fileHeaderBytes - 4);

const padded = (length: number): number => Math.ceil(length / alignment) * alignment;

/** The records of one group, as they will stand in the file. */
export class Group {
  length = 0;
  readonly #seed: number;
  #bytes = Buffer.alloc(65_536);
  #start: number;

  constructor(seed: number, start: number) {
    this.#seed = seed;
    this.#start = start;
  }

  /** Where it goes in the file. */
  get start(): number {
    return this.#start;
  }

  /** Valid until `next`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  add(payload: Uint8Array, length = payload.length): void {
    this.#add(payload, length, 0);
  }

  addOpened(life: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(life);
    this.#add(payload, payload.length, openedFlag);
  }

  /** It was written: the next one, behind it, begins empty. */
  next(): void {
    this.#start += this.length;
    this.length = 0;
  }

  #add(payload: Uint8Array, length: number, flags: number): void {
    if (length > longest) throw new RangeError(`a record of ${length} bytes: a journal takes at most ${longest}`);
    const at = this.length;
    const from = at + headerBytes;
    const to = from + padded(length);
    if (to > this.#bytes.length) this.#grow(to);
    const bytes = this.#bytes;
    bytes.set(payload.length === length ? payload : payload.subarray(0, length), from);
    bytes.fill(0, from + length, to);
    const faint = hasFaintSector(bytes, at, to, this.#start) ? faintFlag : 0;
    bytes.writeUInt32LE(length + flags + faint, at);
    bytes.writeUInt32LE(crc32(bytes.subarray(from, to), this.#seed), at + 4);
    bytes.writeUInt32LE(at / alignment, at + 8);
    bytes.writeUInt32LE(crc32(bytes.subarray(at, at + 12), this.#seed), at + 12);
    this.length = to;
  }

  #grow(need: number): void {
    const larger = Buffer.alloc(Math.max(this.#bytes.length * 2, need));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}

/** Without the sector in which the record begins: where that is missing, so is the header. `start`: of `bytes` in the file. */
const furtherSectors = function* (bytes: Buffer, at: number, to: number, start = 0): Generator<Buffer> {
  let from = at + sectorBytes - ((start + at) % sectorBytes);
  for (; from < to; from += sectorBytes) yield bytes.subarray(from, Math.min(from + sectorBytes, to));
};

const hasFaintSector = (bytes: Buffer, at: number, to: number, start: number): boolean => {
  for (const sector of furtherSectors(bytes, at, to, start)) {
    const first = sector.findIndex((byte) => byte !== 0);
    if (first < 0 || isZeros(sector.subarray(first + 1))) return true;
  }
  return false;
};

const isZeros = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0);

/** A journal that nobody may go on from. The message says what is wrong and at which byte. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}

export interface Contents {
  /** Oldest first; views into the file's bytes. */
  readonly records: readonly Uint8Array[];
  /** How many lives began on it. */
  readonly lives: number;
  /** Where the last group began, of which nobody may have been told. */
  readonly lastGroup: number;
  /** Where the next group goes. What stands there, if anything, is torn. */
  readonly end: number;
}

/** Throws a `DamageError`. */
export const readContents = (file: Buffer, owner: Owner): Contents => {
  expectOwner(file, owner);
  const records: Uint8Array[] = [];
  let lives = 0;
  let at = fileHeaderBytes;
  let groupStart = at;
  while (at < file.length) {
    const record = recordAt(file, at);
    if ("wrong" in record) {
      if (record.torn && !laterGroupFollows(file, at)) break;
      throw new DamageError(`damaged at byte ${at}: ${record.wrong}`);
    }
    if (record.groupStart !== groupStart && record.groupStart !== at) throw new DamageError(`damaged at byte ${at}: a record of another group`);
    groupStart = record.groupStart;
    if (record.opened) lives = record.payload.readUInt32LE() + 1;
    else records.push(record.payload);
    at += headerBytes + padded(record.payload.length);
  }
  return { records, lives, lastGroup: groupStart, end: at };
};

const expectOwner = (file: Buffer, { fingerprint, replica }: Owner): void => {
  if (file.length < fileHeaderBytes || !file.subarray(0, 8).equals(magic)) throw new DamageError("no journal of paxbench, or damaged at byte 0");
  const found = file.readUInt32LE(8);
  if (found !== version) throw new DamageError(`a journal of version ${found}; allowed is ${version}`);
  if (crc32(file.subarray(0, fileHeaderBytes - 4)) !== seedOf(file)) throw new DamageError("damaged at byte 0: the checksum of its header is wrong");
  if (!file.subarray(16, 32).equals(fingerprint)) throw new DamageError("the journal of another cluster: name, protocol, options, size or version of paxbench differ");
  const number = file.readUInt32LE(12);
  if (number !== replica) throw new DamageError(`the journal of replica ${number}; allowed is that of replica ${replica}`);
};

interface Header {
  readonly length: number;
  readonly opened: boolean;
  readonly faint: boolean;
  readonly checksum: number;
  readonly groupStart: number;
}

const headerAt = (file: Buffer, at: number): Header | null => {
  if (file.readUInt32LE(at + 12) !== crc32(file.subarray(at, at + 12), seedOf(file))) return null;
  const flags = file.readUInt32LE(at);
  return {
    length: flags % openedFlag,
    opened: (flags & openedFlag) !== 0,
    faint: flags >= faintFlag,
    checksum: file.readUInt32LE(at + 4),
    groupStart: at - file.readUInt32LE(at + 8) * alignment,
  };
};

type Found = (Header & { readonly payload: Buffer }) | { readonly wrong: string; readonly torn: boolean };

const recordAt = (file: Buffer, at: number): Found => {
  const from = at + headerBytes;
  if (from > file.length) return { wrong: "a header cut off", torn: true };
  const header = headerAt(file, at);
  if (header === null) return { wrong: "the checksum of a record's header is wrong", torn: isZeros(file.subarray(at, from)) };
  const to = from + padded(header.length);
  if (to > file.length) return { wrong: "a record cut off", torn: true };
  if (crc32(file.subarray(from, to), seedOf(file)) !== header.checksum) {
    return { wrong: "the checksum of a record is wrong", torn: !header.faint && [...furtherSectors(file, at, to)].some(isZeros) };
  }
  return { ...header, payload: file.subarray(from, from + header.length) };
};

const laterGroupFollows = (file: Buffer, torn: number): boolean => {
  for (let at = torn + alignment; at + headerBytes <= file.length; at += alignment) {
    if ((headerAt(file, at)?.groupStart ?? 0) > torn) return true;
  }
  return false;
};
