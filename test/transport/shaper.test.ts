import { createRandom } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rejectTag } from "../../src/engine/frames.ts";
import { sound, type Condition } from "../../src/network/condition.ts";
import { Path } from "../../src/network/path.ts";
import { FrameQueue, FrameSplitter } from "../../src/transport/frames.ts";
import { Shaper } from "../../src/transport/shaper.ts";

/** A shaper in virtual time: frames go in as numbers, and come out with the time at which they were handed on. */
class Bench {
  readonly shaper: Shaper;
  readonly out: { readonly frame: number; readonly at: number }[] = [];
  readonly late: number[] = [];
  now = 0;

  constructor(trip: number, condition: Partial<Condition> = {}, seed = 1) {
    this.shaper = new Shaper(new Path(trip, createRandom(seed, "link")));
    this.shaper.condition = { ...sound, ...condition };
  }

  send(...frames: readonly number[]): void {
    for (const frame of frames) this.shaper.frames.push(Uint8Array.of(0, frame >>> 8, frame), 3);
    this.shaper.send(this.now);
  }

  /** Wakes when something is due, as a place does, until `end`. */
  runUntil(end: number): void {
    for (this.now = Math.max(this.now, Math.min(this.shaper.next, end)); this.now < end; this.now = Math.min(Math.max(this.shaper.next, this.now), end)) this.#release();
    this.#release();
  }

  get frames(): number[] {
    return this.out.map(({ frame }) => frame);
  }

  #release(): void {
    const queue = new FrameQueue();
    this.shaper.release(this.now, queue, (by) => this.late.push(by));
    if (queue.empty) return;
    new FrameSplitter().push(queue.takeAll(), (bytes, start) => this.out.push({ frame: bytes[start + 1]! * 256 + bytes[start + 2]!, at: this.now }));
  }
}

const many = Array.from({ length: 1000 }, (_, frame) => frame);
const sendAll = (bench: Bench): Bench => {
  for (const frame of many) {
    bench.runUntil(frame * 100);
    bench.send(frame);
  }
  bench.runUntil(1_000_000);
  return bench;
};

describe("a shaper", () => {
  test("hands frames on when they have travelled, all of a turn together", () => {
    const bench = new Bench(5000);
    bench.send(1, 2);
    bench.runUntil(1000);
    bench.send(3);
    expect([bench.shaper.next, bench.shaper.length, bench.frames]).toEqual([5000, 21, []]);
    bench.runUntil(10_000);
    expect(bench.out).toEqual([{ frame: 1, at: 5000 }, { frame: 2, at: 5000 }, { frame: 3, at: 6000 }]);
    expect([bench.shaper.next, bench.shaper.length]).toEqual([Infinity, 0]);
  });

  test("keeps the order whatever the delays, and no frame is early", () => {
    const steps = fc.array(fc.record({ gap: fc.nat({ max: 3000 }), delay: fc.nat({ max: 20_000 }) }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(steps, (all) => {
        const bench = new Bench(1000);
        const earliest = all.map(({ gap, delay }, frame) => {
          bench.runUntil(bench.now + gap);
          bench.shaper.condition = { ...sound, delay };
          bench.send(frame);
          return bench.now + 1000 + delay;
        });
        bench.runUntil(1_000_000);
        expect(bench.frames).toEqual(all.map((_, frame) => frame));
        for (const { frame, at } of bench.out) expect(at).toBeGreaterThanOrEqual(earliest[frame]!);
      }),
    );
  });

  test("tells how late frames are handed on", () => {
    const bench = new Bench(5000);
    bench.send(1);
    bench.now = 5300;
    bench.runUntil(5300);
    expect(bench.late).toEqual([300]);
  });

  test("loses and doubles by its shares; the same seed does the same", () => {
    const lossy = sendAll(new Bench(1000, { loss: 0.2 }));
    expect(lossy.frames.length / many.length).toBeCloseTo(0.8, 1);
    expect(lossy.frames).toEqual([...new Set(lossy.frames)].sort((a, b) => a - b));
    const doubling = sendAll(new Bench(1000, { duplicate: 0.2 }));
    expect(doubling.frames.length / many.length).toBeCloseTo(1.2, 1);
    expect(new Set(doubling.frames)).toEqual(new Set(many));
    expect(sendAll(new Bench(1000, { loss: 0.2 })).frames).toEqual(lossy.frames);
    expect(sendAll(new Bench(1000, { loss: 0.2 }, 2)).frames).not.toEqual(lossy.frames);
  });

  test("a frame out of order holds nobody up, and none is lost", () => {
    const { frames, out } = sendAll(new Bench(1000, { reorder: 0.2 }));
    expect(frames).not.toEqual(many);
    expect(frames.toSorted((a, b) => a - b)).toEqual(many);
    const late = out.filter(({ frame, at }) => at > frame * 100 + 1000);
    expect(late.length / many.length).toBeCloseTo(0.2, 1);
  });

  test("a command that is handed over is not doubled", () => {
    const bench = new Bench(0, { duplicate: 1 });
    bench.shaper.frames.push(Uint8Array.of(rejectTag, 0, 1), 3);
    bench.send(2);
    bench.runUntil(1);
    expect(bench.frames).toEqual([1, 2, 2]);
  });

  test("a cut swallows what is sent and what is under way, until it ends", () => {
    const bench = new Bench(5000);
    bench.send(1);
    bench.shaper.condition = { ...sound, cut: true };
    bench.send(2);
    expect([bench.shaper.next, bench.shaper.length]).toEqual([Infinity, 0]);
    bench.shaper.condition = sound;
    bench.send(3);
    bench.runUntil(10_000);
    expect(bench.frames).toEqual([3]);
  });
});
