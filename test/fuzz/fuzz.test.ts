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

  it("has never more than a minority down, and ends mended", () => {
    for (let seed = 1; seed <= 500; seed++) {
      const { replicas, steps, duration } = caseOf(seed);
      let down = 0;
      for (const { fault } of steps) {
        if (fault.type === "crash") down++;
        if (fault.type === "restart") down = 0;
        expect(down, `seed ${seed}`).toBeLessThanOrEqual(Math.floor((replicas - 1) / 2));
      }
      const [restart, heal] = steps.slice(-2);
      expect([restart!.fault.type, heal!.fault.type, restart!.at < duration], `seed ${seed}`).toEqual(["restart", "heal", true]);
    }
  });

  it("leaves out the faults that are not asked for", () => {
    const all = caseOf(7).faults;
    expect(caseOf(7, { faults: [1] }).faults).toEqual([all[1]]);
    expect(caseOf(7, { faults: [] }).faults).toEqual([]);
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

  it("take an exception for a failure", () => {
    const thrower: AnyProtocol = { ...sequencer({ stale: false }), create: () => { throw new RangeError("no more"); } };
    expect(runCase(subjectOf(thrower), caseOf(1)).findings).toEqual([{ kind: "exception", detail: "RangeError: no more" }]);
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

  it("never keeps a case that passes", () => {
    const { limits } = shrink(11, { duration: 8 * second }, { kind: "ledger", detail: "only as it is" }, () => undefined);
    expect(caseOf(11, limits).faults).toEqual(caseOf(11, { duration: 8 * second }).faults);
  });
});
