/** The checker against the definition, on thousands of small histories. Each failure names its seed. */
import { createRandom, type Random } from "paxbench";
import { describe, expect, test } from "vitest";
import type { HistoryOperation, KeyOperation, Value } from "../../../src/check/history.ts";
import { checkLinearizability, type Verdict } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { linearizableHistory } from "./histories.ts";
import { hasOrder, hasOrderRemembering, valueAfter } from "./oracle.ts";
import { appends, from, registers, shapes } from "./shapes.ts";

const check = (history: readonly HistoryOperation[]): Verdict<HistoryOperation> =>
  checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e9 });

/** Changes what one operation saw or did, to something that occurs elsewhere in the history. */
const mutated = (random: Random, history: readonly KeyOperation[]): KeyOperation[] => {
  const values = history.flatMap(({ value, result }) => [value, result]);
  const at = random.below(history.length);
  return history.map((operation, i) => {
    if (i !== at) return operation;
    const value = from(values)(random);
    switch (operation.f) {
      case "read":
      case "swap":
        return operation.returned === Infinity ? { ...operation, returned: operation.called + 0.5 + random.below(9), result: value } : { ...operation, result: value };
      case "write":
        return { ...operation, returned: operation.called + 0.5 };
      case "cas":
        return { ...operation, expected: value };
      default:
        return { ...operation, returned: Infinity };
    }
  });
};

describe.each(shapes)("%s", (_, shape) => {
  test("what a store did is linearizable", () => {
    for (let seed = 0; seed < 300; seed++) {
      const history = linearizableHistory(createRandom(seed, "did"), { ...shape, operations: 40 });
      expect(check(history).linearizable, `seed ${seed}`).toBe(true);
    }
  });

  test("verdicts are those of the definition", () => {
    const verdicts = { true: 0, false: 0 };
    for (let seed = 0; seed < 1500; seed++) {
      const random = createRandom(seed, "mutated");
      let history = linearizableHistory(random, shape);
      if (history.length === 0) continue;
      for (let mutations = random.below(3); mutations >= 0; mutations--) history = mutated(random, history);
      const verdict = check(history).linearizable;
      expect(verdict, `seed ${seed}`).toBe(hasOrder(history));
      verdicts[`${verdict as boolean}`]++;
    }
    // Neither verdict is so rare that agreement on it would say nothing.
    expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(100);
  });
});

test("verdicts are those of a plain search on histories of some dozens", () => {
  for (let seed = 0; seed < 600; seed++) {
    const random = createRandom(seed, "dozens");
    const unique = random.below(2) === 0;
    const value = (random: Random, n: number): Value => (unique ? n : random.below(4));
    const text = (random: Random, n: number): Value => (unique ? `${n}.` : "ab"[random.below(2)]!);
    const append = random.below(3) === 0;
    const shape = { operations: 24, clients: 2 + random.below(4), keys: 1, mix: append ? appends : registers, value: append ? text : value, unknown: random.below(4) / 10 };
    let history = linearizableHistory(random, shape);
    for (let mutations = random.below(3); mutations > 0; mutations--) history = mutated(random, history);
    expect(check(history).linearizable, `seed ${seed}`).toBe(hasOrderRemembering(history));
  }
});

/** The history as it was known just before `end`, or with `last` just after. */
const known = (history: readonly KeyOperation[], end: number, last: boolean): KeyOperation[] =>
  history
    .filter(({ called }) => called < end)
    .map((operation) => (operation.returned < end || (last && operation.returned === end) ? operation : { ...operation, returned: Infinity }));

test("a witness begins with an order of all that returned before, and no order has what follows", () => {
  let refuted = 0;
  for (let seed = 0; seed < 3000; seed++) {
    const random = createRandom(seed, "witness");
    const [, shape] = from(shapes)(random);
    const history = mutated(random, linearizableHistory(random, { ...shape, operations: 6, keys: 1 }));
    const verdict = check(history);
    if (verdict.linearizable !== false) continue;
    refuted++;
    const { prefix, state, culprit, cannotFollow, open, exact } = verdict.witness;
    const end = culprit.returned;
    expect(exact, `seed ${seed}`).toBe(true);
    expect(hasOrder(known(history, end, false)), `seed ${seed}`).toBe(true);
    expect(hasOrder(known(history, end, true)), `seed ${seed}`).toBe(false);

    const order = prefix.map(({ operation, returned }) => (returned ? operation : { ...operation, returned: Infinity }));
    const placed = prefix.map(({ operation }) => operation);
    expect(history.filter((operation) => operation.returned < end && !placed.includes(operation)), `seed ${seed}`).toEqual([]);
    expect(order.some((operation, i) => order.slice(0, i).some((earlier) => operation.returned < earlier.called)), `seed ${seed}`).toBe(false);
    expect(valueAfter(order), `seed ${seed}`).toBe(state);
    expect(new Set([...placed, ...cannotFollow, ...open]), `seed ${seed}`).toEqual(new Set(history.filter(({ called }) => called < end)));
    expect(cannotFollow[0], `seed ${seed}`).toBe(culprit);
    expect(cannotFollow.lastIndexOf(culprit), `seed ${seed}`).toBe(0);
  }
  expect(refuted).toBeGreaterThan(300);
});
