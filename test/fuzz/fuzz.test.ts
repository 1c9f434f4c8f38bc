import { describe, expect, it } from "vitest";
import { command, defineProtocol, second, union, type Command } from "paxbench";
import mixed from "../../workloads/mixed/index.ts";
import { caseOf } from "../../src/fuzz/case.ts";
import { runCase, type Subject } from "../../src/fuzz/run-case.ts";
import { shrink } from "../../src/fuzz/shrink.ts";
import type { AnyProtocol } from "paxbench/testing";

/** One replica orders for all and nobody takes over: right while replica 0 lives, unless told to read `stale`. */
const sequencer = ({ stale }: { readonly stale: boolean }): AnyProtocol =>
  defineProtocol({
    name: "sequencer",
    title: "Sequencer",
    summary: "replica 0 orders",
    papers: [],
    messages: union({ ordered: { command } }),
    records: union({ ordered: { command } }),
    timers: [],
    options: {},
    create: (env, effects) => {
      const order = (given: Command): void => {
        effects.persist({ type: "ordered", command: given });
        effects.broadcast(env.everyone, { type: "ordered", command: given });
      };
      return {
        restore: (journal) => [...journal].forEach(({ command: given }) => effects.execute(given)),
        start: () => undefined,
        onRequest(given) {
          if (stale && given.readOnly && env.self !== 0) effects.execute(given);
          else if (env.self === 0) order(given);
          else effects.forward(0, given);
        },
        onMessage: (_, { command: given }) => effects.execute(given),
        onTimer: () => undefined,
        status: () => ({}),
      };
    },
  });

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

const subjectOf = (protocol: AnyProtocol): Subject => ({
  protocol, options: {}, workload: mixed, workloadOptions: { keys: 2, reads: 0.5, scans: 0, txns: 0 },
});

describe("a case", () => {
  it("is drawn from its seed", () => {
    expect(caseOf(7)).toEqual(caseOf(7));
    expect(caseOf(8)).not.toEqual(caseOf(7));
  });

  it("keeps all else when a limit is set", () => {
    const { replicas, duration, faults, ...rest } = caseOf(7);
    const limited = caseOf(7, { clients: 9 });
    expect(limited).toMatchObject({ ...rest, replicas, duration, faults, clients: 9 });
  });

  it("has never more than a minority down, power cuts aside, and at most one replica in the end", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const { replicas, steps, duration } = caseOf(seed);
      const down = new Set<unknown>();
      for (const step of steps) {
        const { fault } = step;
        // Who "leader" or "asked" is, is not known here: perhaps one more.
        if (fault.type === "crash" && fault.replica !== "all") down.add(typeof fault.replica === "number" ? fault.replica : step);
        if (fault.type === "restart" && fault.replica === "all") down.clear();
        if (fault.type === "restart") down.delete(fault.replica);
        expect(down.size, `seed ${seed}`).toBeLessThanOrEqual(Math.floor((replicas - 1) / 2));
      }
      const mended = steps.findIndex(({ at, fault }) => at === duration - second && fault.type === "restart");
      const last = steps.slice(mended).map(({ fault }) => fault.type).join(" ");
      expect(last, `seed ${seed}`).toMatch(/^restart heal( crash)?$/);
    }
  });

  it("lets all come back from a power cut", () => {
    const cuts = range(1, 500).flatMap((seed) => {
      const { steps } = caseOf(seed);
      return steps.flatMap(({ at, fault }) => (fault.type === "crash" && fault.replica === "all" ? [{ seed, at, steps }] : []));
    });
    expect(cuts.length).toBeGreaterThan(50);
    for (const { seed, at, steps } of cuts) {
      expect(steps.some((step) => step.fault.type === "restart" && step.fault.replica === "all" && step.at > at && step.at <= at + second), `seed ${seed}`).toBe(true);
    }
  });

  it("crashes for good in the last second, however long it is told to be", () => {
    const seed = range(1, 50).find((candidate) => caseOf(candidate).steps.at(-1)!.fault.type === "crash")!;
    const whole = caseOf(seed);
    for (const duration of [2 * second, whole.duration, 20 * second]) {
      const { steps } = caseOf(seed, { duration });
      expect(steps.slice(-3).map(({ fault }) => fault.type)).toEqual(["restart", "heal", "crash"]);
      expect(duration - steps.at(-1)!.at).toBe(whole.duration - whole.steps.at(-1)!.at);
    }
    expect(caseOf(seed, { faults: [] }).steps).toHaveLength(2);
  });

  it("leaves out the faults that are not asked for", () => {
    const seed = range(1, 50).find((candidate) => caseOf(candidate).faults.length > 3)!;
    const all = caseOf(seed).faults;
    expect(caseOf(seed, { faults: [1] }).faults).toEqual([all[1]]);
    expect(caseOf(seed, { faults: [] }).faults).toEqual([]);
  });
});

