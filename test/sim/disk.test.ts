import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Disk } from "../../src/sim/disk.ts";

const record = (number: number): Uint8Array => Uint8Array.of(number);
const numbersOf = (disk: Disk): number[] => disk.records.map((bytes) => bytes[0]!);

test("an instant disk has what was appended, and a crash takes nothing", () => {
  const disk = new Disk(true);
  disk.append(record(1));
  expect(disk.waiting).toBe(false);
  disk.crash();
  expect(numbersOf(disk)).toEqual([1]);
});

describe("a disk that takes its time", () => {
  test("makes durable what was appended before the sync began; the rest waits for the next one", () => {
    const disk = new Disk(false);
    disk.append(record(1));
    disk.append(record(2));
    expect([disk.waiting, numbersOf(disk)]).toEqual([true, []]);
    disk.beginSync();
    disk.append(record(3));
    expect(disk.waiting).toBe(false);
    expect(disk.endSync()).toBe(2);
    expect([disk.waiting, numbersOf(disk)]).toEqual([true, [1, 2]]);
    disk.beginSync();
    expect(disk.endSync()).toBe(1);
    expect([disk.waiting, numbersOf(disk)]).toEqual([false, [1, 2, 3]]);
  });

  test("loses in a crash exactly what no finished sync covered; what is durable is a prefix of what was appended", () => {
    const steps = fc.array(fc.constantFrom("append", "append", "begin", "end", "crash"), { maxLength: 60 });
    fc.assert(
      fc.property(steps, (all) => {
        const disk = new Disk(false);
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
            durable = [...durable, ...waiting.splice(0, disk.endSync())];
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
