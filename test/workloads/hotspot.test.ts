import { createRandom, keysOf } from "paxbench";
import { expect, test } from "vitest";
import hotspot from "../../workloads/hotspot/index.ts";

const keys = (site: number, given: { hotShare?: number; locality?: number } = {}): number[] => {
  const env = { client: site, clients: 2, site, sites: 2, random: createRandom(1, `client ${site}`) };
  const source = hotspot.create(env, { keys: 1000, hot: 10, hotShare: 1, every: 100, locality: 1, writes: 0.5, valueBytes: 16, ...given });
  return Array.from({ length: 1000 }, (_, sequence) => Number(keysOf(source.next(sequence).operation)![0]!.slice(1)));
};

test("each stretch of operations has its own few keys, in the part of the client's site", () => {
  for (const site of [0, 1]) {
    for (let stretch = 0; stretch < 10; stretch++) {
      const seen = keys(site).slice(stretch * 100, stretch * 100 + 100);
      expect(new Set(seen).size).toBe(10);
      expect(Math.min(...seen)).toBe(site * 500 + stretch * 10);
      expect(Math.max(...seen)).toBe(site * 500 + stretch * 10 + 9);
    }
  }
});

test("the shares on the hot spot and at the own site are those asked for", () => {
  const off = keys(0, { hotShare: 0.8 }).filter((key, sequence) => Math.floor(key / 10) !== Math.floor(sequence / 100)).length;
  expect(Math.abs(off - 200 * (1 - 10 / 500))).toBeLessThan(5 * Math.sqrt(0.2 * 0.8 * 1000));
  const away = keys(0, { locality: 0.5 }).filter((key) => key >= 500).length;
  expect(Math.abs(away - 250)).toBeLessThan(5 * Math.sqrt(0.25 * 0.75 * 1000)); // half of those that leave stay by chance
});
