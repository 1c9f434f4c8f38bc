import type { Phase } from "./phase.ts";
import type { Report } from "./reports.ts";

/** The nodes of a run as its leader sees them: 0 … replicas-1 hold a replica each, those after them clients. */
export interface Cluster {
  /** Nodes that have not ended. */
  readonly running: number;
  /** Requests answered so far. */
  readonly completed: number;
  enter(phase: Phase): void;
  /** Ends all nodes, whatever they are doing. */
  terminate(): Promise<void>;
}

export interface ClusterListener {
  reported(node: number, report: Report): void;
  /** A node ended that should not have: the run cannot go on. */
  failed(name: string, reason: unknown): void;
  /** What the cluster says of itself has changed. */
  changed(): void;
}
