import { expect, test } from "vitest";
import { judgeConvergence } from "../../src/check/convergence.ts";

test.each([
  ["no replica", [], []],
  ["one", [[2, "x"]], []],
  ["equal ones", [[0, "x"], [1, "x"], [2, "x"]], []],
  ["one that differs", [[0, "x"], [1, "y"], [2, "x"]], ["replica 1 ended with y, replica 0 with x"]],
  [
    "a first one that differs",
    [[1, "y"], [2, "x"], [3, "x"]],
    ["replica 2 ended with x, replica 1 with y", "replica 3 ended with x, replica 1 with y"],
  ],
] as const)("%s", (_, digests, details) => {
  const violations = judgeConvergence(new Map(digests));
  expect(violations).toEqual(details.map((detail) => ({ check: "converged", detail })));
});
