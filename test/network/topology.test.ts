import { describe, expect, test } from "vitest";
import { nearestFirst, oneWay, roundTrip, type Topology } from "../../src/network/topology.ts";
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
});
