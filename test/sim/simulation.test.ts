import { millisecond, second, type ReplicaId } from "paxbench";
import { describe, expect, test } from "vitest";
import type { SimulationHooks } from "../../src/sim/world.ts";
import { summarize } from "../../src/measure/latency.ts";
import { simulateProtocol, traceOf, type AnyProtocol, type TestRun } from "paxbench/testing";
import { RecordedHistory } from "../../src/check/recorded-history.ts";
import { createScribe } from "./scribe.ts";
import { createSequencer, type Flaw } from "./sequencer.ts";

const run: TestRun = { conflict: 0.5, duration: second };
const outcomeOf = (flaw: Flaw, more: TestRun = {}, hooks: SimulationHooks = {}) =>
  simulateProtocol(createSequencer(flaw), { ...run, ...more }, hooks);

/** Nobody takes a request; these do not even say so. */
const refusing = (...mute: readonly ReplicaId[]) => {
  const history = new RecordedHistory();
  const sequencer = createSequencer("none");
  const protocol: AnyProtocol = {
    ...sequencer,
    create(env, effects, options) {
      const replica = sequencer.create(env, effects, options);
      replica.onRequest = (command) => void (mute.includes(env.self) || effects.reject(command));
      return replica;
    },
  };
  const { failed, unknown, violations, undecided } = simulateProtocol(protocol, { replicas: 3, clientsPerSite: 2 }, { history });
  const types = [...history.toJsonLines().matchAll(/"type":"(\w+)"/g)].map(([, type]) => type!);
  return { failed, unknown, violations, undecided, types: types.toSorted(), operations: history.operations.length };
};

/** All that a run hands back, to be compared. */
const whole = (more: TestRun) => {
  const { recorder, executedCommands, events, violations } = outcomeOf("none", more);
  return { counts: recorder.counts, executedCommands, events, violations, response: summarize(recorder.total("response")) };
};

const firstOf = (flaw: Flaw, more: TestRun = {}) => outcomeOf(flaw, more).violations[0];

describe("a run", () => {
  test("of a protocol that keeps the rules has nothing to object to", () => {
    const { violations, undecided, unknown, executedCommands, recorder } = outcomeOf("none");
    expect([violations, undecided, unknown]).toEqual([[], [], 0]);
    expect(new Set(executedCommands).size).toBe(1);
    expect(recorder.counts.completed).toBeGreaterThan(100);
  });

  test("takes the time that light takes: a reply at site 0 at once, elsewhere after a round trip", () => {
    const { recorder } = outcomeOf("none", { clientsPerSite: 1 });
    expect([0, 1, 2].map((site) => Math.round(summarize(recorder.histogram("response", site)).p50))).toEqual([0, 20, 20]);
    expect(recorder.counts.longestStall).toBeLessThanOrEqual(20 * millisecond);
  });

  test("goes on where nothing takes time: a replica alone answers within the same instant", () => {
    const { recorder, unknown } = outcomeOf("none", { replicas: 1, clientsPerSite: 2, duration: second / 10 });
    const { min, max } = summarize(recorder.total("response"));
    expect([min, max]).toEqual([0.1, 0.1]);
    expect([recorder.counts.completed, unknown]).toEqual([2000, 0]);
  });

  test("has no event for the deadline of a request that was answered before: two a request, its way there and back", () => {
    const { recorder, events } = outcomeOf("none", { replicas: 1, clientsPerSite: 2, warmup: 0, duration: second / 4, requestTimeout: second / 20 });
    expect(events / recorder.counts.completed).toBeLessThan(2.1);
  });

  test("says every second that it lives", () => {
    const seconds: number[] = [];
    outcomeOf("none", { warmup: second, duration: 2.5 * second }, { progress: (now) => void seconds.push(Math.floor(now / second)) });
    expect(seconds).toEqual([1, 2, 3]);
  });

  test("is the same with the same seed, and another with another", () => {
    const jitter = 5 * millisecond;
    const trace = (seed: number) => traceOf(createSequencer("none"), { ...run, duration: second / 5, seed, jitter });
    expect(trace(3)).toEqual(trace(3));
    expect(trace(3)).not.toEqual(trace(4));
    expect(whole({ seed: 3, jitter })).toEqual(whole({ seed: 3, jitter }));
    expect(whole({ seed: 3, jitter })).not.toEqual(whole({ seed: 4, jitter }));
  });

  test("is the same whoever looks on", () => {
    const { events } = outcomeOf("none", {}, { sent() {}, progress() {} });
    expect(events).toBe(whole({}).events);
  });
});

