import { expect, test } from "vitest";
import { Leaders } from "../../src/check/leaders.ts";

type Led = readonly [replica: number, life: number, ballot: number];

test.each<[string, Led[], string[]]>([
  ["a ballot each", [[0, 0, 1], [1, 0, 2], [0, 1, 3]], []],
  ["one that says so twice", [[0, 0, 1], [0, 0, 1]], []],
  ["an older ballot, learned of later", [[1, 0, 5], [0, 0, 4]], []],
  ["two of one ballot", [[0, 0, 7], [2, 0, 7]], ["ballot 7: replica 2 leads, but replica 0 did before"]],
  ["one that comes back and leads again", [[1, 0, 7], [1, 1, 7]], ["ballot 7: replica 1 leads, but it did before its restart"]],
])("%s", (_, ballots, details) => {
  const leaders = new Leaders();
  expect(leaders.judged).toBe(false);
  for (const led of ballots) leaders.led(...led);
  expect(leaders.judged).toBe(true);
  expect(leaders.violations).toEqual(details.map((detail) => ({ check: "leaders", detail })));
});
