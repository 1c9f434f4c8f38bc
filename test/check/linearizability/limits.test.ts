/** Limits, turns and partitions: what a check does when it cannot decide everything. */
import { createRandom } from "paxbench";
import { describe, expect, test } from "vitest";
import type { KeyOperation } from "../../../src/check/history.ts";
import { checkLinearizability } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import type { Limits } from "../../../src/check/linearizability/limits.ts";
import { linearizableHistory, type Shape } from "./histories.ts";
import { on, read, write } from "./operations.ts";
import { from } from "./shapes.ts";

/** Few values, many clients and unknown outcomes leave many orders, and late answers that fit none: a hundred turns refute it. */
const hard = ((): KeyOperation[] => {
  const shape = { operations: 300, clients: 12, keys: 1, mix: ["read", "write", "cas"], value: from([0, 1, 2, 3, 4]), unknown: 0.1 } satisfies Shape;
  const history = linearizableHistory(createRandom(13, "hard"), shape);
  return history.map((operation, i) => (i > 150 && operation.f === "read" && operation.returned < Infinity ? { ...operation, result: i % 5 } : operation));
})();
const easy = on("easy", write(1, 1, 2), read(1, 3, 4));
const refuted = on("refuted", write(1, 1, 2), read(2, 3, 4));

/** A clock that goes on by one at each look. */
const looks = (deadline: number): Limits => {
  let now = 0;
  return { clock: () => now++, deadline, memory: 1e9 };
};
const plenty: Limits = { clock: () => 0, deadline: 1, memory: 1e9 };

describe("a hard key", () => {
  test("is refuted with time enough", () => {
    expect(checkLinearizability(hard, kv, plenty).linearizable).toBe(false);
  });

  test("is unknown when the time is up, and only it", () => {
    expect(checkLinearizability([...hard, ...easy], kv, looks(20))).toEqual({ linearizable: "unknown", reason: "time", keys: ["k0"] });
  });

  test("is unknown when the memory is used up, and only it", () => {
    expect(checkLinearizability([...hard, ...easy], kv, { ...plenty, memory: 3e5 })).toEqual({ linearizable: "unknown", reason: "memory", keys: ["k0"] });
  });

  test("does not hide another that is refuted at once", () => {
    for (const limits of [looks(20), { ...plenty, memory: 3e5 }]) {
      const verdict = checkLinearizability([...hard, ...easy, ...refuted], kv, limits);
      expect(verdict).toMatchObject({ linearizable: false, witness: { keys: ["refuted"], exact: true } });
    }
  });
});

test("no time at all decides nothing", () => {
  expect(checkLinearizability([...easy, ...refuted], kv, looks(0))).toEqual({ linearizable: "unknown", reason: "time", keys: ["easy", "refuted"] });
});

test("a refutation just before the deadline is explained all the same", () => {
  expect(checkLinearizability(refuted, kv, looks(1))).toMatchObject({ linearizable: false, witness: { exact: true, prefix: [{ state: 1 }], state: 1 } });
});

test("progress goes from none to all", () => {
  const shares: number[] = [];
  checkLinearizability([...easy, ...on("other", write(1, 5, 6))], kv, { ...plenty, progress: (share) => shares.push(share) });
  expect(shares).toEqual([2 / 3, 1]);
});

test("a refutation of 20,000 operations is explained in full", () => {
  const history = linearizableHistory(createRandom(2, "long"), { operations: 20_000, clients: 20, keys: 1, mix: ["read", "write", "cas"], value: (_, n) => n, unknown: 0.05 });
  const at = history.findLastIndex(({ f, returned }) => f === "read" && returned < Infinity);
  const stale = { ...history[at]!, result: history.find(({ f }) => f === "write")!.value };
  expect(checkLinearizability(history.with(at, stale), kv, plenty)).toMatchObject({ linearizable: false, witness: { exact: true, culprit: stale } });
});
