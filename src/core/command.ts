import { hashText } from "./random.ts";
import type { ReplicaId } from "./ids.ts";

declare const commandId: unique symbol;
/** Names one command for ever: `counter × 32 + origin`, the origin being the replica that took the requests in. */
export type CommandId = number & { readonly [commandId]: true };

export const commandIdOf = (counter: number, origin: ReplicaId): CommandId => (counter * 32 + origin) as CommandId;
export const originOf = (id: CommandId): ReplicaId => id % 32;
export const counterOf = (id: CommandId): number => Math.floor(id / 32);

/** As people read it: `origin.counter`. */
export const commandName = (id: CommandId): string => (id === noop.id ? "no-op" : `${originOf(id)}.${counterOf(id)}`);

/** A hashed string key, 31 bits. Two strings with one hash cost a false conflict, never safety. */
export type Key = number;

/** Stands alone, for all keys there are or might be: that of a scan. No string has this hash. */
export const everyKey: Key = 2 ** 31;

export const keyOf = (text: string): Key => hashText(text) >>> 1;

/**
 * What a protocol orders: one or more client requests, opaque but for the keys they touch. Immutable.
 * A client's retry makes a new command; the engine makes the request in it take effect once.
 */
export interface Command {
  readonly id: CommandId;
  /** True when no request in it writes. */
  readonly readOnly: boolean;
  /** Rising, without repeats; or `everyKey` alone. */
  readonly keys: readonly Key[];
  readonly payload: Uint8Array;
}

/** Bytes of memory that a command takes while it is kept, about: its payload, and the objects around it. */
export const weightOf = ({ payload }: Command): number => payload.length + 300;

/** Fills a slot or an instance that nobody will use. Conflicts with nothing; executing it does nothing. */
export const noop: Command = { id: commandIdOf(0, 0), readOnly: true, keys: [], payload: new Uint8Array(0) };

export const touchesEveryKey = ({ keys }: Command): boolean => keys[0] === everyKey;

/** Two commands conflict when they share a key and not both only read: their order shows. */
export const conflicts = (a: Command, b: Command): boolean => {
  if (a.readOnly && b.readOnly) return false;
  if (touchesEveryKey(a)) return b.keys.length > 0;
  if (touchesEveryKey(b)) return a.keys.length > 0;
  return a.keys.some((key) => b.keys.includes(key));
};
