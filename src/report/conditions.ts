import type { RunResult } from "../experiment/result.ts";
import { distinct } from "./list.ts";

/** What a run was made under, apart from what is compared (protocol and options) and repeated (seed, repeat). */
export type Conditions = Readonly<Record<string, string | number | boolean>>;

export function conditions(run: RunResult): Conditions {
  const { name, ...parameters } = run.workload;
  return {
    transport: run.transport,
    topology: run.topology ?? "none",
    ...(run.costs ? { costs: run.costs.name } : {}),
    replicas: run.replicas,
    leader: run.leader,
    clients: run.clientsPerSite,
    ...(run.openLoop ? { rate: run.openLoop.rateOpsPerSec, arrivals: run.openLoop.arrivals, outstanding: run.openLoop.outstanding } : {}),
    workload: name,
    ...parameters,
    durationMs: run.durationMs,
    warmupMs: run.steady ? "auto" : run.warmupMs,
    durability: run.environment.durability,
    // Virtual time is the same on any machine.
    ...(run.simulated ? {} : { cpu: run.environment.cpu, cores: run.environment.cores }),
  };
}

/**
 * The conditions whose figures a run is in. An external system is as durable as it is made, and its title says so: it stands
 * beside those of ours that are alike in all else.
 */
export function comparedUnder(run: RunResult, runs: readonly RunResult[]): Conditions {
  const own = conditions(run);
  if (!run.external) return own;
  const alike = runs.filter((other) => !other.external).map(conditions);
  return alike.find((others) => varying([own, others]).every((key) => key === "durability")) ?? own;
}

/** The keys that do not have the same value in all of them. */
export function varying(all: readonly Conditions[]): string[] {
  const keys = distinct(all.flatMap((one) => Object.keys(one)));
  return keys.filter((key) => distinct(all.map((one) => one[key])).length > 1);
}
