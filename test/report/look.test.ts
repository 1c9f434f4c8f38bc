import { expect, test } from "vitest";
import { cast, look } from "../../src/report/look.ts";

const known = ["a", "b", "c"];

test("who comes with paxbench has the same place on every page, whoever else is on it", () => {
  for (const protocols of [["b"], ["c", "b", "a"], ["aardvark", "b", "zebra"]]) expect(cast(protocols, known).get("b")).toBe(1);
});

test("a stranger has the same look on every page, and a colour that none of those has", () => {
  const alone = cast(["stranger"], known).get("stranger")!;
  expect(cast(["a", "b", "c", "stranger"], known).get("stranger")).toBe(alone);
  const colours = [...cast(["stranger"], known).values()].map((place) => look(place).colour);
  expect(new Set(colours).size).toBe(4);
});

test("however many there are, no two look alike", () => {
  const protocols = Array.from({ length: 50 }, (_, i) => `stranger ${i}`);
  const casting = cast(protocols, known);
  const looks = [...casting.values()].map((place) => JSON.stringify([look(place).colour, look(place).shape]));
  expect(new Set(looks).size).toBe(53);
  expect(cast(protocols.toReversed(), known)).toEqual(casting);
});

test("beyond all looks they repeat", () => {
  expect(cast(Array.from({ length: 80 }, (_, i) => `stranger ${i}`), known).size).toBe(83);
});

test("several sets of options of one protocol differ in colour, mark and dash", () => {
  const variants = [0, 1, 2].map((variant) => look(0, variant));
  for (const property of ["colour", "shape", "dash"] as const) expect(new Set(variants.map((one) => JSON.stringify(one[property]))).size).toBe(3);
});
