import { describe, expect, test } from "vitest";
import { DamageError, Group, newFileHeader, readContents, seedOf } from "../../src/storage/format.ts";

const owner = { fingerprint: new Uint8Array(16).fill(7), replica: 1 };
const sector = 512;

const text = (length: number, fill = "x"): Buffer => Buffer.alloc(length, fill);
const sparse = (length: number, ...at: number[]): Buffer => {
  const bytes = Buffer.alloc(length);
  for (const each of at) bytes[each] = 1;
  return bytes;
};

interface Made {
  readonly file: Buffer;
  /** Where each group begins; then the end of the file. */
  readonly groups: readonly number[];
  /** Where each record ends. */
  readonly ends: readonly number[];
}

/** A journal with these payloads, by group. The first group opens it. */
const journal = (...groups: readonly (readonly Uint8Array[])[]): Made => {
  const header = newFileHeader(owner);
  const group = new Group(seedOf(header), header.length);
  const parts: Buffer[] = [header];
  const starts: number[] = [];
  const ends: number[] = [];
  const next = (): void => {
    starts.push(group.start);
    parts.push(Buffer.from(group.bytes));
    group.next();
  };
  group.addOpened(0);
  next();
  for (const payloads of groups) {
    for (const payload of payloads) {
      group.add(payload);
      ends.push(group.start + group.length);
    }
    next();
  }
  return { file: Buffer.concat(parts), groups: [...starts, group.start], ends };
};

/** With zeros in these sectors, from `from` to `to`. */
const without = (file: Buffer, sectors: readonly number[], from: number, to: number): Buffer => {
  const changed = Buffer.from(file);
  for (const each of sectors) changed.fill(0, Math.max(from, each * sector), Math.min(to, (each + 1) * sector));
  return changed;
};
const sectorsOf = (from: number, to: number): number[] =>
  Array.from({ length: Math.ceil(to / sector) - Math.floor(from / sector) }, (_, i) => Math.floor(from / sector) + i);

const lengthsIn = (file: Buffer): number[] => readContents(file, owner).records.map((record) => record.length);

const withByte = (file: Buffer, at: number, byte: number): Buffer => {
  const changed = Buffer.from(file);
  changed[at] = byte;
  return changed;
};

const isRefused = (file: Buffer): boolean => {
  try {
    readContents(file, owner);
    return false;
  } catch (error) {
    return error instanceof DamageError;
  }
};

/** By what stands in the last record; in all of them records lie across sectors. */
const journals: readonly (readonly [string, Made])[] = [
  ["short", journal([text(3), text(40)], [text(700)], [text(1), text(2), text(3)])],
  ["empty", journal([text(600)], [text(9)], [text(0)])],
  ["long", journal([text(100)], [text(300), text(2000)])],
  ["ending a byte behind a sector", journal([text(9)], [text(sector - 48 - 32 - 32 - 16 + 1)])],
  ["of zeros", journal([text(100)], [Buffer.alloc(2000)])],
  ["of zeros and one byte a sector", journal([text(100)], [sparse(2000, 700, 1100, 1600)])],
  ["of zeros and two bytes a sector", journal([text(100)], [sparse(2000, 500, 501, 900, 901, 1500, 1501, 1990, 1991)])],
];

test("what was written is read, in order, with the number of lives", () => {
  const header = newFileHeader(owner);
  const group = new Group(seedOf(header), header.length);
  group.addOpened(0);
  group.add(text(5, "a"));
  group.add(text(99, "b"), 7);
  group.addOpened(1);
  const file = Buffer.concat([header, group.bytes]);
  const { records, lives, lastGroup, end } = readContents(file, owner);
  expect(records.map((record) => Buffer.from(record).toString())).toEqual(["aaaaa", "bbbbbbb"]);
  expect({ lives, lastGroup, end }).toEqual({ lives: 2, lastGroup: header.length, end: file.length });
});

describe.each(journals)("a journal whose last record is %s", (_, { file, groups, ends }) => {
  test("cut anywhere: every record that is whole is there, the rest is torn", () => {
    for (let cut = groups[0]!; cut < file.length; cut++) {
      const { records, end } = readContents(file.subarray(0, cut), owner);
      expect(records.length, `cut at ${cut}`).toBe(ends.filter((recordEnd) => recordEnd <= cut).length);
      expect(end, `cut at ${cut}`).toBeLessThanOrEqual(cut);
    }
  });

  test("any one byte changed: refused", () => {
    const unnoticed: string[] = [];
    for (let at = 0; at < file.length; at++) {
      const byte = file[at]!;
      for (const other of new Set([byte ^ 1, byte ^ 0x80, byte ^ 0xff, 0, 1])) {
        if (other !== byte && !isRefused(withByte(file, at, other))) unnoticed.push(`byte ${at}: ${other}`);
      }
    }
    expect(unnoticed).toEqual([]);
  });
});

describe("sectors that were never written", () => {
  const { file, groups, ends } = journal([text(700)], [text(300)], [text(30), text(1000), text(10), text(450), text(900), text(3)]);
  const [first, last, end] = [groups[1]!, groups[3]!, groups[4]!];

  test("any of the last group's: the records before them are there", () => {
    const sectors = sectorsOf(last, end);
    expect(sectors.length).toBeGreaterThan(4);
    for (let choice = 1; choice < 2 ** sectors.length; choice++) {
      const missing = sectors.filter((_, i) => ((choice >> i) & 1) === 1);
      const torn = Math.max(last, missing[0]! * sector);
      const whole = ends.filter((recordEnd) => recordEnd <= torn).length;
      expect(lengthsIn(without(file, missing, last, end)), `without sectors ${missing.join()}`).toEqual(lengthsIn(file).slice(0, whole));
    }
  });

  test.each(sectorsOf(first, last))("of a group that others follow, sector %i: refused", (missing) => {
    expect(() => readContents(without(file, [missing], first, last), owner)).toThrow(/^damaged at byte \d+: the checksum/);
  });

  test("of a record that has such sectors itself: refused, for it could be a changed byte", () => {
    const zeros = journal([text(100)], [Buffer.concat([text(1000), Buffer.alloc(1000)])]);
    expect(() => readContents(without(zeros.file, [1], zeros.groups[2]!, zeros.file.length), owner)).toThrow(/^damaged/);
  });
});

test("a value that holds a journal is a value, also when it is torn", () => {
  const inner = journal([text(10)], [text(10)], [text(10)]).file;
  const { file } = journal([text(20)], [Buffer.concat([inner, text(1000)])]);
  expect(lengthsIn(file)).toEqual([20, inner.length + 1000]);
  const torn = Buffer.from(file).fill(0, sector, 2 * sector);
  expect(lengthsIn(torn)).toEqual([20]);
});

describe("what is no journal of this replica is refused", () => {
  const { file } = journal([text(10)]);
  test.each<readonly [string, Buffer, object, RegExp]>([
    ["nothing", Buffer.alloc(0), {}, /^no journal of paxbench, or damaged at byte 0$/],
    ["half a header", file.subarray(0, 30), {}, /^no journal of paxbench/],
    ["something else", text(100), {}, /^no journal of paxbench/],
    ["another version", withByte(file, 8, 2), {}, /^a journal of version 2; allowed is 1$/],
    ["another cluster's", file, { fingerprint: new Uint8Array(16) }, /^the journal of another cluster/],
    ["another replica's", file, { replica: 2 }, /^the journal of replica 1; allowed is that of replica 2$/],
  ])("%s", (_, bytes, other, message) => {
    expect(() => readContents(bytes, { ...owner, ...other })).toThrow(message);
  });
});
