import { millisecond, second } from "paxbench";
import { simulateProtocol, type TestRun } from "paxbench/testing";
import { expect, test } from "vitest";
import { createSequencer } from "./sequencer.ts";

const run = (more: TestRun) => simulateProtocol(createSequencer("none"), { untilSteady: true, warmup: 30 * second, duration: second, ...more });

test("a warm-up ends when throughput is steady, and is not measured; faults count from its end", () => {
  const scenario = { name: "pause", steps: [{ at: 100 * millisecond, fault: { type: "pause", replica: 1, for: 1000 } }] } as const;
  const { warmedUp, recorder, faultEvents } = run({ scenario });
  expect(warmedUp.took).toBeGreaterThanOrEqual(2 * second);
  expect(warmedUp.took).toBeLessThan(4 * second);
  expect(warmedUp.transient).toBeLessThan(warmedUp.took / 2);
  const { took } = warmedUp;
  const fixed = run({ scenario, untilSteady: false, warmup: took });
  expect([recorder.counts, faultEvents]).toEqual([fixed.recorder.counts, fixed.faultEvents]);
  expect(faultEvents.map(({ at }) => at)).toEqual([100 * millisecond]);
});

test("it ends at its limit in any case, and says so", () => {
  expect(run({ warmup: second }).warmedUp).toEqual({ took: second, transient: null });
});
