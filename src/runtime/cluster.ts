import type { ReplicaId } from "../core/ids.ts";
import type { Phase } from "./phase.ts";
import type { Report } from "./reports.ts";
import type { LinkCondition } from "./shaping.ts";

/** The nodes of a run as its leader sees them: 0 … replicas-1 hold a replica each, those after them clients. */
export interface Cluster {
  /** Nodes that have not ended. */
  readonly running: number;
  /** Requests answered so far. */
  readonly completed: number;
  enter(phase: Phase): void;
  /**
   * Makes these the conditions of a replica's links to others, one way. When a cut ends, both replicas are told that the
   * link broke and stands again, before anything that is sent from then on arrives.
   */
  impose(from: ReplicaId, links: readonly LinkCondition[]): void;
  /** Tells those who hold clients whether anything is broken from now on. */
  tellSound(sound: boolean): void;
  /** Null where somebody else runs them. */
  readonly machines: Machines | null;
  /** Ends all nodes, whatever they are doing. */
  terminate(): Promise<void>;
}

/** What replicas run on, which can fail. */
export interface Machines {
  /** Ends the replica on the spot: nothing that it holds in memory survives. */
  kill(replica: ReplicaId): void;
  /** Starts a replica that was killed on the journal it left. */
  restart(replica: ReplicaId): void;
  /** Stops a replica in its tracks, and lets it go on. */
  pause(replica: ReplicaId): void;
  resume(replica: ReplicaId): void;
}

export interface ClusterListener {
  reported(node: number, report: Report): void;
  /** The replica was killed; what it reported before has arrived. */
  killed(replica: ReplicaId): void;
  /** It stopped by itself, since its machine failed. */
  lost(replica: ReplicaId, reason: string): void;
  /** It begins a new life: what it reports from now on is of this one. */
  restarted(replica: ReplicaId): void;
  /** A node ended that should not have: the run cannot go on. */
  failed(name: string, reason: unknown): void;
  /** What the cluster says of itself has changed. */
  changed(): void;
}
