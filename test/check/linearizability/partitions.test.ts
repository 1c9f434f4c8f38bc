import { describe, expect, test } from "vitest";
import { checkLinearizability } from "../../../src/check/linearizability/check.ts";
import { refused, type Interval, type Machine, type Model } from "../../../src/check/linearizability/model.ts";
import { partition } from "../../../src/check/linearizability/partitions.ts";

/** A model with operations on several keys: one sets bits of a word, or saw which were set. Bits are keys. */
interface BitOperation extends Interval {
  readonly set?: number;
  readonly saw?: number;
  readonly mask: number;
}

const bits: Model<BitOperation> = {
  name: "bits",
  initial: () => 0,
  keysIn: () => ({ mask }) => [0, 1, 2, 3].filter((bit) => (mask & (1 << bit)) !== 0).map(String),
  projections: () => [],
  apply: (state, { set, saw, mask, returned }) => {
    const word = state as number;
    if (set !== undefined) return word | set;
    return returned === Infinity || (word & mask) === saw ? word : undefined;
  },
  // State 0 is `lost`, so states are words plus one.
  machine: (operations): Machine => ({
    impossible: -1,
    starts: null,
    initial: 1,
    step: (state, operation) => {
      const word = bits.apply(state - 1, operations[operation]!) as number | undefined;
      return word === undefined ? refused : word + 1;
    },
    take: () => {},
    putBack: () => {},
    free: () => false,
    pointless: () => false,
    overwrites: () => false,
    kind: (operation) => operation,
    independent: () => false,
    bytes: 0,
  }),
  describe: () => "",
  describeState: String,
};

const set = (set: number, called: number, returned: number): BitOperation => ({ set, mask: set, called, returned });
const saw = (mask: number, saw: number, called: number, returned: number): BitOperation => ({ mask, saw, called, returned });
const verdict = (history: readonly BitOperation[]): unknown => checkLinearizability(history, bits, { clock: () => 0, deadline: 1, memory: 1e6 }).linearizable;

describe("partition", () => {
  test("splits by key", () => {
    const a = set(1, 1, 2);
    const b = set(2, 3, 4);
    const c = saw(1, 1, 5, 6);
    expect(partition([a, b, c], bits)).toEqual([
      { keys: ["0"], operations: [a, c] },
      { keys: ["1"], operations: [b] },
    ]);
  });

  test("joins keys that an operation has in common, through others as well, whatever the order", () => {
    const history = [set(1, 1, 2), set(8, 3, 4), set(4, 5, 6), saw(6, 4, 7, 8), saw(3, 1, 9, 10)];
    for (const operations of [history, history.toReversed()]) {
      const parts = partition(operations, bits);
      expect(new Set(parts.map(({ keys }) => [...keys].sort((a, b) => Number(a) - Number(b)).join()))).toEqual(new Set(["0,1,2", "3"]));
      expect(parts.find(({ keys }) => keys.length === 3)!.operations).toEqual(operations.filter(({ mask }) => mask !== 8));
    }
  });
});

describe("operations on several keys", () => {
  // Each reader is right about either bit alone; together they contradict one another on which was first.
  const sets = [set(1, 1, 4), set(2, 2, 3)];
  test("are judged together", () => expect(verdict([...sets, saw(3, 1, 1.1, 2.8), saw(3, 2, 1.2, 2.9)])).toBe(false));
  test("and hold if they agree", () => expect(verdict([...sets, saw(3, 1, 1.1, 2.8), saw(3, 1, 1.2, 2.9)])).toBe(true));
  test("as they would apart", () => expect(verdict([...sets, saw(1, 1, 1.1, 2.8), saw(2, 0, 1.1, 2.8), saw(2, 2, 1.2, 2.9), saw(1, 0, 1.2, 2.9)])).toBe(true));
});
