import { createRandom } from "paxbench";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Condition } from "../../src/network/condition.ts";
import { Network } from "../../src/sim/network.ts";
import type { Topology } from "../../src/network/topology.ts";
import { evenTopology } from "paxbench/testing";

const skewed: Topology = {
  name: "skewed",
  sites: ["A", "B", "C"],
  rttMs: [
    [9, 10, 4],
    [30, 9, 0.001],
    [4, 0, 9],
  ],
};

const networkOf = (topology: Topology, jitter = 0): Network =>
  new Network(topology, topology.sites.length, jitter, createRandom(1, "network"));

describe("a link", () => {
  test("keeps its order, and is late by at most the jitter of some message before", () => {
    const sends = fc.array(fc.nat({ max: 3000 }), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(sends, fc.nat({ max: 20_000 }), fc.integer(), (gaps, jitter, seed) => {
        const network = new Network(evenTopology(2, 20), 2, jitter, createRandom(seed, "network"));
        let now = 0;
        let last = 0;
        for (const gap of gaps) {
          now += gap;
          const arrival = network.path(0, 1).arrival(now);
          expect(arrival).toBeGreaterThanOrEqual(last);
          expect(arrival).toBeGreaterThanOrEqual(now + 10_000);
          expect(arrival).toBeLessThanOrEqual(now + 10_000 + jitter);
          last = arrival;
        }
      }),
    );
  });

  test("draws its jitter from all of 0 … jitter", () => {
    const network = networkOf(evenTopology(2, 20), 3);
    const extra = Array.from({ length: 200 }, (_, i) => network.path(0, 1).arrival(i * 1000) - i * 1000 - 10_000);
    expect(new Set(extra)).toEqual(new Set([0, 1, 2, 3]));
  });

  test("does not wait for another one", () => {
    const network = networkOf(skewed);
    network.path(1, 0).arrival(0);
    expect([network.path(1, 0).arrival(100), network.path(2, 0).arrival(1)]).toEqual([15_100, 2001]);
  });

  test("that is cut takes nothing, one way only, until it is healed", () => {
    const network = networkOf(evenTopology(3, 20));
    network.impair(0, 1, { cut: true });
    expect([network.isCut(0, 1), network.isCut(1, 0)]).toEqual([true, false]);
    expect([network.path(0, 1).copies(), network.path(1, 0).copies(), network.path(0, 2).copies(), network.isSound]).toEqual([0, 1, 1, false]);
    network.heal(0, 1);
    expect([network.path(0, 1).copies(), network.isSound]).toEqual([1, true]);
  });

  test("that broke is told from the one that replaced it", () => {
    const network = networkOf(evenTopology(2, 20));
    const before = [network.session(0, 1), network.session(1, 0)] as const;
    network.impair(0, 1, { cut: true });
    network.heal(0, 1);
    expect(network.session(0, 1)).not.toBe(before[0]);
    expect(network.session(1, 0)).toBe(before[1]);
  });
});

const impaired = (change: Partial<Condition>): Network => {
  const network = networkOf(evenTopology(2, 20));
  network.impair(0, 1, change);
  return network;
};

const share = (of: readonly number[], what: (value: number) => boolean): number => of.filter(what).length / of.length;

describe("a link's condition", () => {
  const sends = Array.from({ length: 1000 }, (_, i) => i * 100);
  const copiesOf = (network: Network): number[] => sends.map(() => network.path(0, 1).copies());
  const delaysOf = (network: Network): number[] => sends.map((now) => network.path(0, 1).arrival(now) - now);
  test("loss and duplicates come by their shares", () => {
    expect(share(copiesOf(impaired({ loss: 0.2 })), (copies) => copies === 0)).toBeCloseTo(0.2, 1);
    expect(share(copiesOf(impaired({ duplicate: 0.2 })), (copies) => copies === 2)).toBeCloseTo(0.2, 1);
    expect(new Set(copiesOf(impaired({ loss: 1, duplicate: 1 })))).toEqual(new Set([0]));
  });

  test("a message out of order is late by up to another trip, and holds nobody up", () => {
    const delays = delaysOf(impaired({ reorder: 0.2 }));
    expect(share(delays, (delay) => delay > 10_000)).toBeCloseTo(0.2, 1);
    expect(delays.every((delay) => delay >= 10_000 && delay < 21_000)).toBe(true);
  });

  test("a delay is the same for all, and the order outlives it", () => {
    const network = impaired({ delay: 5000 });
    expect(new Set(delaysOf(network))).toEqual(new Set([15_000]));
    network.heal(0, 1);
    expect(network.path(0, 1).arrival(sends.at(-1)! + 1)).toBe(sends.at(-1)! + 15_000);
  });

  test("is kept in what a change does not name", () => {
    const network = impaired({ loss: 1 });
    network.impair(0, 1, { delay: 5000 });
    expect([network.path(0, 1).copies(), network.path(0, 1).arrival(0)]).toEqual([0, 15_000]);
  });
});
