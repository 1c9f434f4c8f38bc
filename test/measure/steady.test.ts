import { describe, expect, test } from "vitest";
import { createRandom } from "../../src/core/random.ts";
import { SteadyState, SteadyWatch, steadyWindow } from "../../src/measure/steady.ts";

/** Windows until throughput, which is `at` window n, is called steady; and what was cut off, in windows. */
const found = (at: (window: number) => number, most = 1000) => {
  const state = new SteadyState();
  for (let window = 0; window < most; window++) if (state.add(at(window))) return { after: window + 1, transient: state.transient / steadyWindow };
  return null;
};

const noise = () => {
  const random = createRandom(1, "noise");
  return () => random.below(21) - 10;
};

describe("throughput is steady", () => {
  test("from the start: as soon as anything is said", () => expect(found(() => 100)).toEqual({ after: 50, transient: 0 }));

  test("after a start that is slower, once as much again has passed", () => {
    expect(found((window) => (window < 40 ? 20 : 100))).toEqual({ after: 85, transient: 40 });
  });

  test("after one that rises, with noise", () => {
    const chance = noise();
    const { after, transient } = found((window) => Math.min(100, 2 * window) + chance())!;
    expect(transient).toBeGreaterThanOrEqual(25);
    expect(after).toBeGreaterThanOrEqual(2 * 25);
    expect(after).toBeLessThan(300);
  });

  test("never while it rises", () => expect(found((window) => window)).toBeNull());
});

test("in turns: windows without a turn are empty, and what a turn brings counts where it comes", () => {
  const watch = new SteadyWatch(1000, 7);
  expect(watch.look(1000 + steadyWindow / 2, 107)).toBe(false);
  // Nothing for two seconds: the answers that come then are of the window that they come in.
  expect(watch.look(1000 + 52 * steadyWindow, 1107)).toBe(false);
  expect(watch.state.transient).toBe(5 * steadyWindow);
});
