import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Arena } from "../../src/sim/arena.ts";

test("copies hold what was copied, whatever its length and whatever comes after", () => {
  const lengths = fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 40_000 }));
  fc.assert(
    fc.property(fc.array(lengths, { maxLength: 40 }), (all) => {
      const arena = new Arena();
      const source = new Uint8Array(40_001);
      const copies = all.map((length, i) => arena.copy(source.fill(i), length));
      expect(copies.map(({ length }) => length)).toEqual(all);
      for (const [i, copy] of copies.entries()) expect(copy.every((byte) => byte === i)).toBe(true);
    }),
    { numRuns: 50 },
  );
});
