import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/core/random.ts";
import { createRing, Ring } from "../../src/transport/ring.ts";

const bytesFrom = (first: number, count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => first + i);

describe("a ring", () => {
  test("is empty at first", () => {
    expect(new Ring(createRing(64)).read()).toBeNull();
  });

  test("gives back what was written, once, across its end", () => {
    const ring = new Ring(createRing(64));
    for (let round = 0; round < 20; round++) {
      expect(ring.write(bytesFrom(round, 50), 0, 50)).toBe(50);
      expect(ring.read()).toEqual(bytesFrom(round, 50));
      expect(ring.read()).toBeNull();
    }
  });

  test("takes what there is room for, and says once that its writer waits", () => {
    const ring = new Ring(createRing(64));
    expect(ring.write(bytesFrom(0, 60), 0, 60)).toBe(60);
    expect(ring.unblock()).toBe(false);
    expect(ring.write(bytesFrom(60, 30), 0, 30)).toBe(4);
    expect(ring.write(bytesFrom(60, 30), 4, 30)).toBe(4);
    expect(ring.read()).toEqual(bytesFrom(0, 64));
    expect(ring.unblock()).toBe(true);
    expect(ring.unblock()).toBe(false);
    expect(ring.write(bytesFrom(60, 30), 4, 30)).toBe(30);
    expect(ring.read()).toEqual(bytesFrom(64, 26));
  });

  test("hands out copies: what is written later does not change them", () => {
    const ring = new Ring(createRing(64));
    ring.write(bytesFrom(0, 64), 0, 64);
    const chunk = ring.read();
    ring.write(bytesFrom(100, 64), 0, 64);
    expect(chunk).toEqual(bytesFrom(0, 64));
  });

  test.each([2 ** 31, 2 ** 32])("goes on when its positions pass %d", (limit) => {
    const memory = createRing(64);
    // Both positions, as if that many bytes had gone through.
    const words = new Int32Array(memory);
    words[0] = words[16] = limit - 100;
    const ring = new Ring(memory);
    for (let round = 0; round < 10; round++) {
      expect(ring.write(bytesFrom(round, 40), 0, 40)).toBe(40);
      expect(ring.write(bytesFrom(round + 40, 40), 0, 40)).toBe(24);
      expect(ring.read()).toEqual(bytesFrom(round, 64));
    }
  });

  test("keeps a stream as it is, whatever the sizes of writes and reads", () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = createRandom(seed, "ring");
      const ring = new Ring(createRing(2 ** (3 + random.below(6))));
      const sent = Uint8Array.from({ length: 5000 }, () => random.below(256));
      const received: number[] = [];
      for (let at = 0; received.length < sent.length; ) {
        if (random.below(2) === 0) at = ring.write(sent, at, Math.min(sent.length, at + random.below(300)));
        else received.push(...(ring.read() ?? []));
      }
      expect(Uint8Array.from(received), `seed ${seed}`).toEqual(sent);
    }
  });
});