describe("a protocol that breaks the rules is caught", () => {
  test("different orders: by key, position and the two replicas", () => {
    const violation = firstOf("swaps pairs", { conflict: 1 });
    expect(violation?.check).toBe("ledger");
    expect(violation?.detail).toMatch(/^key "hot" position \d+: replica \d executed \d+\.\d+, but replica \d executed \d+\.\d+ there before$/);
    expect(violation?.detail).toContain("replica 2");
  });

  test("a command executed twice: by replica and command, and not without end", () => {
    const { violations } = outcomeOf("executes twice");
    expect(violations[0]?.check).toBe("exactlyOnce");
    expect(violations[0]?.detail).toMatch(/^replica 2: command \d\.\d+ \(key ".+"\) executed twice$/);
    expect(violations.filter(({ check }) => check === "exactlyOnce")).toHaveLength(10);
  });

  test("its own invariant: by replica, time and rule; that replica stops there, the run goes on", () => {
    const outcome = outcomeOf("breaks its invariant");
    expect(outcome.violations).toHaveLength(1);
    expect(outcome.violations[0]?.check).toBe("invariants");
    expect(outcome.violations[0]?.detail).toMatch(/^replica 2 at \d+ µs: nobody counts to twenty$/);
    expect(outcome.executedCommands[2]).toBeNull();
    expect(outcome.executedCommands[0]).toBeGreaterThan(20);
  });

  test("a write left out: by the next one of its key", () => {
    const violation = firstOf("executes one too few", { conflict: 1 });
    expect(violation?.check).toBe("ledger");
    expect(violation?.detail).toMatch(/^key "hot" position 9: replica 2 executed .* but replica \d executed/);
  });

  test("a decision that is another than others': by position and the two commands, though all execute the same", () => {
    const { violations } = outcomeOf("decides otherwise");
    expect(new Set(violations.map(({ check }) => check))).toEqual(new Set(["agreement"]));
    expect(violations[0]?.detail).toMatch(/^position \d+: replica 2 decided no-op, but replica \d decided \d\.\d+ there before$/);
  });

  test("two leaders of one ballot", () => {
    expect(outcomeOf("leads as well").violations).toEqual([
      { check: "leaders", detail: "ballot 1: replica 2 leads, but replica 0 did before" },
    ]);
  });

  test("a write that everybody forgets, though all end alike: by key and who had executed it", () => {
    const crashes = [0, 1, 2].flatMap((replica) => [
      { at: second, fault: { type: "crash", replica } } as const,
      { at: 2 * second, fault: { type: "restart", replica } } as const,
    ]);
    const duration = 1.5 * second;
    const { violations } = outcomeOf("none", { warmup: 0, duration, scenario: { name: "amnesia", summary: "", steps: crashes } });
    const lost = violations.filter(({ check }) => check === "durable");
    expect(violations.some(({ check }) => check === "converged")).toBe(false);
    expect(lost[0]?.detail).toMatch(/^key ".+": replica 0 ended without the last \d+ of \d+ writes, from \d+\.\d+ on, which replica \d had executed$/);
  });

  test("but not a replica that nobody is left to bring up to date: what it lacks is not lost", () => {
    const steps = [0, 1].map((replica) => ({ at: second, fault: { type: "crash", replica } }) as const);
    const { violations, undecided, unknown } = outcomeOf("none", { jitter: 5 * millisecond, scenario: { name: "alone", summary: "", steps } });
    expect(violations).toEqual([]);
    expect(undecided).toEqual(["durable"]);
    expect(unknown).toBeGreaterThan(0);
  });

  test("a state that stays behind: by the replicas that differ", () => {
    const { violations, undecided } = outcomeOf("executes nothing");
    expect(violations).toHaveLength(1);
    expect(violations[0]?.check).toBe("converged");
    expect(undecided).toEqual(["durable"]);
    expect(violations[0]?.detail).toMatch(/^replica 2 ended with 0 keys, 0{16}, replica 0 with \d+ keys, [0-9a-f]{16}$/);
  });

  test("requests that nobody answers: they count as unknown when the drain gives up", () => {
    const { unknown, violations, recorder } = outcomeOf("never replies", { replicas: 3, clientsPerSite: 4, requestTimeout: 60 * second });
    expect(violations).toEqual([]);
    expect(unknown).toBe(4);
    expect(recorder.histogram("response", 2).totalCount).toBe(0);
    expect(recorder.histogram("response", 1).totalCount).toBeGreaterThan(0);
  });

  test("requests that every replica rejects have failed: a definite no", () => {
    expect(refusing()).toEqual({
      failed: 6, unknown: 0, violations: [], undecided: ["agreement", "durable"], operations: 0,
      types: [...Array<string>(6).fill("fail"), ...Array<string>(6).fill("invoke")],
    });
  });

  test("one replica that did not answer, and nobody knows", () => {
    expect(refusing(1)).toMatchObject({ failed: 0, unknown: 6, violations: [], operations: 6, types: Array<string>(6).fill("invoke") });
  });
});

test("requests that are open when the load ends are answered in the drain, and not counted", () => {
  const { unknown, executedCommands, recorder } = outcomeOf("none", { warmup: 0, duration: 105 * millisecond, clientsPerSite: 10 });
  expect(unknown).toBe(0);
  expect(executedCommands[0]).toBeGreaterThan(recorder.counts.completed);
});

test("a client whose replica is down turns to the next one after its timeout", () => {
  const { unknown, recorder, violations } = outcomeOf("none", {
    duration: 5 * second,
    requestTimeout: second,
    scenario: { name: "test", summary: "", steps: [{ at: second, fault: { type: "crash", replica: 1 } }] },
  });
  expect([unknown, violations]).toEqual([0, []]);
  const { p50, max } = summarize(recorder.histogram("response", 1));
  expect(p50).toBeLessThan(25);
  expect(max).toBeGreaterThan(1000);
});

test("a step that appends many records waits for one sync", () => {
  const sync = 700;
  const { recorder } = simulateProtocol(createScribe(5), { replicas: 1, clientsPerSite: 1, sync, duration: second / 10 });
  const { min, max } = summarize(recorder.histogram("execute", 0));
  expect([Math.round(min * 1000), Math.round(max * 1000)]).toEqual([sync, sync]);
});
