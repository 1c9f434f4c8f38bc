import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Disk } from "../../src/sim/disk.ts";

const record = (number: number): Uint8Array => Uint8Array.of(number);
const numbersOf = (disk: Disk): number[] => disk.records.map((bytes) => bytes[0]!);

test("an instant disk has what was appended, and a crash takes nothing", () => {
  const disk = new Disk(0);
  disk.append(record(1));
  expect(disk.waiting).toBe(false);
  disk.crash();
  expect(numbersOf(disk)).toEqual([1]);
});

describe("a disk that takes its time", () => {
  test("makes durable what was appended before the sync began; the rest waits for the next one", () => {
    const disk = new Disk(5);
    disk.append(record(1));
    disk.append(record(2));
    expect([disk.waiting, numbersOf(disk)]).toEqual([true, []]);
    disk.beginSync();
    disk.append(record(3));
    expect(disk.waiting).toBe(false);
    disk.endSync();
    expect([disk.waiting, numbersOf(disk)]).toEqual([true, [1, 2]]);
    disk.beginSync();
    disk.endSync();
    expect([disk.waiting, numbersOf(disk)]).toEqual([false, [1, 2, 3]]);
  });

  test("loses in a crash exactly what no finished sync covered; what is durable is a prefix of what was appended", () => {
    const steps = fc.array(fc.constantFrom("append", "append", "begin", "end", "crash"), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const disk = new Disk(5);
        let next = 0;
        let durable: number[] = [];
        let waiting: number[] = [];
        let syncing: number | null = null;
        for (const step of all) {
          if (step === "append") {
            disk.append(record(next % 256));
            waiting.push(next++ % 256);
          } else if (step === "begin" && disk.waiting) {
            disk.beginSync();
            syncing = waiting.length;
          } else if (step === "end" && syncing !== null) {
            disk.endSync();
            durable = [...durable, ...waiting.splice(0, syncing)];
            syncing = null;
          } else if (step === "crash") {
            disk.crash();
            waiting = [];
            syncing = null;
          }
          expect(numbersOf(disk)).toEqual(durable);
          expect(disk.waiting).toBe(syncing === null && waiting.length > 0);
        }
      }),
    );
  });
});

const written = (instant: boolean, ...numbers: readonly number[]): Disk => {
  const disk = new Disk(instant ? 0 : 5);
  for (const number of numbers) disk.append(record(number));
  return disk;
};

describe("a crash", () => {
  test.each([[0, []], [2, [1, 2]], [3, [1, 2, 3]]])("may leave the first %i unsynced records", (kept, left) => {
    const disk = written(false, 1, 2, 3);
    expect(disk.unsynced).toBe(3);
    disk.crash(kept);
    expect([numbersOf(disk), disk.unsynced]).toEqual([left, 0]);
  });

  test("that waits for a sync gives even an instant disk one to wait for, and order stays when it is called off", () => {
    const disk = written(true, 1);
    disk.beforeSync = () => {};
    expect([disk.append(record(2)), disk.waiting]).toEqual([false, true]);
    disk.beforeSync = null;
    expect(disk.append(record(3))).toBe(false);
    disk.beginSync();
    disk.endSync();
    expect([disk.append(record(4)), numbersOf(disk)]).toEqual([true, [1, 2, 3, 4]]);
  });

  test("calls off the crash that waited", () => {
    const disk = written(true);
    disk.beforeSync = () => {};
    disk.crash();
    expect(disk.append(record(1))).toBe(true);
  });
});

test("a wiped disk is empty", () => {
  const disk = new Disk(0);
  disk.append(record(1));
  disk.wipe();
  expect(numbersOf(disk)).toEqual([]);
});

test("a compacted disk holds what took the place of the rest, durably", () => {
  const disk = new Disk(0);
  disk.append(record(1));
  disk.replace([record(2), record(3)]);
  disk.crash();
  expect(numbersOf(disk)).toEqual([2, 3]);
});

test("records that were read stay as they are, whatever becomes of the disk", () => {
  const disk = written(true, 1, 2);
  const { records } = disk;
  disk.replace([record(3)]);
  disk.append(record(4));
  expect([records.map((bytes) => bytes[0]), numbersOf(disk)]).toEqual([[1, 2], [3, 4]]);
});
