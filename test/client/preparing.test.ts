import type { Operation } from "paxbench";
import { expect, test } from "vitest";
import { Preparing, type CarryOut } from "../../src/client/preparing.ts";

const tell = (count: number) => ({ count, operation: (index: number): Operation => ({ type: "get", key: String(index) }) });

/** Carries out all that two nodes of two clients each are to; each client's operations in order. */
const carriedOut = (count: number): string[][] => {
  const told: string[][] = [[], [], [], []];
  for (const own of [[0, 2], [1, 3]]) {
    const waiting: number[] = [];
    const carryOut: CarryOut = (place, operation) => {
      told[own[place]!]!.push("key" in operation ? operation.key : "");
      waiting.push(place);
    };
    const preparing = new Preparing(tell(count), own, 4);
    preparing.begin(carryOut);
    for (let place = waiting.shift(); place !== undefined; place = waiting.shift()) {
      expect(preparing.over).toBe(false);
      preparing.answered(place, carryOut);
    }
    expect([preparing.over, preparing.done]).toEqual([true, preparing.count]);
  }
  return told;
};

test("each client carries out every so many-th operation, one after the other, at whatever node it is", () => {
  expect(carriedOut(10)).toEqual([["0", "4", "8"], ["1", "5", "9"], ["2", "6"], ["3", "7"]]);
  expect(carriedOut(2)).toEqual([["0"], ["1"], [], []]);
  expect(carriedOut(0).flat()).toEqual([]);
});
