import * as fc from "fast-check";
import { createRandom } from "paxbench";
import { expect, test } from "vitest";
import { KeyIndex } from "../../src/engine/key-index.ts";

/** A naive ordered set. `<` on strings goes by UTF-16 code units. */
const fromNaive = (keys: ReadonlySet<string>, start: string, limit: number): string[] =>
  [...keys].filter((key) => key >= start).toSorted((a, b) => (a < b ? -1 : 1)).slice(0, limit);

test("holds what was added and not deleted, in order, over many blocks", () => {
  fc.assert(
    fc.property(fc.integer(), fc.nat({ max: 3000 }), fc.constantFrom(20, 500, 4000), (seed, first, names) => {
      const random = createRandom(seed, "keys");
      // Numbers without leading zeros: neither their order nor their lengths follow the order of adding.
      const draw = (): string => String(random.below(names));
      const keys = new Set(Array.from({ length: first }, draw));
      const index = new KeyIndex(keys);
      for (let step = 0; step < 4000; step++) {
        const key = draw();
        // In the first half keys become more, then fewer.
        if (keys.has(key) && (step >= 2000 || random.below(4) === 0)) {
          keys.delete(key);
          index.delete(key);
        } else if (!keys.has(key) && step < 3000) {
          keys.add(key);
          index.add(key);
        }
        if (step % 200 !== 0) continue;
        const [start, limit] = [draw(), random.below(1500)];
        expect(index.from(start, limit)).toEqual(fromNaive(keys, start, limit));
      }
      expect(index.from("", Infinity)).toEqual(fromNaive(keys, "", Infinity));
    }),
    { numRuns: 20 },
  );
});

test("orders by UTF-16 code units, not by code points: a surrogate pair comes before U+FFFD", () => {
  const keys = ["\u{1f600}", "\ufffd", "", "Z", "a", "\u00e9"];
  const index = new KeyIndex(keys);
  expect(index.from("", 9)).toEqual(["", "Z", "a", "\u00e9", "\u{1f600}", "\ufffd"]);
  expect(index.from("b", 2)).toEqual(["\u00e9", "\u{1f600}"]);
});

test("may become empty, and full again", () => {
  const index = new KeyIndex([]);
  expect(index.from("", 5)).toEqual([]);
  index.add("k");
  index.delete("k");
  expect(index.from("", 5)).toEqual([]);
  index.add("k");
  expect(index.from("", 5)).toEqual(["k"]);
});
