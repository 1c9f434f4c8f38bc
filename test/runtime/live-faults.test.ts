import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Fault } from "../../src/faults/scenario.ts";
import type { Cluster, Machines } from "../../src/runtime/cluster.ts";
import { LiveFaults } from "../../src/runtime/live-faults.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ms = 1000;

/** Steps at ms, on a cluster of three that takes down what it is told. Replica 0 is to lead. */
const run = (...steps: readonly (readonly [ms: number, fault: Fault])[]) => {
  const calls: string[] = [];
  const machine = (what: string) => (replica: number) => void calls.push(`${what} ${replica}`);
  const machines: Machines = { kill: machine("kill"), restart: machine("restart"), pause: machine("pause"), resume: machine("resume") };
  const cluster: Cluster = {
    running: 4,
    completed: 0,
    machines,
    enter: () => {},
    impose: (from, links) => calls.push(...links.map(({ to, condition: { cut, delay } }) => `${from}→${to}${cut ? " cut" : ""} +${delay}`)),
    tellSound: (sound) => calls.push(sound ? "sound" : "broken"),
    terminate: () => Promise.resolve(),
  };
  const faults = new LiveFaults({ steps: steps.map(([at, fault]) => ({ at: at * ms, fault })) }, 3, 0, cluster);
  faults.begin();
  return {
    faults,
    /** What the cluster is told in so many ms. */
    after: (time: number): string[] => {
      vi.advanceTimersByTime(time);
      return calls.splice(0);
    },
    told: (act: () => void): string[] => {
      act();
      return calls.splice(0);
    },
  };
};

const pause = (time: number): Fault => ({ type: "pause", replica: 1, for: time * ms });

test("each step comes at its time, aimed at whoever leads then", () => {
  const { after, faults } = run([10, { type: "pause", replica: "leader", for: 100 * ms }], [30, { type: "crash", replica: "leader" }]);
  expect(after(9)).toEqual([]);
  expect(after(1)).toEqual(["pause 0", "broken"]);
  faults.leader = 2;
  expect(after(20)).toEqual(["kill 2", "broken"]);
  expect(faults.outcome).toEqual({
    faults: { pause: 1, crash: 1 }, excluded: {},
    faultEvents: [{ at: 10 * ms, fault: { type: "pause", replica: 0, for: 100 * ms } }, { at: 30 * ms, fault: { type: "crash", replica: 2 } }],
  });
});

test("a pause ends by itself; a longer one takes the place of a shorter one, not the other way round", () => {
  const { after } = run([0, pause(10)], [5, pause(20)], [6, pause(3)]);
  expect(after(24)).toEqual(["pause 1", "broken", "pause 1", "broken", "broken"]);
  expect(after(1)).toEqual(["resume 1", "sound"]);
  expect(after(100)).toEqual([]);
});

describe("a restart", () => {
  const crash: Fault = { type: "crash", replica: 1 };
  const restart: Fault = { type: "restart", replica: "all" };

  test("is over when the replica is there, and not before", () => {
    const { after, faults, told } = run([10, crash], [20, restart]);
    expect(after(10)).toEqual(["kill 1", "broken"]);
    expect(faults.expected).toBe(2);
    expect(after(20)).toEqual(["restart 1", "broken"]);
    expect(faults.expected).toBe(3);
    expect(told(() => faults.restarted(1))).toEqual(["sound"]);
    expect(faults.outcome.faultEvents.at(-1)).toEqual({ at: 30 * ms, fault: { type: "restart", replica: 1 } });
  });

  test("may be crashed in its turn", () => {
    const { after, faults, told } = run([10, crash], [20, restart], [30, crash]);
    expect(after(30)).toEqual(["kill 1", "broken", "restart 1", "broken", "kill 1", "broken"]);
    expect(faults.expected).toBe(2);
    expect(told(() => faults.restarted(1))).toEqual([]);
  });

  test("ends a pause for good", () => {
    const { after } = run([0, pause(50)], [10, crash], [20, restart]);
    expect(after(100)).toEqual(["pause 1", "broken", "kill 1", "broken", "restart 1", "broken"]);
  });
});

test("conditions of a link add up until they are mended", () => {
  const { after } = run([1, { type: "cut", from: 0, to: 2 }], [2, { type: "delay", from: 0, to: 2, extra: 7 }], [3, { type: "heal", from: 0, to: 2 }], [4, { type: "heal" }]);
  expect(after(2)).toEqual(["0→2 cut +0", "broken", "0→2 cut +7", "broken"]);
  expect(after(1)).toEqual(["0→2 +0", "sound"]);
  expect(after(1)).toEqual(["sound"]);
});

test("when the load ends all is mended but what is down, and later steps do not come", () => {
  const { after, faults, told } = run(
    [0, { type: "crash", replica: 2 }], [1, pause(500)], [2, { type: "cut", from: 0, to: 1 }], [50, { type: "restart", replica: 2 }],
  );
  after(10);
  expect(told(() => faults.end())).toEqual(["0→1 +0", "resume 1", "broken"]);
  expect(after(1000)).toEqual([]);
  expect([faults.expected, faults.outcome.faultEvents.at(-1)!.fault]).toEqual([2, { type: "heal" }]);
});

test("when the load ends and nothing but a machine is down, there is nothing to mend", () => {
  const { after, faults, told } = run([0, { type: "crash", replica: 2 }]);
  after(10);
  expect(told(() => faults.end())).toEqual([]);
});

test("nothing is left to come when the run stops", () => {
  const { after, faults } = run([0, pause(50)], [20, { type: "crash", replica: 0 }]);
  after(10);
  faults.stop();
  expect(after(1000)).toEqual([]);
});
