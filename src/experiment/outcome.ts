import type { Histogram } from "hdr-histogram-js";
import type { WitnessView } from "../check/linearizability/witness-view.ts";
import type { CheckName, Violation } from "../check/violation.ts";
import type { OpenLoopSettings } from "../client/open-loop.ts";
import { millisecond, type Micros, type ReplicaId } from "../core/ids.ts";
import type { FaultEvent } from "../faults/bands.ts";
import type { FaultCounts } from "../faults/scenario.ts";
import { summarize, type LatencyKind } from "../measure/latency.ts";
import { steadyRule, type WarmedUp } from "../measure/steady.ts";
import { timelineWindow, type Recorder } from "../measure/recorder.ts";
import type { MachineUsage, Usage } from "../measure/usage.ts";
import type { WorkDone } from "../measure/work.ts";
import { nearestMajority } from "../network/topology.ts";
import { costsOf } from "./cost-file.ts";
import type { PlannedRun, Plan } from "./plan.ts";
import type { Checks, Environment, Faults, Latencies, OpenLoopResult, RunResult, SiteResult, Verdict } from "./result.ts";
import { machineOf, nodesOf } from "./nodes.ts";
import { replayOf } from "./replay.ts";
import { judgeThresholds } from "./threshold.ts";
import { warningsOf } from "./warnings.ts";

/** What any transport hands back of one run. */
export interface Outcome {
  readonly recorder: Recorder;
  /** By how much frames that distance or conditions held back left late, µs. Null in virtual time. */
  readonly lateness: Histogram | null;
  /** Length of the measured window, µs. */
  readonly measured: Micros;
  readonly warmedUp: WarmedUp;
  readonly violations: readonly Violation[];
  /** Checks that the run could not decide, unless they are among the violations. */
  readonly undecided: readonly CheckName[];
  /** Requests that were given up at the end, and took no effect: each attempt was rejected. */
  readonly failed: number;
  /** Requests still open at the end: their outcome is not known. */
  readonly unknown: number;
  /** Replicas that were gone in the end: what they lack by then is not judged. */
  readonly gone: readonly ReplicaId[];
  readonly lost: RunResult["lost"];
  /** In the measured window; of a replica null where it did not live to tell it. Null: nobody counted. */
  readonly work: {
    readonly replicas: readonly (WorkDone | null)[];
    readonly loads: readonly WorkDone[];
    readonly judge: { readonly cpu: number } | null;
  } | null;
  /** By node, replicas first; null of one that was gone in the end. Null in virtual time. */
  readonly usage: readonly (Usage | null)[] | null;
  readonly machine: MachineUsage | null;
  /** The run was cut short. */
  readonly interrupted: boolean;
  /** Null where none can be injected. */
  readonly faults: Faults | null;
  /** Null where no history was recorded. */
  readonly history: RunHistory | null;
}

/** What clients saw, and what the judge said of it. */
export interface RunHistory {
  readonly linearizable: Verdict;
  readonly jsonLines: string;
  readonly operations: number;
  readonly keys: number;
  /** Null unless it is refuted. */
  readonly witness: WitnessView | null;
}

/** As a run tells it, with times in µs. */
interface ToldFaults {
  readonly faults: FaultCounts;
  readonly excluded: FaultCounts;
  readonly faultEvents: readonly FaultEvent[];
  readonly recoveredAfter: Micros | null;
}

export const faultsOf = ({ faults, excluded, faultEvents, recoveredAfter }: ToldFaults): Faults => ({
  injected: faults,
  excluded,
  events: faultEvents.map(({ at, fault }) => ({ atMs: at / millisecond, fault })),
  recoveredAfterMs: recoveredAfter === null ? null : recoveredAfter / millisecond,
});

const ofOrder: readonly CheckName[] = ["ledger", "converged", "linearizable"];

/** Of a yardstick, whose replicas need not agree on an order, nothing is said that rests on one. */
export const judgedFor = ({ protocol }: PlannedRun, outcome: Outcome): Outcome =>
  protocol.orders
    ? outcome
    : {
        ...outcome,
        violations: outcome.violations.filter(({ check }) => !ofOrder.includes(check)),
        undecided: [...outcome.undecided, ...ofOrder],
        history: outcome.history && { ...outcome.history, linearizable: "unknown", witness: null },
      };

