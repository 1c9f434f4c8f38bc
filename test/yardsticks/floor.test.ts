import { describe, expect, test } from "vitest";
import { second } from "paxbench";
import { protocolSuite, ScriptedCluster, simulateProtocol } from "paxbench/testing";
import { judgedFor, type Outcome } from "../../src/experiment/outcome.ts";
import type { PlannedRun } from "../../src/experiment/plan.ts";
import floor from "../../yardsticks/floor/index.ts";

const newCluster = () => new ScriptedCluster(floor, 3);

describe("a command", () => {
  test("is executed by others when they have it, at its origin when a majority has", () => {
    const cluster = newCluster();
    cluster.request(0, 7);
    expect([0, 1, 2].map((replica) => cluster.executed(replica))).toEqual([[], [], []]);
    cluster.deliver({ to: 2 });
    expect([0, 1, 2].map((replica) => cluster.executed(replica))).toEqual([[], [], ["0.1"]]);
    cluster.deliver({ from: 2 });
    expect(cluster.executed(0)).toEqual(["0.1"]);
    cluster.deliverAll();
    expect([0, 1, 2].map((replica) => cluster.executed(replica))).toEqual([["0.1"], ["0.1"], ["0.1"]]);
  });

  test("that was lost is sent again, to those who lack it; whoever has it executes it once", () => {
    const cluster = newCluster();
    cluster.request(0, 7);
    cluster.drop({ to: 1 });
    cluster.deliver({ to: 2 });
    cluster.drop({ from: 2 });
    cluster.pass(second);
    cluster.fire(0, "retry");
    expect(new Set(cluster.inFlight.map(({ to }) => to))).toEqual(new Set([1, 2]));
    cluster.deliverAll();
    expect([0, 1, 2].map((replica) => cluster.executed(replica))).toEqual([["0.1"], ["0.1"], ["0.1"]]);
    cluster.pass(second);
    cluster.fire(0, "retry");
    expect(cluster.inFlight).toEqual([]);
  });

  test("that only its origin kept when it crashed is replicated when it is back", () => {
    const cluster = newCluster();
    cluster.request(0, 7);
    cluster.drop();
    cluster.crash(0);
    cluster.restart(0);
    expect(cluster.executed(0)).toEqual([]);
    cluster.deliverAll();
    expect([0, 1, 2].map((replica) => cluster.executed(replica))).toEqual([["0.1"], ["0.1"], ["0.1"]]);
  });
});

test("a run on the keys that clients share breaks order, and nothing else", () => {
  const { violations, failed, unknown } = simulateProtocol(floor, { duration: second, conflict: 1 });
  expect([failed, unknown]).toEqual([0, 0]);
  expect(new Set(violations.map(({ check }) => check))).toEqual(new Set(["ledger", "converged"]));
});

test("of its runs nothing is said that rests on an order; of a protocol's all that is known", () => {
  const violations = [{ check: "ledger", detail: "" }, { check: "durable", detail: "" }] as const;
  const outcome = { violations, undecided: ["leaders"], history: null } as unknown as Outcome;
  const judged = judgedFor({ protocol: { orders: false } } as PlannedRun, outcome);
  expect(judged.violations.map(({ check }) => check)).toEqual(["durable"]);
  expect(judged.undecided).toEqual(["leaders", "ledger", "converged", "linearizable"]);
  expect(judgedFor({ protocol: { orders: true } } as PlannedRun, outcome)).toBe(outcome);
});

test("it is refused where protocols are judged", async () => {
  await expect(protocolSuite("floor")).rejects.toThrow("floor: a yardstick, which orders nothing; allowed is a protocol");
});
