import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { Doorbell } from "../../src/transport/doorbell.ts";
import { Inlet, Outlet } from "../../src/transport/link.ts";
import { createRing, Ring } from "../../src/transport/ring.ts";

const rung = 1;

test("a doorbell that was rung before does not let its owner sleep, once", () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const doorbell = new Doorbell(words, 0);
  doorbell.ring();
  doorbell.wait(Infinity);
  expect(Atomics.load(words, 0)).not.toBe(rung);
});

test("a flush rings the receiver once for all frames; a receiver that makes room rings a sender that waits", () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const [sender, receiver] = [new Doorbell(words, 0), new Doorbell(words, 1)];
  const memory = createRing(64);
  const outlet = new Outlet(new Ring(memory), receiver);
  const inlet = new Inlet(new Ring(memory), sender);
  const lengths: number[] = [];
  const take = (): void => inlet.take((_, start, end) => lengths.push(end - start));

  outlet.flush();
  expect([...words]).toEqual([0, 0]);
  for (const length of [10, 20]) outlet.frames.push(new Uint8Array(length), length);
  outlet.flush();
  expect([...words]).toEqual([0, rung]);
  take();
  expect([...words]).toEqual([0, rung]);

  outlet.frames.push(new Uint8Array(100), 100);
  outlet.flush();
  expect(outlet.frames.empty).toBe(false);
  take();
  expect([...words]).toEqual([rung, rung]);
  outlet.flush();
  take();
  expect(outlet.frames.empty).toBe(true);
  expect(lengths).toEqual([10, 20, 100]);
});

test("frames larger than the ring pass between two threads that sleep", async () => {
  const bells = new SharedArrayBuffer(8);
  const [there, back] = [createRing(1024), createRing(1024)];
  const worker = new Worker(new URL("./fixtures/echo.ts", import.meta.url), { workerData: { bells, there, back } });
  const words = new Int32Array(bells);
  const [own, other] = [new Doorbell(words, 0), new Doorbell(words, 1)];
  const outlet = new Outlet(new Ring(there), other);
  const inlet = new Inlet(new Ring(back), other);

  const lengths = [1, 5000, 3, 1024, 100_000, 0];
  for (const length of lengths) outlet.frames.push(new Uint8Array(length).fill(length % 251), length);
  const received: number[] = [];
  outlet.flush();
  while (received.length < lengths.length) {
    own.wait(Infinity);
    inlet.take((bytes, start, end) => {
      expect(bytes.subarray(start, end).every((byte) => byte === (end - start) % 251)).toBe(true);
      received.push(end - start);
    });
    outlet.flush();
  }
  expect(received).toEqual(lengths);
  await once(worker, "exit");
});
