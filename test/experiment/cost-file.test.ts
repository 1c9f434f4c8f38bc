import { expect, test } from "vitest";
import { costNames, costsOf, loadCosts, machineOf, type CostFile } from "../../src/experiment/cost-file.ts";
import { noCosts } from "../../src/sim/costs.ts";

const file: CostFile = {
  name: "x", source: "y",
  costs: { turn: 5, receive: 2, record: 1, sync: 3 },
  protocols: { slow: { receive: 20, execute: 7 } },
  load: { turn: 9 },
  judge: { execute: 0.3 },
};

test("a protocol's own costs stand above those of all; what nobody names is free", () => {
  expect(costsOf(file, "other", "wal")).toEqual({ ...noCosts, turn: 5, receive: 2, record: 1, sync: 3 });
  expect(costsOf(file, "slow", "wal")).toEqual({ ...noCosts, turn: 5, receive: 20, record: 1, sync: 3, execute: 7 });
});

test("without durability there is no journal to write", () => {
  expect(costsOf(file, "other", "none")).toEqual({ ...noCosts, turn: 5, receive: 2 });
});

test.each(costNames())("%s says where its numbers come from", (name) => {
  expect(loadCosts(name)).toMatchObject({ name, source: expect.stringMatching(/.{20}/) });
});

test("one machine for all has cores, clients and a judge; else each replica has one, and those are free", () => {
  expect(machineOf(file, 2)).toEqual({ cores: 2, load: { ...noCosts, turn: 9 }, judge: { ...noCosts, execute: 0.3 } });
  expect(machineOf(file, 0)).toBeNull();
});
