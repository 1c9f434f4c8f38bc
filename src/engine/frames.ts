import type { Reader } from "../core/bytes.ts";
import { command as commandCodec } from "../core/codec.ts";
import type { Command } from "../core/command.ts";
import type { Protocol, Tagged } from "../core/protocol.ts";

/**
 * A frame between replicas is a message of the protocol, whose first byte is its tag, or one of the engine's own, whose
 * tags the union codec leaves free.
 */
export const forwardTag = 255;
export const rejectTag = 254;

/** A command that changes hands: to be proposed there, or back, never to be proposed. */
export interface Handover {
  readonly type: "forward" | "reject";
  readonly command: Command;
}

/** Throws a `DecodeError`. */
export const readHandover = (reader: Reader): Handover => {
  const type = reader.byte() === forwardTag ? "forward" : "reject";
  const command = commandCodec.read(reader);
  reader.expectDone();
  return { type, command };
};

export const isHandover = (tag: number | undefined): boolean => tag === forwardTag || tag === rejectTag;

/** Any frame, for traces and diagrams. */
export const readFrame = (protocol: Protocol, reader: Reader): Tagged | Handover => {
  if (isHandover(reader.bytes[reader.position])) return readHandover(reader);
  const message = protocol.messages.read(reader);
  reader.expectDone();
  return message;
};
