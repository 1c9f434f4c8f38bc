/** Transactions and scans, judged on the whole store: known histories, and random ones against the definition. */
import { createRandom, type Random } from "paxbench";
import { describe, expect, test } from "vitest";
import type { Access, HistoryOperation, Value } from "../../../src/check/history.ts";
import { checkLinearizability, type Verdict } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { partition } from "../../../src/check/linearizability/partitions.ts";
import { multiKeyHistory, wrong, type MultiKeyShape } from "./multi-key-histories.ts";
import { access as a, on, read, scan, txn, write } from "./operations.ts";
import { hasOrder } from "./oracle.ts";

const check = (history: readonly HistoryOperation[]): Verdict<HistoryOperation> => checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e9 });

/** x and y are written in this order. */
const two = [...on("x", write(1, 1, 2)), ...on("y", write(2, 3, 4))];

const cases: readonly (readonly [string, boolean, readonly HistoryOperation[]])[] = [
  ["a transaction of nothing", true, [txn([], 1, 2)]],
  ["a transaction sees both writes", true, [...two, txn([a.read("x", 1), a.read("y", 2)], 5, 6)]],
  ["a transaction sees neither, before", true, [txn([a.read("x"), a.read("y")], 0, 0.5), ...two]],
  ["a transaction sees the second write alone", false, [...two, txn([a.read("x"), a.read("y", 2)], 0, 5)]],
  ["the same by two reads of their own", true, [...two, ...on("x", read(null, 0, 5)), ...on("y", read(2, 0, 5))]],
  ["a transaction sees its own write", true, [txn([a.write("x", 1), a.read("x", 1), a.write("x", 2), a.read("x", 2)], 1, 2)]],
  ["and does not see past it", false, [txn([a.write("x", 1), a.read("x")], 1, 2)]],
  ["what it wrote in between nobody else sees", false, [txn([a.write("x", 1), a.write("x", 2)], 1, 4), ...on("x", read(1, 2, 3))]],
  ["reads of one key before and after a write of its own", true, [txn([a.read("x"), a.write("x", 1), a.read("x", 1)], 1, 2)]],
  ["a transfer is seen whole", false, [txn([a.write("x", 5), a.write("y", 0)], 1, 2), txn([a.read("x", 5), a.write("x", 3), a.write("y", 2)], 3, 8), txn([a.read("x", 3), a.read("y", 0)], 4, 7)]],
  ["write skew: each saw what the other had not yet written", false, [txn([a.read("x"), a.write("y", 1)], 1, 4), txn([a.read("y"), a.write("x", 1)], 2, 3)]],
  ["two readers disagree on the order of two writes", false, [...on("x", write(1, 1, 8)), ...on("y", write(1, 2, 7)), txn([a.read("x", 1), a.read("y")], 3, 6), txn([a.read("x"), a.read("y", 1)], 4, 5)]],
  ["cas of a transaction all swap", true, [...two, txn([a.cas("x", 1, 3), a.cas("y", 2, 4)], 5, 6), ...on("y", read(4, 7, 8))]],
  ["one of its cas could not", false, [...two, txn([a.cas("x", 1, 3), a.cas("y", 1, 4)], 5, 6)]],
  ["with unknown outcome it has no effect then", true, [...two, txn([a.cas("x", 1, 3), a.cas("y", 1, 4)], 5), ...on("x", read(1, 6, 7))]],
  ["nor half of it", false, [...two, txn([a.cas("x", 1, 3), a.cas("y", 1, 4)], 5), ...on("x", read(3, 6, 7))]],
  ["unknown, and seen", true, [txn([a.write("x", 1), a.append("y", "a")], 1), ...on("y", read("a", 2, 3)), ...on("x", read(1, 4, 5))]],
  ["unknown, and seen in part", false, [txn([a.write("x", 1), a.append("y", "a")], 1), ...on("y", read("a", 2, 3)), ...on("x", read(null, 4, 5))]],
  ["what an unknown transaction read is not known", true, [txn([a.read("x", 7), a.write("y", 1)], 1), ...on("y", read(1, 2, 3))]],
  ["two unknown transactions, both needed", true, [txn([a.write("x", 1)], 1), txn([a.write("y", 1)], 2), txn([a.read("x", 1), a.read("y", 1)], 3, 4)]],
  ["an unknown transaction before a write over half of it", true, [txn([a.write("x", 1), a.write("y", 2)], 1), ...on("x", write(3, 2, 3)), txn([a.read("x", 3), a.read("y", 2)], 4, 5)]],
  ["swaps and deletes in transactions", true, [...two, txn([a.swap("x", 5, 1), a.remove("y"), a.swap("x", 6, 5)], 5, 6), txn([a.read("x", 6), a.read("y")], 7, 8)]],
  ["appends in transactions, in one order on both keys", false, [txn([a.append("x", "a"), a.append("y", "a")], 1, 4), txn([a.append("x", "b"), a.append("y", "b")], 2, 3), txn([a.read("x", "ab"), a.read("y", "ba")], 5, 6)]],
  ["a scan of nothing", true, [scan("a", 10, [], 1, 2)]],
  ["a scan sees what is there", true, [...two, scan("a", 10, [["x", 1], ["y", 2]], 5, 6)]],
  ["from its start on", true, [...two, scan("y", 10, [["y", 2]], 5, 6), scan("z", 10, [], 7, 8)]],
  ["up to its limit", true, [...two, scan("a", 1, [["x", 1]], 5, 6), scan("a", 0, [], 7, 8)]],
  ["a key missing", false, [...two, scan("a", 10, [["y", 2]], 5, 6)]],
  ["the last key missing", false, [...two, scan("a", 10, [["x", 1]], 5, 6)]],
  ["a key missing before a full limit", false, [...two, scan("a", 1, [["y", 2]], 5, 6)]],
  ["more than the limit", false, [...two, scan("a", 1, [["x", 1], ["y", 2]], 5, 6)]],
  ["out of order", false, [...two, scan("a", 10, [["y", 2], ["x", 1]], 5, 6)]],
  ["one key twice", false, [...two, scan("a", 10, [["x", 1], ["x", 1], ["y", 2]], 5, 6)]],
  ["a key before the start", false, [...two, scan("y", 10, [["x", 1], ["y", 2]], 5, 6)]],
  ["a key that nobody wrote", false, [...two, scan("a", 10, [["w", 1], ["x", 1], ["y", 2]], 5, 6)]],
  ["a scan that sees the second write alone", false, [...two, scan("a", 10, [["y", 2]], 0, 5)]],
  ["a deleted key is not there", true, [...two, txn([a.remove("x")], 5, 6), scan("a", 1, [["y", 2]], 7, 8)]],
  ["a scan with unknown outcome proves nothing", true, [...two, scan("a", 10, [["x", 7]], 5)]],
  ["scans that disagree on the order of two writes", false, [...on("x", write(1, 1, 8)), ...on("y", write(1, 2, 7)), scan("a", 9, [["x", 1]], 3, 6), scan("a", 9, [["y", 1]], 4, 5)]],
];

