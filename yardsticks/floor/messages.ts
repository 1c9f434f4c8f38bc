import { command, uint, union, type CommandId, type Infer } from "paxbench";

export const messages = union({
  /** Keep and execute this. */
  replicate: { command },
  /** It is kept, durably. */
  replicated: { id: uint },
});
export type Message = Infer<typeof messages>;
export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

export const records = union({
  kept: { command },
});
export type JournalRecord = Infer<typeof records>;

/** As it comes over the wire. */
export const idOf = ({ id }: MessageOf<"replicated">): CommandId => id as CommandId;
