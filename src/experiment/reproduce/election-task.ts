/** Trials of one election as a task of the pool. Plain data in and out: it crosses threads. */
import { millisecond, second, type Micros } from "../../core/ids.ts";
import { createRandom } from "../../core/random.ts";
import type { Step } from "../../faults/scenario.ts";
import { evenTopology } from "../../network/topology.ts";
import { loadProtocol, loadWorkload } from "../../runtime/modules.ts";
import { simulate } from "../../sim/simulation.ts";
import type { Plan, PlannedRun } from "../plan.ts";

export interface ElectionTask {
  readonly plan: Plan;
  readonly run: PlannedRun;
  /** ms, between any two replicas. */
  readonly rttMs: number;
  /** ms, after which a trial is given up. */
  readonly limitMs: number;
  /** Of each trial. */
  readonly seeds: readonly number[];
}

/** The load ends here at the latest; all that follows is the election. */
const restarts: Micros = second / 2;
const firstCrash: Micros = 50 * millisecond;
const nextCrash: Micros = 25 * millisecond;

/**
 * By trial, ms without a leader. Under a short load replicas crash one after the other, the leader last, so that each has a
 * longer log than the one before; then all but the leader come back in one moment. Their clocks now stand as after a
 * heartbeat of the leader to all, and as if it crashed at a random moment of the heartbeat interval after that. Infinity: given up.
 */
export default async ({ plan, run, rttMs, limitMs, seeds }: ElectionTask): Promise<number[]> => {
  const { replicas, initialLeader, harness } = plan;
  const followers = Array.from({ length: replicas }, (_, replica) => replica).filter((replica) => replica !== initialLeader);
  const crashes = [...followers.toReversed(), initialLeader].map(
    (replica, i): Step => ({ at: firstCrash + i * nextCrash, fault: { type: "crash", replica, unsynced: "lost" } }),
  );
  const steps = [...crashes, ...followers.map((replica): Step => ({ at: restarts, fault: { type: "restart", replica } }))];
  const [protocol, workload] = [await loadProtocol(run.protocol.url), await loadWorkload(plan.workload.url)];
  /** When somebody led, µs after the restart. */
  const electedAfter = (seed: number, limit: Micros): Micros => {
    let elected = Infinity;
    simulate(
      {
        protocol, protocolOptions: run.protocol.options, workload, workloadOptions: plan.workload.options,
        topology: evenTopology(replicas, rttMs), replicas, initialLeader, clientsPerSite: plan.clientsPerSite, ask: harness.ask,
        commands: 40, seed, warmup: 0, untilSteady: false, duration: restarts + limit, requestTimeout: 20 * millisecond, shortestTurn: 100, jitter: harness.jitter,
        sync: 0, batch: harness.batch, openLoop: null, costs: null, machine: null, scenario: { name: "election", steps },
      },
      { led: (now) => (elected = now > restarts ? Math.min(elected, now - restarts) : elected) },
    );
    return elected;
  };
  // Of the protocol's options, as the published figure sets it.
  const heartbeat = Number(run.protocol.options["heartbeat"]) * millisecond;
  return seeds.map((seed) => {
    const crashed = createRandom(seed, "crash").below(heartbeat);
    let elected = Infinity;
    // Few take long, and a run ends no sooner than its time: the same run again, longer.
    for (let limit = Math.min(second, limitMs * millisecond); elected === Infinity && limit <= limitMs * millisecond; limit *= 10) elected = electedAfter(seed, limit);
    return (elected - crashed) / millisecond;
  });
};
