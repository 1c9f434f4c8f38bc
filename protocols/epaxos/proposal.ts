import { noReplicas, type Micros, type ReplicaSet } from "paxbench";
import type { MessageOf, Vote } from "./messages.ts";

/** What a command leader keeps of an own instance until it is committed; likewise who recovers another's. */
export interface Proposal {
  /** As phase 1 began, or phase 2 where recovery begins with that. */
  readonly vote: Vote;
  /** `decided`: committed on the fast path, and told to nobody until the journal has it. */
  phase: "preAccept" | "accept" | "decided";
  /** When the phase began, or its messages were last sent again. */
  since: Micros;
  /** Who was asked last, and who answered in this phase. */
  asked: ReplicaSet;
  replies: ReplicaSet;
  /** The union of the attributes of phase 1, the leader's own included; what phase 2 and Commit are about. */
  seq: number;
  deps: readonly number[];
  /** The replies of phase 1 were all alike. */
  identical: boolean;
  /** Whose instances the replies covered, and the leader itself when it chose its deps; see `preAcceptOk`. */
  covered: ReplicaSet;
  readonly coveredByLeader: ReplicaSet;
  /** The fast quorum, which the PreAccepts went to. */
  readonly quorum: ReplicaSet;
  /** They went to nobody else: the fast path is open. */
  thrifty: boolean;
}

/** At the start of its first phase. Without a `quorum`: recovery's, which has no fast path. */
export const proposalOf = (vote: Vote, quorum: ReplicaSet, coveredByLeader: ReplicaSet, now: Micros): Proposal => ({
  vote,
  phase: "preAccept",
  since: now,
  asked: noReplicas,
  replies: noReplicas,
  seq: vote.seq,
  deps: vote.deps,
  identical: true,
  covered: noReplicas,
  coveredByLeader,
  quorum,
  thrifty: quorum !== noReplicas,
});

export const acceptOf = ({ vote, seq, deps }: Proposal): MessageOf<"accept"> => ({ type: "accept", ...vote, seq, deps });
