import { expect, it } from "vitest";
import electionTask, { type ElectionTask } from "../../../src/experiment/reproduce/election-task.ts";
import { planOf, runsOf } from "../../../src/experiment/plan.ts";
import { flagsOf } from "../../support/flags.ts";

const seeds = [1, 2, 3, 4, 5];

const trials = async (set: readonly string[], rttMs: number): Promise<number[]> => {
  const plan = await planOf(flagsOf({ replicas: "5", clients: "1", conflict: "0", set }), ".");
  const task: ElectionTask = { plan, run: runsOf(plan)[0]!, rttMs, limitMs: 1000, seeds };
  return electionTask(task);
};

const timeouts = (least: number, spread: number): string[] => [`electionTimeout=${least}`, `electionSpread=${spread}`, `heartbeat=${least / 2}`];

it("is over once a timer has run out and a round trip has brought the votes; the crash was up to a heartbeat interval after the last heartbeat", async () => {
  const times = await trials(timeouts(150, 1), 1);
  for (const time of times) {
    expect(time).toBeGreaterThan(150 - 75);
    // Of the two with the longest logs one fires within twice the least timeout, and hears back.
    expect(time).toBeLessThan(2 * 300 + 2);
  }
  expect(new Set(times).size).toBe(seeds.length);
  expect(await trials(timeouts(150, 1), 1)).toEqual(times);
});

it("is never over where all timers always run out at once", async () => {
  expect(await trials(timeouts(150, 0), 1)).toEqual(seeds.map(() => Infinity));
});
