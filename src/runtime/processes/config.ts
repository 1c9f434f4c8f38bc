import type { ReplicaId } from "../../core/ids.ts";
import type { Address, Secure } from "../../transport/tcp/endpoint.ts";
import type { Durability } from "../settings.ts";

/** What all nodes of a cluster must agree on, and where they are. Replicas are the first nodes, loads those after them. */
export interface ClusterConfig {
  readonly name: string;
  /** A module's URL. */
  readonly protocol: string;
  readonly protocolOptions: object;
  readonly replicas: readonly Address[];
  /** Nodes that hold clients. */
  readonly loads: readonly Address[];
  readonly initialLeader: ReplicaId;
  readonly seed: number;
  /** Most requests in a command. */
  readonly batch: number;
  readonly secure: Secure | null;
  readonly durability: Durability;
  /** Absolute; replica n keeps its journal in `replica-n` below. */
  readonly data: string;
  /** Of all that must be the same at every node. */
  readonly fingerprint: Uint8Array;
}

export const addressesOf = ({ replicas, loads }: ClusterConfig): Address[] => [...replicas, ...loads];

/** The node number of who leads a run: after all that have an address. */
export const leaderNode = ({ replicas, loads }: ClusterConfig): number => replicas.length + loads.length;

/** Exit code of a node to which the machine refused what it needs, as a disk does that is full: EX_IOERR of sysexits(3). */
export const failedIo = 74;