test.each(cases)("%s: %s", (_, linearizable, history) => {
  expect(hasOrder(history)).toBe(linearizable);
  expect(check(history).linearizable).toBe(linearizable);
});

const keysOf = (history: readonly HistoryOperation[]): (readonly string[])[] => partition(history, kv).map(({ keys }) => keys.toSorted());

describe("partitions", () => {
  const three = [...two, ...on("z", write(3, 5, 6))];
  test("of keys alone", () => expect(keysOf(three)).toEqual([["x"], ["y"], ["z"]]));
  test("a transaction joins its keys", () => expect(keysOf([...three, txn([a.read("z"), a.read("x")], 7, 8)])).toEqual([["x", "z"], ["y"]]));
  test("a scan joins what it saw", () => expect(keysOf([...three, scan("a", 2, [["x", 1], ["y", 2]], 7, 8)])).toEqual([["x", "y"], ["z"]]));
  test("and what it saw to be absent", () => expect(keysOf([...three, scan("a", 3, [["x", 1], ["y", 2]], 7, 8)])).toEqual([["x", "y", "z"]]));
  test("a scan that did not return joins nothing", () => expect(keysOf([...three, scan("a", 3, null, 7)])).toEqual([["x"], ["y"], ["z"]]));
});

const from =
  <T>(choices: readonly T[]) =>
  (random: Random): T =>
    choices[random.below(choices.length)]!;
const registers: readonly Access["f"][] = ["read", "read", "write", "write", "cas", "swap", "delete"];
const appends: readonly Access["f"][] = ["read", "read", "append", "append", "write", "cas", "delete"];
const small = { operations: 7, clients: 3, keys: 2, txns: 0.4, scans: 0.2, mix: registers, value: from<Value>([1, 2]), unknown: 0.2 } satisfies MultiKeyShape;

const shapes: Readonly<Record<string, MultiKeyShape>> = {
  "few values": { ...small, unknown: 0 },
  "values written once": { ...small, operations: 8, keys: 3, value: (_, n) => n },
  "many unknown outcomes": { ...small, operations: 8, unknown: 0.5 },
  "unknown transactions": { ...small, operations: 7, keys: 3, txns: 0.8, scans: 0.1, unknown: 0.6, mix: ["read", "write", "write", "cas"] },
  "scans and single keys": { ...small, operations: 8, keys: 4, txns: 0, scans: 0.5, unknown: 0.1 },
  "four clients": { ...small, clients: 4, keys: 4 },
  "appends": { ...small, mix: appends, value: from<Value>(["a", "b", "ab", ""]) },
  "appends told apart": { ...small, mix: appends, value: (_, n) => `${n}.` },
};

describe.each(Object.entries(shapes))("%s", (_, shape) => {
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
