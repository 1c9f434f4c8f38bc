/** Replicas killed with SIGKILL under load, and restarted on their journals: what must hold of such a run. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jobsOf, runExperiment } from "../../src/experiment/experiment.ts";
import { planOf } from "../../src/experiment/plan.ts";
import type { RunResult } from "../../src/experiment/result.ts";
import { flagsOf } from "../support/flags.ts";

/** Of three replicas: whom to kill, by words of a scenario. */
export const victims = {
  follower: ["follower1"],
  leader: ["leader"],
  // The leader last: who takes over is then nobody's question.
  majority: ["follower2", "leader"],
  all: ["all"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type Victims = keyof typeof victims;

/** ms of load after the restart. */
const rest = 800;
/** ms in which replies that were under way arrive. */
const grace = 200;

export interface Round {
  readonly whom: Victims;
  readonly result: RunResult;
  /** Requests answered while those replicas were down. */
  readonly answeredMeanwhile: number;
  /** What should not have been. */
  readonly complaints: readonly string[];
}

/** Restarts replicas `down` ms after the kill, whose time goes with the seed: it comes anywhere in what the protocol does. */
export const killRound = async (protocol: string, whom: Victims, seed: number, down: number): Promise<Round> => {
  const folder = mkdtempSync(join(tmpdir(), "paxbench-kill-"));
  try {
    const killed = 700 + ((seed * 37) % 200);
    const restarted = killed + down;
    const steps = [
      ...victims[whom].map((replica) => ({ at: `${killed}ms`, crash: replica })),
      { at: `${restarted}ms`, restart: "all" },
    ];
    const scenario = join(folder, "scenario.yaml");
    writeFileSync(scenario, JSON.stringify({ name: `kill ${whom}`, steps }));
    const plan = await planOf(
      flagsOf({
        protocol: [protocol], transport: "tcp", durability: "fsync", workload: "mixed", clients: "3", scenario, history: true,
        warmup: "300ms", duration: `${restarted + rest}ms`, seed: String(seed), set: ["requestTimeout=400"],
      }),
      process.cwd(),
    );
    const results: RunResult[] = [];
    await runExperiment(jobsOf(plan), join(folder, "cluster"), { finished: (_, result) => void results.push(result) }, new AbortController().signal);
    return judged(whom, restarted, results[0]!);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const judged = (whom: Victims, restarted: number, result: RunResult): Round => {
  const { timeline: { windowMs, completed }, checks, unknown, violations } = result;
  // On a busy machine it comes late.
  const killed = Math.max(...result.faults!.events.filter(({ fault }) => fault.type === "crash").map(({ atMs }) => atMs));
  const [from, until] = [Math.ceil((killed + grace) / windowMs), Math.floor(restarted / windowMs)];
  const answeredMeanwhile = completed.slice(from, until).reduce((sum, replies) => sum + replies, 0);
  const quorum = whom === "follower" || whom === "leader";
  const must = ["linearizable", "ledger", "converged", "exactlyOnce", "durable"] as const;
  return {
    whom,
    result,
    answeredMeanwhile,
    complaints: [
      ...violations.map(({ check, detail }) => `${check}: ${detail}`),
      ...must.filter((check) => checks[check] === "unknown").map((check) => `${check}: not decided`),
      ...(quorum && answeredMeanwhile === 0 ? ["no progress, though a majority was up"] : []),
      ...(!quorum && answeredMeanwhile > 0 ? [`${answeredMeanwhile} requests answered without a majority`] : []),
      ...(unknown > 0 ? [`${unknown} requests never answered`] : []),
    ],
  };
};
