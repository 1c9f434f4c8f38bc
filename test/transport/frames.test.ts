import { expect, test } from "vitest";
import { createRandom, type Random } from "../../src/core/random.ts";
import { FrameQueue, FrameSplitter, type ByteSink } from "../../src/transport/frames.ts";

const randomBytes = (random: Random, length: number): Uint8Array => Uint8Array.from({ length }, () => random.below(256));

/** Mostly small, some empty, some far larger than any chunk below. */
const randomFrame = (random: Random): Uint8Array => randomBytes(random, random.below(random.below(10) === 0 ? 3000 : 40));

const put = (queue: FrameQueue, frame: Uint8Array, random: Random): void => {
  if (random.below(2) === 0) return queue.push(frame, frame.length);
  queue.begin().raw(frame);
  queue.end();
};

/** Takes as much as chance says, often nothing. */
class FickleSink implements ByteSink {
  readonly chunks: Uint8Array[] = [];
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  write(source: Uint8Array, from: number, to: number): number {
    const end = Math.min(to, from + this.#random.below(200));
    if (end > from) this.chunks.push(source.slice(from, end));
    return end;
  }
}

test("frames of any size arrive whole and in order, however the stream is cut", () => {
  for (let seed = 0; seed < 200; seed++) {
    const random = createRandom(seed, "frames");
    const sent = Array.from({ length: 30 }, () => randomFrame(random));
    const queue = new FrameQueue();
    const sink = new FickleSink(random);
    const splitter = new FrameSplitter();
    const received: Uint8Array[] = [];
    for (let next = 0; next < sent.length || !queue.empty; ) {
      if (next < sent.length && random.below(3) === 0) put(queue, sent[next++]!, random);
      else queue.drain(sink);
      for (const chunk of sink.chunks.splice(0)) {
        splitter.push(chunk, (bytes, start, end) => received.push(bytes.subarray(start, end)));
      }
    }
    expect(received, `seed ${seed}`).toEqual(sent);
  }
});

test("drain says whether the sink took anything", () => {
  const queue = new FrameQueue();
  queue.push(new Uint8Array(10), 10);
  expect(queue.drain({ write: (_, from) => from })).toBe(false);
  expect(queue.drain({ write: (_, from) => from + 1 })).toBe(true);
  expect(queue.empty).toBe(false);
  expect(queue.drain({ write: (_, _from, to) => to })).toBe(true);
  expect(queue.empty).toBe(true);
});

test("a frame over the limit is refused by its length alone; one within it passes", () => {
  const splitter = new FrameSplitter(10);
  const received: number[] = [];
  const push = (...bytes: number[]): void => splitter.push(Uint8Array.from(bytes), (_, start, end) => received.push(end - start));
  push(2, 0, 0, 0, 7, 7, 10, 0);
  expect(splitter.incomplete).toBe(true);
  push(0, 0, ...Array.from({ length: 10 }, () => 1));
  expect([received, splitter.incomplete]).toEqual([[2, 10], false]);
  expect(() => push(11, 0, 0, 0)).toThrow("a frame of 11 bytes, at most 10 are allowed");
});

test("a queue that nobody will take is emptied", () => {
  const queue = new FrameQueue();
  queue.push(new Uint8Array(10), 10);
  expect(queue.length).toBe(14);
  queue.clear();
  expect([queue.length, queue.empty]).toEqual([0, true]);
});
