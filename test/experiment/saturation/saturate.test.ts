import { expect, test } from "vitest";
import type { Outcome } from "../../../src/experiment/outcome.ts";
import type { Knee, RunResult } from "../../../src/experiment/result.ts";
import { saturate, type Carry, type Ramp } from "../../../src/experiment/saturation/saturate.ts";
import { flagsOf } from "../../support/flags.ts";
import { noLatency, run } from "../../report/fixture.ts";

const ramp: Ramp = {
  flags: flagsOf({ protocol: ["epaxos,raft"], transport: "sim", repeat: "1" }),
  rule: { factor: 10, thresholds: [] },
  search: { from: 1000, to: 1_000_000, confirms: false },
};

/** What a protocol answers that can do so much: above that, what it can. */
const measured = (rate: number, capacity: number, changes: Partial<RunResult> = {}): RunResult =>
  run(0, {
    throughputOpsPerSec: Math.min(rate, capacity),
    openLoop: { rateOpsPerSec: rate, arrivals: "poisson", outstanding: 64, arrived: rate, offeredOpsPerSec: rate, dropped: 0, lateMs: noLatency, coordinatedMs: noLatency },
    ...changes,
  });

const ramped = async (resultOf: (protocol: string, rate: number) => RunResult, most = Infinity) => {
  const rounds: string[][] = [];
  let knees: readonly Knee[] = [];
  const carry: Carry = async (jobs, finished) => {
    if (rounds.length === most) return false;
    rounds.push(jobs.map(({ run: { protocol }, rate }) => `${protocol.name} ${rate}`));
    for (const job of jobs) finished(job, resultOf(job.run.protocol.name, job.rate), { interrupted: false } as Outcome);
    return true;
  };
  const completed = await saturate(ramp, ".", carry, (_job, _result, _outcome, sofar) => void (knees = sofar));
  return { completed, rounds, knees };
};

test("protocols take their steps in turn, each to its own knee", async () => {
  const capacity: Readonly<Record<string, number>> = { epaxos: 1500, raft: 5000 };
  const { completed, rounds, knees } = await ramped((protocol, rate) => measured(rate, capacity[protocol]!));
  expect(completed).toBe(true);
  expect(rounds.slice(0, 3)).toEqual([["epaxos 1000", "raft 1000"], ["epaxos 2000", "raft 2000"], ["epaxos 1410", "raft 4000"]]);
  expect(rounds.at(-1)!.length).toBe(1);
  for (const { protocol, rateOpsPerSec, answeredOpsPerSec, brokeAtOpsPerSec, broke } of knees) {
    // 5 % may be missing.
    expect(rateOpsPerSec!).toBeLessThanOrEqual(capacity[protocol]! / 0.95);
    expect(brokeAtOpsPerSec!).toBeGreaterThan(capacity[protocol]! / 0.95);
    expect(answeredOpsPerSec!).toBeGreaterThan(0.9 * capacity[protocol]!);
    expect(broke).toMatch(/% answered in time$/);
  }
});

test("a ramp ends where a check fails", async () => {
  const { rounds, knees } = await ramped((protocol, rate) => measured(rate, Infinity, protocol === "raft" || rate < 4000 ? {} : { violations: [{ check: "ledger", detail: "" }] }));
  expect(rounds.filter((round) => round.some((step) => step.startsWith("epaxos")))).toHaveLength(3);
  expect(knees.find(({ protocol }) => protocol === "epaxos")).toMatchObject({ rateOpsPerSec: 2000, broke: "a check failed" });
  expect(knees.find(({ protocol }) => protocol === "raft")).toMatchObject({ rateOpsPerSec: 1_000_000, brokeAtOpsPerSec: null, broke: null });
});

test("cut short, it has what it found", async () => {
  const { completed, knees } = await ramped((_, rate) => measured(rate, 1500), 2);
  expect([completed, knees.map(({ rateOpsPerSec }) => rateOpsPerSec)]).toEqual([false, [1000, 1000]]);
});
