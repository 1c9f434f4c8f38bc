/**
 * The timers of a simulated replica, which keep one pending event a name and look again when it comes, against the
 * plain rule: a timer fires once, at the time it was last set for, unless it was cleared or its replica crashed.
 */
import { defineProtocol, millisecond, second, uint, union, type Effects, type Env } from "paxbench";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Step } from "../../src/faults/scenario.ts";
import { simulateProtocol, type AnyProtocol } from "paxbench/testing";

type Name = "drive" | "a" | "b";
const unused = union({ unused: { value: uint } });

/** Each firing sets and clears timers at random: earlier, later, at once, again in the same instant. */
const createFidget = () => {
  const mistakes: string[] = [];
  let fired = 0;
  const create = (env: Env, effects: Effects<never, never, Name>) => {
    const due = new Map<Name, number>();
    const check = (): void => {
      for (const [name, at] of due) if (at < env.now) mistakes.push(`${name} was due at ${at}, now is ${env.now}`);
    };
    const fidget = (): void => {
      for (let i = env.random.below(5); i >= 0; i--) {
        const name = env.random.below(2) === 0 ? "a" : "b";
        if (env.random.below(4) === 0) {
          due.delete(name);
          effects.clearTimer(name);
        } else {
          set(name, env.random.below(3) === 0 ? env.random.below(3) : env.random.below(5000));
        }
      }
    };
    const set = (name: Name, delay: number): void => {
      due.set(name, env.now + delay);
      effects.setTimer(name, delay);
    };
    return {
      restore() {},
      start: () => set("drive", 1000),
      onRequest() {},
      onMessage() {},
      onTimer(name: Name) {
        fired++;
        if (due.get(name) !== env.now) mistakes.push(`${name} fired at ${env.now}, due is ${due.get(name)}`);
        due.delete(name);
        check();
        if (name === "drive") set("drive", 700);
        if (fired % 2 === 0 || name === "drive") fidget();
      },
      status: () => ({}),
    };
  };
  const protocol: AnyProtocol = defineProtocol({
    name: "fidget", title: "Fidget", summary: "", papers: [], messages: unused, records: unused,
    timers: ["drive", "a", "b"], options: {}, create: create as never,
  });
  return { protocol, mistakes, count: () => fired };
};

const crashes = [1, 2, 3].flatMap((replica): Step[] => [
  { at: replica * 20 * millisecond + 3, fault: { type: "crash", replica: 0 } },
  { at: replica * 20 * millisecond + 1500, fault: { type: "restart", replica: "all" } },
]);

test.each([
  ["in one life", null],
  ["across crashes", { name: "test", summary: "", steps: crashes }],
])("every timer fires once, when it is due, %s", (_, scenario) => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { protocol, mistakes, count } = createFidget();
      simulateProtocol(protocol, { seed, scenario, replicas: 1, clientsPerSite: 0, warmup: 0, duration: second / 5 });
      expect(mistakes).toEqual([]);
      expect(count()).toBeGreaterThan(400);
    }),
    { numRuns: 20 },
  );
});
