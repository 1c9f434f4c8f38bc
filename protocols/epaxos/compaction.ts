import { ballotOf, noReplicas, type Ballot, type Command, type ReplicaId } from "paxbench";
import { cellOf, type Instance } from "./instance.ts";
import type { InstanceLog } from "./log.ts";
import type { JournalRecord } from "./messages.ts";

/**
 * The journal that restores a log: of each instance the last vote or the commit, and the ballot if a higher one was joined
 * since. Numbers rise for all leaders together, so that a restored command finds what it depends on. `joined`: of instances
 * that are not known, by key; `displaced`: commands of instances of `self` that a no-op took the place of, by number.
 */
export const compactedJournal = function* (
  log: InstanceLog,
  joined: ReadonlyMap<number, Ballot>,
  displaced: ReadonlyMap<number, Command>,
  self: ReplicaId,
): Generator<JournalRecord> {
  for (const instance of log.all()) {
    const { leader, number, ballot, votedBallot, seq, deps } = instance;
    const command = leader === self ? displaced.get(number) : undefined;
    if (command !== undefined) yield { type: "preAccepted", leader, number, ballot: ballotOf(0, leader), command, seq, deps, quorum: noReplicas };
    yield vote(instance);
    if (ballot > votedBallot) yield { type: "joined", leader, number, ballot };
  }
  for (const [key, ballot] of joined) yield { type: "joined", ...cellOf(key), ballot };
};

const vote = ({ status, isCommitted, leader, number, votedBallot: ballot, command, seq, deps, quorum }: Instance): JournalRecord => {
  if (isCommitted) return { type: "committed", leader, number, ballot, command, seq, deps };
  if (status === "accepted") return { type: "accepted", leader, number, ballot, command, seq, deps };
  return { type: "preAccepted", leader, number, ballot, command, seq, deps, quorum };
};
