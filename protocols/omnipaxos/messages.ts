import { ballot, bool, command, list, uint, union, type Effects, type Infer } from "paxbench";

/** Position in the log, from 0. As a length or an end: that many entries. */
export const slot = uint;

export const messages = union({
  // Ballot Leader Election (Figure 4).

  /** HBRequest: opens `round` of the sender. */
  heartbeat: { round: uint },
  /** HBReply: the sender's ballot, and whether it heard from a majority in its own last round. */
  heartbeatReply: { round: uint, ballot, quorumConnected: bool },

  // Sequence Paxos (Figure 3). `ballot` is the round of the leader that sends the message or is answered.

  /** The leader's log: accepted in which round, how long, decided how far. */
  prepare: { ballot, acceptedRound: ballot, length: slot, decided: slot },
  /** No round below `ballot` from here on. The same of the follower's log, and the suffix that the leader may lack. */
  promise: { ballot, acceptedRound: ballot, length: slot, decided: slot, suffix: list(command) },
  /** From `from` on the follower's log shall be `suffix`: then it is the leader's. Slots < `decided` are decided. */
  acceptSync: { ballot, from: slot, suffix: list(command), decided: slot },
  accept: { ballot, slot, command },
  /** The sender's log is the leader's up to `length`, durably. */
  accepted: { ballot, length: slot },
  /** Slots < `upTo` are decided. */
  decide: { ballot, upTo: slot },
  /** PrepareReq: the sender may have missed something; if the receiver leads, let it prepare the sender (again). */
  prepareRequest: {},
  /** Slots < `upTo` are executed here, and are by this journal alone after any restart: nobody has to send them again. */
  executed: { upTo: slot },
  /** From one that keeps much for others, who may have it by now: what was told may be lost. The answer is `executed`. */
  askExecuted: {},
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

export const records = union({
  /** l of Figure 4. */
  elected: { ballot },
  /** promisedRnd of Figure 3. */
  promised: { ballot },
  /**
   * Entered round `ballot` with what its prepare phase left: the log is cut to `from` and goes on with `suffix`. One
   * record, so that no crash leaves a new acceptedRnd with a part of its log: a promise would report the high round, and
   * hide entries of the older one that may be chosen.
   */
  synchronized: { ballot, from: slot, suffix: list(command) },
  /** The log's next entry, in the round entered last. */
  appended: { command },
  /** Slots < `upTo` are decided. Now and then: it only spares a restarted replica from learning them again. */
  decided: { upTo: slot },
});
export type JournalRecord = Infer<typeof records>;
export type RecordOf<T extends JournalRecord["type"]> = Extract<JournalRecord, { type: T }>;

/** The end of a round of heartbeats. */
export type Timer = "round";

export type Output = Effects<Message, JournalRecord, Timer>;
