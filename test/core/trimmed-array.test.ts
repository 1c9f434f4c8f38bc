import { TrimmedArray } from "paxbench";
import * as fc from "fast-check";
import { expect, test } from "vitest";

type Step = readonly [what: "push" | "replace" | "truncate" | "trim", where: number];
const steps = fc.array(fc.tuple(fc.constantFrom("push", "push", "push", "replace", "truncate", "trim"), fc.nat({ max: 30 })), { maxLength: 80 });

test("is an array whose positions stay what they were, but for those below its start", () => {
  fc.assert(
    fc.property(steps as fc.Arbitrary<Step[]>, (taken) => {
      const whole: number[] = [];
      const trimmed = new TrimmedArray<number>((item) => 1 + item);
      let start = 0;
      for (const [i, [what, where]] of taken.entries()) {
        const position = Math.min(whole.length, Math.max(start, where));
        if (what === "push") trimmed.push(whole[whole.length] = i);
        if (what === "replace" && position < whole.length) trimmed.replace(position, whole[position] = i);
        if (what === "truncate") trimmed.truncate(whole.length = position);
        if (what === "trim") trimmed.trim(start = position);
        expect(trimmed.slice(where, where + 5)).toEqual(whole.slice(Math.max(start, where), Math.max(start, where + 5)));
        expect([trimmed.start, trimmed.length]).toEqual([start, whole.length]);
        expect(trimmed.weight).toBe(whole.slice(start).reduce((sum, item) => sum + 1 + item, 0));
        for (let at = 0; at <= whole.length; at++) expect(trimmed.at(at)).toBe(at < start ? undefined : whole[at]);
      }
    }),
  );
});

test("what is trimmed is not brought back by a lower start", () => {
  const trimmed = new TrimmedArray<string>(() => 0);
  for (const item of ["a", "b", "c"]) trimmed.push(item);
  trimmed.trim(2);
  trimmed.trim(1);
  expect([trimmed.start, trimmed.slice(0)]).toEqual([2, ["c"]]);
});