describe("judges", () => {
  it("find nothing where nothing is wrong", () => {
    const { findings, commands, undecided } = runCase(subjectOf(sequencer({ stale: false })), caseOf(3, { faults: [], replicas: 3 }));
    expect([findings, undecided]).toEqual([[], 0]);
    expect(commands).toBeGreaterThan(20);
  });

  it("find reads of the past", () => {
    const { findings } = runCase(subjectOf(sequencer({ stale: true })), caseOf(3, { faults: [], replicas: 3 }));
    expect(findings.map(({ kind }) => kind)).toContain("linearizable");
  });

  it("find requests that stay open though all is mended", () => {
    const seed = Array.from({ length: 50 }, (_, i) => i).find((i) => caseOf(i).faults.some(({ fault }) => fault.type === "crash" && fault.replica === 0))!;
    const kinds = runCase(subjectOf(sequencer({ stale: false })), caseOf(seed)).findings.map(({ kind }) => kind);
    expect(kinds.length, `seed ${seed}`).toBeGreaterThan(0);
  });

  it("say the same of the same case", () => {
    const subject = subjectOf(sequencer({ stale: true }));
    expect(runCase(subject, caseOf(5))).toEqual(runCase(subject, caseOf(5)));
  });

  it("take an exception for a failure, of the replica that threw", () => {
    const thrower: AnyProtocol = { ...sequencer({ stale: false }), create: () => { throw new RangeError("no more"); } };
    const [first] = runCase(subjectOf(thrower), caseOf(1)).findings;
    expect(first!.kind).toBe("invariants");
    expect(first!.detail).toMatch(/^replica 0 at 0 µs: RangeError: no more \(fuzz\.test\.ts:\d+\)$/);
  });

  it("take an exception of the workload for a failure", () => {
    const subject = { ...subjectOf(sequencer({ stale: false })), workload: { ...mixed, create: () => { throw new RangeError("no more"); } } };
    expect(runCase(subject, caseOf(1)).findings).toEqual([{ kind: "exception", detail: "RangeError: no more" }]);
  });
});

describe("shrinking", () => {
  it("ends with the least that still fails", () => {
    const whole = caseOf(11, { replicas: 5, clients: 4 });
    const needed = whole.faults.length - 1;
    const { limits, fuzzCase, finding } = shrink(11, { replicas: 5, clients: 4 }, { kind: "ledger", detail: "whole" }, (candidate) =>
      candidate.faults.some(({ at }) => at === whole.faults[needed]!.at)
        ? { kind: "ledger", detail: `${candidate.faults.length} faults` }
        : undefined,
    );
    expect(fuzzCase.faults).toHaveLength(1);
    expect(finding.detail).toBe("1 faults");
    expect(caseOf(11, limits)).toEqual(fuzzCase);
  });

  it("leaves each client as few commands and the load as little time as the failure needs", () => {
    const { fuzzCase } = shrink(11, { replicas: 7, faults: [] }, { kind: "ledger", detail: "whole" }, (candidate) =>
      candidate.replicas >= 5 && (candidate.commands ?? Infinity) >= 7 && candidate.duration >= 3 * second ? { kind: "ledger", detail: "" } : undefined,
    );
    expect(fuzzCase).toMatchObject({ replicas: 5, commands: 7, duration: 3 * second, clients: 1 });
  });

  it("never keeps a case that passes", () => {
    const { limits } = shrink(11, { duration: 8 * second }, { kind: "ledger", detail: "only as it is" }, () => undefined);
    expect(caseOf(11, limits).faults).toEqual(caseOf(11, { duration: 8 * second }).faults);
  });
});
