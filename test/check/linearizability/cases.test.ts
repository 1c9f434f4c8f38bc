/** Known histories, each with the verdict that the definition gives it. */
import { describe, expect, test } from "vitest";
import type { HistoryOperation } from "../../../src/check/history.ts";
import { checkLinearizability } from "../../../src/check/linearizability/check.ts";
import { kv } from "../../../src/check/linearizability/kv.ts";
import { append, cas, on, read, remove, swap, write } from "./operations.ts";

const verdict = (history: readonly HistoryOperation[]): boolean | "unknown" =>
  checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e6 }).linearizable;

const linearizable: Readonly<Record<string, readonly HistoryOperation[]>> = {
  "nothing at all": [],
  "a read of what was never there": [read(null, 1, 2)],
  "concurrent reads on either side of a write": [write(1, 1, 6), read(1, 2, 4), read(null, 3, 5)],
  "overlapping writes in the order of their returns turned round": [write(1, 1, 4), write(2, 2, 3), read(1, 5, 6)],
  "a long write behind a short one that began later": [write(1, 1, 6), write(2, 2, 3), read(2, 4, 5), read(1, 7, 8)],
  "a read that is answered from a write still open": [write(1, 1, 10), read(1, 2, 3), read(1, 4, 5)],
  "a chain of cas, returned in reverse": [write(0, 1, 2), cas(2, 3, 3, 8), cas(1, 2, 4, 7), cas(0, 1, 5, 6), read(3, 9, 10)],
  "cas on an absent key": [cas(null, 1, 1, 2), read(1, 3, 4)],
  "cas that changes nothing": [write(1, 1, 2), cas(1, 1, 3, 4), read(1, 5, 6)],
  "swaps that pass a value on": [swap(1, null, 1, 6), swap(2, 1, 2, 5), swap(3, 2, 3, 4), read(3, 7, 8)],
  "delete, then absent": [write(1, 1, 2), remove(3, 4), read(null, 5, 6), cas(null, 2, 7, 8)],
  "writing null deletes": [write(1, 1, 2), write(null, 3, 4), read(null, 5, 6)],
  "an unknown write that is never seen": [write(1, 1, 2), write(2, 3), read(1, 4, 5), read(1, 6, 7)],
  "an unknown write that is seen late": [write(1, 1, 2), write(2, 3), read(1, 4, 5), write(3, 6, 7), read(3, 8, 9), read(2, 10, 11)],
  "two unknown writes of one value, each seen once": [write(2, 1), write(2, 2), read(2, 3, 4), write(1, 5, 6), read(2, 7, 8)],
  "an unknown cas that swapped": [write(1, 1, 2), cas(1, 2, 3), read(2, 4, 5)],
  "an unknown cas that waited for its value": [cas(1, 2, 1), read(null, 2, 3), write(1, 4, 5), read(2, 6, 7)],
  "a chain of unknown cas": [cas(2, 3, 1), cas(1, 2, 2), write(1, 3, 4), read(3, 5, 6)],
  "an unknown swap found whatever was there": [write(1, 1, 2), swap(2, null, 3), read(2, 4, 5)],
  "an unknown read proves nothing": [write(1, 1, 2), read(7, 3)],
  "an unknown delete": [write(1, 1, 2), remove(3), read(1, 4, 5), read(null, 6, 7)],
  "appends seen in the order they took": [append("b", 1, 4), append("a", 2, 3), read("ab", 5, 6)],
  "an append of nothing makes an absent key empty": [append("", 1, 2), read("", 3, 4)],
  "an append to an absent key that was made empty": [append("", 1, 2), read("", 4, 9), append("ab", 5, 10), swap("b", "ab", 3, 8)],
  "an append to a deleted key": [append("a", 1, 2), remove(3, 4), append("b", 5, 6), read("b", 7, 8)],
  "one text, two ways to append it": [append("a", 1, 8), append("ab", 2, 7), append("b", 3, 6), read("abab", 9, 10)],
  "an unknown append seen at last": [append("a", 1), append("b", 2, 3), read("b", 4, 5), read("ba", 6, 7)],
  "keys that know nothing of one another": [...on("x", write(1, 1, 2), read(1, 7, 8)), ...on("y", read(null, 3, 4), write(2, 5, 6))],
};

const broken: Readonly<Record<string, readonly HistoryOperation[]>> = {
  "a stale read": [write(1, 1, 2), write(2, 3, 4), read(1, 5, 6)],
  "a read that goes back": [write(1, 1, 10), read(1, 2, 3), read(null, 4, 5)],
  "a lost write": [write(1, 1, 2), read(null, 3, 4)],
  "a value that was never written": [write(1, 1, 2), read(7, 3, 4)],
  "a value read before it was written": [read(1, 1, 2), write(1, 3, 4)],
  "a write seen, gone, and seen again": [write(1, 1, 2), write(2, 3, 10), read(2, 4, 5), read(1, 6, 7)],
  "two readers who disagree on the order of two writes": [write(1, 1, 4), write(2, 2, 3), read(1, 5, 6), read(2, 7, 8)],
  "one value, two successful cas": [write(0, 1, 2), cas(0, 1, 3, 6), cas(0, 2, 4, 5)],
  "a cas with nothing to compare to": [cas(1, 2, 1, 2)],
  "a cas chain with a link missing": [write(0, 1, 2), cas(0, 1, 3, 8), cas(2, 3, 4, 7), read(3, 9, 10)],
  "one value found by two swaps": [write(0, 1, 2), swap(1, 0, 3, 6), swap(2, 0, 4, 5)],
  "a deleted value": [write(1, 1, 2), remove(3, 4), read(1, 5, 6)],
  "a number is not its digits": [write(1, 1, 2), read("1", 3, 4)],
  "false is not absent": [write(false, 1, 2), read(null, 3, 4)],
  "an unknown write seen before its call": [read(1, 1, 2), write(1, 3)],
  "an unknown write seen twice, with another between": [write(2, 1), read(2, 2, 3), write(1, 4, 5), read(2, 6, 7)],
  "an unknown cas that had nothing to compare to": [cas(1, 2, 1), write(3, 2, 3), read(2, 4, 5)],
  "a write that failed was seen": [write(1, 1, 2), read(2, 3, 4)],
  "an append before one that returned before it": [append("a", 1, 2), append("b", 3, 4), read("ba", 5, 6)],
  "an append seen twice": [append("a", 1, 2), read("aa", 3, 4)],
  "an append lost": [append("a", 1, 2), append("b", 3, 4), read("b", 5, 6)],
  "empty is not absent": [append("", 1, 2), read(null, 3, 4)],
  "two prefixes that exclude one another": [append("a", 1, 4), append("b", 2, 3), read("ab", 5, 6), read("ba", 7, 8)],
  "only one of two keys": [...on("x", write(1, 1, 2), read(1, 3, 4)), ...on("y", write(1, 5, 6), read(2, 7, 8))],
};

describe("linearizable", () => {
  test.each(Object.entries(linearizable))("%s", (_, history) => expect(verdict(history)).toBe(true));
});

describe("not linearizable", () => {
  test.each(Object.entries(broken))("%s", (_, history) => expect(verdict(history)).toBe(false));
});
