import type { RunResult } from "../experiment/result.ts";
import { distinct } from "./list.ts";

/** What a run was made under, apart from what is compared (protocol and options) and repeated (seed, repeat). */
export type Conditions = Readonly<Record<string, string | number | boolean>>;

export function conditions(run: RunResult): Conditions {
  const { name, ...parameters } = run.workload;
  return {
    transport: run.transport,
    topology: run.topology ?? "none",
    replicas: run.replicas,
    leader: run.leader,
    clients: run.clientsPerSite,
    workload: name,
    ...parameters,
    durationMs: run.durationMs,
    warmupMs: run.warmupMs,
    durability: run.environment.durability,
  };
}

/** The keys that do not have the same value in all of them. */
export function varying(all: readonly Conditions[]): string[] {
  const keys = distinct(all.flatMap((one) => Object.keys(one)));
  return keys.filter((key) => distinct(all.map((one) => one[key])).length > 1);
}
