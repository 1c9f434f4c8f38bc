/** Two searches that take turns: what the second, for a stretch without an order, finds out is what the first would have. */
import { createRandom, type Random } from "paxbench";
import { expect, test } from "vitest";
import type { KeyOperation } from "../../../src/check/history.ts";
import { Decision } from "../../../src/check/linearizability/decision.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { Search } from "../../../src/check/linearizability/search.ts";
import { linearizableHistory, type Shape } from "./histories.ts";
import { from } from "./shapes.ts";

/** In steps so small that the search is stuck most of the time. */
const decide = (history: readonly KeyOperation[], steps: number): string => {
  const decision = new Decision(history, kv);
  let outcome = decision.advance(steps);
  while (outcome === "more") outcome = decision.advance(steps);
  return outcome;
};

const shape = (random: Random): Shape => ({
  operations: 60 + random.below(100),
  clients: 2 + random.below(5),
  keys: 1,
  mix: ["read", "read", "write", "cas", "swap", "delete"],
  value: from([1, 2, 3]),
  unknown: random.below(3) / 20,
});

test("verdicts are those of the first search alone", () => {
  const outcomes = { found: 0, none: 0 };
  for (let seed = 0; seed < 400; seed++) {
    const random = createRandom(seed, "decision");
    let history = linearizableHistory(random, shape(random));
    for (let mistakes = random.below(6); mistakes > 0; mistakes--) {
      const at = random.below(history.length);
      const operation = history[at]!;
      if (operation.f === "read" && operation.returned < Infinity) history = history.with(at, { ...operation, result: 1 + random.below(3) });
    }
    const outcome = new Search(history, kv).advance(Infinity) as "found" | "none";
    expect(decide(history, 1 + random.below(5)), `seed ${seed}`).toBe(outcome);
    outcomes[outcome]++;
  }
  expect(Math.min(outcomes.found, outcomes.none)).toBeGreaterThan(100);
});

test("a mistake late in a long history of few values is found in a few steps each", () => {
  const history = linearizableHistory(createRandom(1, "late"), { operations: 5000, clients: 20, keys: 1, mix: ["read", "write"], value: from([1, 2, 3, 4, 5]), unknown: 0 });
  const wrong = history.map((operation, i) => (i > 4000 && i % 10 === 0 && operation.f === "read" ? { ...operation, result: 1 + (i % 5) } : operation));
  const decision = new Decision(wrong, kv);
  let turns = 0;
  while (decision.advance(1000) === "more") turns++;
  expect(turns).toBeLessThan(500);
});

const call = (called: number, returned: number, of: Pick<KeyOperation, "f" | "value" | "result">): KeyOperation => ({
  client: called, key: "k", expected: null, called, returned, calledAt: null, returnedAt: null, ...of,
});

test("what nothing called before can have made is seen without a search", () => {
  const write = call(3, 4, { f: "write", value: 1, result: null });
  const read = (called: number, returned: number): KeyOperation => call(called, returned, { f: "read", value: null, result: 1 });
  expect(new Decision([write, read(1, 2)], kv).impossible).toBe(0);
  expect(new Decision([write, read(1, 3.5)], kv).impossible).toBe(-1);
});
