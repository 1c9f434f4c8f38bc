import { describe, expect, test } from "vitest";
import { boundsOf, nextRate, type Search, type Try } from "../../../src/experiment/saturation/search.ts";

/** All that a search tries where rates up to `capacity` hold; and, of those, what breaks once by chance. */
const search = (capacity: number, given: Partial<Search> = {}, chance: readonly number[] = []) => {
  const settings = { from: 1000, to: 10_000_000, confirms: false, ...given };
  const tries: Try[] = [];
  for (let rate = nextRate(tries, settings); rate !== null; rate = nextRate(tries, settings)) {
    const first = !tries.some((other) => other.rate === rate);
    tries.push({ rate, held: rate <= capacity && !(first && chance.includes(rate)) });
  }
  return { rates: tries.map(({ rate }) => rate), ...boundsOf(tries, settings) };
};

describe("a search for the knee", () => {
  test("doubles, then closes in to a tenth", () => {
    expect(search(5000)).toEqual({ rates: [1000, 2000, 4000, 8000, 5660, 4760, 5190], held: 4760, broken: 5190 });
  });

  test.each([1000, 1234, 99_999, 3_000_000])("is right about a capacity of %d ops/s", (capacity) => {
    const { held, broken, rates } = search(capacity);
    expect(held!).toBeLessThanOrEqual(capacity);
    expect(broken!).toBeGreaterThan(capacity);
    expect(broken! / held!).toBeLessThanOrEqual(1.1);
    expect(rates.length).toBeLessThan(20);
  });

  test("goes down where the first rate is too much, but not for ever", () => {
    const { held, broken } = search(100);
    expect([held! <= 100, broken! > 100]).toEqual([true, true]);
    const none = search(0);
    expect(none.held).toBeNull();
    expect(none.rates).toHaveLength(11);
  });

  test("ends at the last rate", () => {
    expect(search(Infinity, { to: 3000 })).toEqual({ rates: [1000, 2000, 3000], held: 3000, broken: null });
  });

  test("in real time what breaks is tried again, and chance does not count", () => {
    expect(search(5000, { confirms: true }).rates).toEqual([1000, 2000, 4000, 8000, 8000, 5660, 5660, 4760, 5190, 5190]);
    expect(search(5000, { confirms: true }, [2000])).toMatchObject({ held: 4760, broken: 5190 });
  });
});
