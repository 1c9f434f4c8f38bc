/**
 * What may have happened to an instance, from the answers of a majority to Prepare (Figure 3, §4.4). README.md argues
 * each case.
 */
import { membersOf, type Ballot, type Command, type ReplicaId } from "paxbench";
import { sameDeps } from "./instance.ts";
import type { PriorVote } from "./messages.ts";

/** By replica: what it had voted for before it joined the ballot; null: nothing. */
export type Answers = ReadonlyMap<ReplicaId, PriorVote | null>;

export type Finding =
  /** Accepted: perhaps by a majority, so in no other way. */
  | { readonly type: "accepted"; readonly vote: PriorVote }
  /** Nobody of a majority knows the instance: it has no command and never will. */
  | { readonly type: "unknown" }
  /** Not committed, on either path: phase 1 again, without the fast path. */
  | { readonly type: "open"; readonly command: Command }
  /** Perhaps committed on the fast path with these attributes, perhaps not. */
  | { readonly type: "perhaps"; readonly vote: PriorVote };

/** `initial`: the ballot of the command leader, in which alone there is a fast path. */
export const findingOf = (answers: Answers, leader: ReplicaId, initial: Ballot): Finding => {
  const votes = [...answers.values()].filter((vote) => vote !== null);
  const accepted = votes.filter((vote) => vote.accepted);
  if (accepted.length > 0) {
    return { type: "accepted", vote: accepted.reduce((a, b) => (b.votedBallot > a.votedBallot ? b : a)) };
  }
  const [known] = votes;
  if (known === undefined) return { type: "unknown" };
  const open: Finding = { type: "open", command: known.command };
  // The command leader has not committed it, and now that it joined this ballot it counts no more replies.
  if (answers.has(leader)) return open;
  const first = votes.find((vote) => vote.votedBallot === initial && vote.quorum !== 0);
  // Phase 1 was begun again by somebody who had found that it is open.
  if (first === undefined) return open;
  // On the fast path all of the fast quorum replied, and alike.
  const members = membersOf(first.quorum).filter((member) => answers.has(member));
  const replies = members.map((member) => answers.get(member)!);
  const [reply] = replies;
  const alike = replies.every(
    (vote) => vote !== null && vote.votedBallot === initial && vote.seq === reply!.seq && sameDeps(vote.deps, reply!.deps),
  );
  return alike && reply !== null && reply !== undefined ? { type: "perhaps", vote: reply } : open;
};
