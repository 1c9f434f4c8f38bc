import { ballot, command, list, struct, uint, union, type Infer } from "paxbench";

/** Position in the log, from 0. */
export const slot = uint;

const acceptedSlot = struct({ slot, ballot, command });
export type AcceptedSlot = Infer<typeof acceptedSlot>;

export const messages = union({
  /** Phase 1a (§2.2), for all slots ≥ `from` at once (§3). */
  prepare: { ballot, from: slot },
  /** Phase 1b: no ballot below this one from here on; what was accepted in slots ≥ the prepare's `from`. */
  promise: { ballot, accepted: list(acceptedSlot) },
  /** Phase 2a. */
  accept: { ballot, slot, command },
  /** Phase 2b. */
  accepted: { ballot, slot },
  /** A prepare or accept came too late: `ballot` is promised. */
  preempted: { ballot },
  /** Slots < `upTo` are chosen; a replica that accepted one of them in `ballot` has what was chosen (§2.3). */
  decide: { ballot, upTo: slot },
  /** The same, at regular intervals: the leader lives. */
  heartbeat: { ballot, upTo: slot },
  /** A laggard asks for what was chosen in slots ≥ `from`. */
  learn: { from: slot },
  /** The commands chosen in slots `from`, `from`+1, … as the leader of `ballot` knows them. */
  learned: { ballot, from: slot, commands: list(command) },
  /** Slots < `upTo` are executed here, and are by this journal alone after any restart: nobody has to tell of them again. */
  executed: { upTo: slot },
  /** From one that keeps much for others, who may have it by now: what was told may be lost. The answer is `executed`. */
  askExecuted: {},
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

export const records = union({
  /** No ballot below this one from here on, neither as acceptor nor as proposer. */
  promised: { ballot },
  /** In a ballot that is promised. */
  accepted: { ballot, slot, command },
  /** Slots < `upTo` are chosen and as accepted here. Spares a restarted replica from learning them again. */
  decided: { upTo: slot },
});
export type JournalRecord = Infer<typeof records>;
