/** Transactions and scans, judged on the whole store, against the definition; known.test.ts has those written by hand. */
import { createRandom } from "paxbench";
import { describe, expect, test } from "vitest";
import type { HistoryOperation } from "../../../src/check/history.ts";
import { checkLinearizability, type Verdict } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { partition } from "../../../src/check/linearizability/partitions.ts";
import { multiKeyHistory, wrong } from "./multi-key-histories.ts";
import { access as a, on, scan, txn, write } from "./operations.ts";
import { hasOrder } from "./oracle.ts";
import { multiKeyShapes } from "./shapes.ts";

const check = (history: readonly HistoryOperation[]): Verdict<HistoryOperation> => checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e9 });

/** x and y are written in this order. */
const two = [...on("x", write(1, 1, 2)), ...on("y", write(2, 3, 4))];

const keysOf = (history: readonly HistoryOperation[]): (readonly string[])[] => partition(history, kv).map(({ keys }) => keys.toSorted());

describe("partitions", () => {
  const three = [...two, ...on("z", write(3, 5, 6))];
  test("of keys alone", () => expect(keysOf(three)).toEqual([["x"], ["y"], ["z"]]));
  test("a transaction joins its keys", () => expect(keysOf([...three, txn([a.read("z"), a.read("x")], 7, 8)])).toEqual([["x", "z"], ["y"]]));
  test("a scan joins what it saw", () => expect(keysOf([...three, scan("a", 2, [["x", 1], ["y", 2]], 7, 8)])).toEqual([["x", "y"], ["z"]]));
  test("and what it saw to be absent", () => expect(keysOf([...three, scan("a", 3, [["x", 1], ["y", 2]], 7, 8)])).toEqual([["x", "y", "z"]]));
  test("a scan that did not return joins nothing", () => expect(keysOf([...three, scan("a", 3, null, 7)])).toEqual([["x"], ["y"], ["z"]]));
});

describe.each(multiKeyShapes)("%s", (_, shape) => {
  test("what a store did is linearizable", () => {
    for (let seed = 0; seed < 200; seed++) {
      const history = multiKeyHistory(createRandom(seed, "did"), { ...shape, operations: 30 });
      expect(check(history).linearizable, `seed ${seed}`).toBe(true);
    }
  });

  test("verdicts are those of the definition", () => {
    const verdicts = { true: 0, false: 0 };
    for (let seed = 0; seed < 1000; seed++) {
      const random = createRandom(seed, "wrong");
      let history = multiKeyHistory(random, shape);
      for (let mistakes = random.below(3); mistakes >= 0 && history.length > 0; mistakes--) history = wrong(random, history);
      const verdict = check(history).linearizable;
      expect(verdict, `seed ${seed}`).toBe(hasOrder(history));
      verdicts[`${verdict as boolean}`]++;
    }
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(100);
  });
});
