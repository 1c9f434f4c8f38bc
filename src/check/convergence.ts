import type { ReplicaId } from "../core/ids.ts";
import type { Violation } from "./violation.ts";

/** Compares the states in which replicas ended: `digests` holds one a live replica. */
export const judgeConvergence = (digests: ReadonlyMap<ReplicaId, string>): Violation[] => {
  const [first, ...rest] = digests;
  if (first === undefined) return [];
  return rest
    .filter(([, digest]) => digest !== first[1])
    .map(([replica, digest]) => ({
      check: "converged",
      detail: `replica ${replica} ended with ${digest}, replica ${first[0]} with ${first[1]}`,
    }));
};
