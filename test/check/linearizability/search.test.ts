/** How much a search has to try. Without one of its rules each of these takes more than a test would wait for. */
import { createRandom } from "paxbench";
import { describe, expect, test } from "vitest";
import type { KeyOperation } from "../../../src/check/history.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { Search } from "../../../src/check/linearizability/search.ts";
import { linearizableHistory, type Shape } from "./histories.ts";
import { read, write } from "./operations.ts";

const steps = 20;
const hot = { operations: 2000, clients: 20, keys: 1, unknown: 0, value: (_, n) => `${n}.` } satisfies Partial<Shape>;

const shapes: Readonly<Record<string, Shape>> = {
  "reads and writes": { ...hot, mix: ["read", "write"] },
  "a fifth of the outcomes unknown": { ...hot, mix: ["read", "write"], unknown: 0.2 },
  "cas and swap": { ...hot, mix: ["read", "write", "cas", "swap"], unknown: 0.05 },
  "appends": { ...hot, mix: ["read", "append"] },
  "appends and writes": { ...hot, mix: ["read", "append", "append", "write"] },
  "appends with unknown outcomes": { ...hot, mix: ["read", "append", "append", "write"], unknown: 0.1 },
};

const stale = (history: readonly KeyOperation[]): readonly KeyOperation[] => {
  const at = history.findLastIndex(({ f, returned }) => f === "read" && returned < Infinity);
  return history.with(at, { ...history[at]!, result: history.find(({ f, returned }) => f === "write" && returned < Infinity)?.value ?? "never" });
};

describe.each(Object.entries(shapes))("2000 operations of 20 clients on one key, values told apart: %s", (_, shape) => {
  test.each([1, 2, 3, 4, 5])("need few steps each, seed %i", (seed) => {
    const history = linearizableHistory(createRandom(seed, "steps"), shape);
    expect(new Search(history, kv).advance(steps * history.length)).toBe("found");
    expect(new Search(stale(history), kv).advance(steps * history.length)).toBe("none");
  });
});

test("values that nobody reads make no orders to tell apart", () => {
  const concurrent = Array.from({ length: 40 }, (_, i) => write(i, i, 100 + i));
  expect(new Search([...concurrent, read(39, 200, 201), read(0, 202, 203)], kv).advance(2000)).toBe("none");
});

test("equal writes make no orders to tell apart", () => {
  const concurrent = Array.from({ length: 40 }, (_, i) => write(i % 2, i, 100 + i));
  expect(new Search([...concurrent, read(0, 200, 203), read(1, 201, 202), read(0, 204, 205), read(1, 206, 207)], kv).advance(5000)).toBe("none");
});

test("unknown writes, each of them read or not, are taken when they are needed", () => {
  const unknown = Array.from({ length: 200 }, (_, i) => write(i, i));
  const reads = Array.from({ length: 100 }, (_, i) => read(199 - i, 1000 + 2 * i, 1001 + 2 * i));
  expect(new Search([...unknown, ...reads], kv).advance(50_000)).toBe("found");
  expect(new Search([...unknown, ...reads, read(199, 2000, 2001)], kv).advance(50_000)).toBe("none");
});

test("unknown outcomes on few values: what makes no difference to its successor is not tried", () => {
  const shape: Shape = { operations: 170, clients: 6, keys: 1, mix: ["read", "write", "cas"], value: (random) => random.below(5), unknown: 0.25 };
  let turns = 0;
  for (let seed = 0; seed < 60; seed++) {
    const history = linearizableHistory(createRandom(seed, "m"), shape);
    const wrong = history.map((operation, i) =>
      i > 100 && i % 9 === 0 && operation.f === "read" && operation.returned < Infinity ? { ...operation, result: (Number(operation.result) + 1) % 5 } : operation,
    );
    const search = new Search(wrong, kv);
    while (search.advance(100) === "more") turns++;
  }
  expect(turns).toBeLessThan(2000);
});

test("it can be stopped and resumed anywhere", () => {
  const history = linearizableHistory(createRandom(1, "resumed"), { ...hot, operations: 200, mix: ["read", "write", "cas"] });
  const search = new Search(history, kv);
  while (search.advance(1) === "more");
  const whole = new Search(history, kv);
  expect(whole.advance(Infinity)).toBe("found");
  expect(search.order).toEqual(whole.order);
  expect(new Set(search.order)).toEqual(new Set(history));
});
