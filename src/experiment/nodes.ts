/** What a live run's nodes, and the machine of its leader, did while it was measured: from µs to shares. */
import { availableParallelism } from "node:os";
import type { MachineUsage, Usage } from "../measure/usage.ts";
import type { MachineResult, NodeResult } from "./result.ts";

export const nodesOf = (usage: readonly (Usage | null)[], replicas: number): NodeResult[] =>
  usage.flatMap((each, node) => {
    if (each === null) return [];
    const { window, cpu, busy, pauses } = each;
    return [{
      node: node < replicas ? `replica ${node}` : `load ${node - replicas}`,
      cpu: share(cpu, window),
      busy: share(busy, window),
      pauses: { count: pauses.count, totalMs: pauses.total / 1000, longestMs: pauses.longest / 1000 },
    }];
  });

/** `usage`: of nodes on the leader's machine. */
export const machineOf = ({ window, all, leader }: MachineUsage, usage: readonly (Usage | null)[]): MachineResult => {
  const own = usage.reduce((sum, each) => sum + (each?.process ?? 0), leader);
  return { cores: availableParallelism(), usedCores: share(all, window), ownCores: share(own, window) };
};

const share = (part: number, whole: number): number => (whole === 0 ? 0 : Number((part / whole).toPrecision(4)));
