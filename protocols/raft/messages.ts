/**
 * The RPCs of Figure 2, field by field in the paper's names, requests and replies each a message. `leaderId` and
 * `candidateId` are the sender. A reply `success: false` of the paper is `mismatch` or `staleTerm`.
 */
import { bool, command, list, nullable, replica, struct, uint, union, type Infer } from "paxbench";

/** Terms count from 1 (§5.1). */
const term = uint;
/** Position in the log, from 1 (Figure 2); 0 is before the first entry. */
const index = uint;

const entry = struct({ term, command });
export type Entry = Infer<typeof entry>;

export const messages = union({
  /** RequestVote (§5.2, §5.4.1). */
  requestVote: { term, lastLogIndex: index, lastLogTerm: term },
  vote: { term, voteGranted: bool },
  /** AppendEntries (§5.3); without entries: the heartbeat (§5.2). */
  appendEntries: { term, prevLogIndex: index, prevLogTerm: term, entries: list(entry), leaderCommit: index },
  /** Success: the log is as the leader's up to `matchIndex`, durably. */
  appended: { term, matchIndex: index },
  /**
   * The consistency check failed (§5.3): at `prevLogIndex` stands an entry of `conflictTerm`, the first of that term
   * being at `conflictIndex`; or none (`conflictTerm` 0), the log ending before `conflictIndex`.
   */
  mismatch: { term, prevLogIndex: index, conflictTerm: term, conflictIndex: index },
  /** AppendEntries came from a leader of the past (§5.1). */
  staleTerm: { term },
  /** The leader's commitIndex, as soon as it moves: `leaderCommit` without waiting for the next AppendEntries. */
  commit: { term, commitIndex: index },
  /** RequestVote on trial (thesis §9.6): `term` is the one that the sender would campaign in. */
  requestPreVote: { term, lastLogIndex: index, lastLogTerm: term },
  /** Granted: `term` is the request's; denied: the receiver's own. */
  preVote: { term, voteGranted: bool },
  /**
   * Entries up to `upTo` are executed here, and are by this journal alone after any restart: nobody has to send them
   * again. True in every term, so it has none.
   */
  executed: { upTo: index },
  /** From one that keeps much for others, who may have it by now: what was told may be lost. The answer is `executed`. */
  askExecuted: {},
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

/** Figure 2's persistent state. */
export const records = union({
  term: { currentTerm: term, votedFor: nullable(replica) },
  /** Entries `index`, `index`+1, …; what the log held from `index` on is gone. */
  entries: { index, entries: list(entry) },
  /** Entries up to `commitIndex` are committed. Spares a restarted replica the wait for a leader to say so. */
  commit: { commitIndex: index },
});
export type JournalRecord = Infer<typeof records>;