export const resultOf = (plan: Plan, run: PlannedRun, outcome: Outcome, environment: Environment): RunResult => {
  const { external } = run.protocol;
  const { arrivals: _, outstanding: __, ...harness } = plan.harness; // told in `openLoop`
  const { recorder, measured, failed, unknown, violations } = outcome;
  const { completed, shared, fast, slow, messages, bytes, leaderChanges, longestStall } = recorder.counts;
  const perSecond = (count: number): number => (measured === 0 ? 0 : rounded((count * 1_000_000) / measured));
  const durationMs = (outcome.interrupted ? measured : plan.duration) / 1000;
  const nominal = plan.workload.options["conflict"];
  const result = {
    protocol: run.protocol.name,
    title: run.protocol.title,
    external: external !== null,
    transport: plan.transport,
    simulated: plan.transport === "sim",
    costs: plan.costs && { name: plan.costs.name, source: plan.costs.source, micros: costsOf(plan.costs, run.protocol.name, plan.durability) },
    topology: plan.topology?.name ?? null,
    replicas: plan.replicas,
    leader: plan.sites[plan.initialLeader]!,
    workload: { name: plan.workload.name, ...plan.workload.options },
    options: external === null ? { ...run.protocol.options, ...harness } : { requestTimeout: plan.harness.requestTimeout },
    clientsPerSite: plan.clientsPerSite,
    openLoop: plan.openLoop && openLoopResult(plan.openLoop, recorder, perSecond),
    seed: run.seed,
    repeat: run.repeat,
    durationMs,
    warmupMs: outcome.warmedUp.took / 1000,
    steady: plan.untilSteady ? steadyOf(plan, outcome) : null,
    completed,
    failed,
    unknown,
    throughputOpsPerSec: perSecond(completed),
    timeline: timelineOf(recorder.timeline, durationMs),
    latencyMs: latencies((kind) => summarize(recorder.total(kind))),
    sites: plan.sites.map((name, site) => siteResult(plan, recorder, name, site, perSecond)),
    paths: fast + slow === 0 ? null : { fast, slow, fastRate: rounded(fast / (fast + slow)) },
    conflictRate: typeof nominal === "number" ? { nominal, measured: completed === 0 ? 0 : rounded(shared / completed) } : null,
    messages: external === null ? { count: messages, bytes, perCommand: completed === 0 ? 0 : rounded(messages / completed) } : null,
    leaderChanges: external === null ? leaderChanges : null,
    longestStallMs: longestStall / 1000,
    linkLatenessMs: outcome.lateness === null || outcome.lateness.totalCount === 0 ? null : summarize(outcome.lateness),
    faults: plan.scenario === null ? null : outcome.faults,
    work: external === null ? workOf(outcome) : null,
    nodes: outcome.usage && nodesOf(outcome.usage, plan.replicas),
    machine: outcome.usage === null || outcome.machine === null || external !== null || plan.cluster !== null ? null : machineOf(outcome.machine, outcome.usage),
    warnings: [],
    gone: outcome.gone,
    lost: outcome.lost,
    checks: checksOf(outcome),
    violations,
    replay: replayOf(plan, run),
    thresholds: [],
    environment: external === null ? environment : { ...environment, durability: external.durability },
  };
  return { ...result, warnings: warningsOf({ ...result, profiled: plan.profiles !== null }), thresholds: judgeThresholds(plan.thresholds, result) };
};

const workOf = ({ work, measured }: Outcome): RunResult["work"] => {
  if (work === null) return null;
  const timed = (cpu: number) => ({ cpuMs: cpu / 1000, cpu: measured === 0 ? 0 : rounded(cpu / measured) });
  return {
    replicas: work.replicas.flatMap((each, replica) => (each === null ? [] : [{ replica, ...timed(each.cpu), done: each.done }])),
    loads: work.loads.map(({ cpu, done }) => ({ ...timed(cpu), done })),
    judge: work.judge && timed(work.judge.cpu),
  };
};

/** Loads in real time end a little late: what is after the end, or not even a window, is left out. */
const timelineOf = (completed: readonly number[], durationMs: number): RunResult["timeline"] => {
  const windowMs = timelineWindow / 1000;
  return { windowMs, completed: completed.slice(0, Math.floor(durationMs / windowMs)) };
};

const steadyOf = ({ warmup }: Plan, { warmedUp: { transient } }: Outcome): RunResult["steady"] => ({
  found: transient !== null,
  transientMs: transient === null ? null : transient / 1000,
  limitMs: warmup / 1000,
  rule: steadyRule,
});

const openLoopResult = (
  { rate, arrivals, outstanding }: OpenLoopSettings,
  recorder: Recorder,
  perSecond: (count: number) => number,
): OpenLoopResult => ({
  rateOpsPerSec: rate,
  arrivals,
  outstanding,
  arrived: recorder.counts.arrived,
  offeredOpsPerSec: perSecond(recorder.counts.arrived),
  dropped: recorder.counts.dropped,
  lateMs: summarize(recorder.total("late")),
  coordinatedMs: summarize(recorder.total("coordinated")),
});

const siteResult = (
  { topology, replicas }: Plan,
  recorder: Recorder,
  name: string,
  site: number,
  perSecond: (count: number) => number,
): SiteResult => ({
  site: name,
  replica: site < replicas ? site : null,
  throughputOpsPerSec: perSecond(recorder.histogram("response", site).totalCount),
  latencyMs: latencies((kind) => summarize(recorder.histogram(kind, site))),
  floorMs: topology === null ? null : nearestMajority(topology, replicas, site) / 1000,
});

const latencies = (summaryOf: (kind: LatencyKind) => Latencies[LatencyKind]): Latencies => ({
  commit: summaryOf("commit"),
  execute: summaryOf("execute"),
  response: summaryOf("response"),
});

/** Held unless broken; "unknown" what this run could not judge. */
const checksOf = ({ violations, undecided, history }: Outcome): Checks => {
  const verdict = (check: CheckName): Verdict =>
    violations.some((violation) => violation.check === check) ? false : undecided.includes(check) ? "unknown" : true;
  return {
    linearizable: history?.linearizable ?? "unknown",
    ledger: verdict("ledger"),
    converged: verdict("converged"),
    exactlyOnce: verdict("exactlyOnce"),
    durable: verdict("durable"),
    agreement: verdict("agreement"),
    leaders: verdict("leaders"),
    invariants: verdict("invariants"),
  };
};

/** Six significant digits: more would only tell of the binary fraction. */
const rounded = (value: number): number => Number(value.toPrecision(6));
