import { describe, expect, test } from "vitest";
import { clientSites, nearestFirst, nearestMajority, nearestSpread, oneWay, roundTrip, type Topology } from "../../src/network/topology.ts";
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

describe("a topology", () => {
  test("one way is half the sender's row, in whole µs; a round trip is both ways; the diagonal counts for nothing", () => {
    expect([oneWay(skewed, 0, 1), oneWay(skewed, 1, 0), roundTrip(skewed, 0, 1), oneWay(skewed, 0, 0)]).toEqual([5000, 15_000, 20_000, 0]);
  });

  test.each([
    ["a skewed one", skewed, [[0, 2, 1], [1, 2, 0], [2, 1, 0]]],
    ["an even one", evenTopology(3, 20), [[0, 1, 2], [1, 0, 2], [2, 0, 1]]],
    ["one without distances", evenTopology(3, 0), [[0, 1, 2], [1, 0, 2], [2, 0, 1]]],
  ])("%s: nearest first, self at the head, the lower number among equals", (_, topology, expected) => {
    expect([0, 1, 2].map((self) => nearestFirst(topology, 3, self))).toEqual(expected);
  });

  test("the nearest majority of a site without a replica is that of the replica by which it is sooner, not of the nearest one", () => {
    // Client at 3: replica 0 is 10 away and 100 from the others, which are 20 away and 1 apart.
    const rttMs = [[0, 100, 100, 10], [100, 0, 1, 20], [100, 1, 0, 20], [10, 20, 20, 0]];
    const topology = { name: "far", sites: ["A", "B", "C", "D"], clients: [3], rttMs };
    expect(nearestFirst(topology, 3, 3)).toEqual([0, 1, 2]);
    expect([1, 3].map((site) => nearestMajority(topology, 3, site))).toEqual([1000, 21_000]);
    expect(clientSites(topology, 3)).toEqual([3]);
    expect(clientSites(evenTopology(5, 1), 3)).toEqual([0, 1, 2]);
  });
});

test("among equals, each site prefers another one where work is to be spread", () => {
  const { sites, rttMs } = { sites: ["A", "B", "C", "D"], rttMs: [[0, 9, 5, 5], [9, 0, 5, 5], [5, 5, 0, 5], [5, 5, 5, 0]] };
  const topology: Topology = { name: "x", sites, rttMs };
  expect([0, 1, 2, 3].map((site) => nearestSpread(topology, 4, site))).toEqual([[0, 2, 3, 1], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2]]);
  expect([0, 1, 2, 3].map((site) => nearestFirst(topology, 4, site))).toEqual([[0, 2, 3, 1], [1, 2, 3, 0], [2, 0, 1, 3], [3, 0, 1, 2]]);
});
