/** Histories written by hand, with one key or several, against the checker and against the definition. */
import { expect, test } from "vitest";
import { checkLinearizability } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { knownOfManyKeys, knownOfOneKey } from "./known.ts";
import { hasOrder } from "./oracle.ts";

test.each([...knownOfOneKey, ...knownOfManyKeys])("%s: %s", (_, linearizable, history) => {
  expect(hasOrder(history)).toBe(linearizable);
  expect(checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e6 }).linearizable).toBe(linearizable);
});
