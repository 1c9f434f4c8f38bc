import { Writer, type Reader } from "../core/bytes.ts";
import { everyKey, keyOf, type Command, type CommandId, type Key } from "../core/command.ts";
import { isReadOnly, keysOf, readOperation, writeOperation, type Operation } from "../core/operation.ts";

/** What a client sends: (client, sequence) names it for ever; a retry repeats the name. */
export interface Request {
  readonly client: number;
  readonly sequence: number;
  readonly operation: Operation;
}

export const writeRequest = (writer: Writer, request: Request): void => {
  writer.uint(request.client);
  writer.uint(request.sequence);
  writeOperation(writer, request.operation);
};

export const readRequest = (reader: Reader): Request => ({
  client: reader.uint(),
  sequence: reader.uint(),
  operation: readOperation(reader),
});

const payloadWriter = new Writer();

/** Its length as it travels. */
export const requestBytes = (request: Request): number => {
  writeRequest(payloadWriter.reset(), request);
  return payloadWriter.length;
};

/**
 * One command of one or more requests: its keys are the union of theirs, its payload they themselves, in order. Writes
 * that share it with a scan conflict with everything.
 */
export const commandOf = (id: CommandId, requests: readonly Request[]): Command => {
  payloadWriter.reset();
  let readOnly = true;
  for (const request of requests) {
    writeRequest(payloadWriter, request);
    readOnly &&= isReadOnly(request.operation);
  }
  return { id, readOnly, keys: hashedKeysOf(requests), payload: payloadWriter.copy() };
};

const hashedKeysOf = (requests: readonly Request[]): readonly Key[] => {
  const { operation } = requests[0]!;
  if (requests.length === 1 && operation.type !== "scan" && operation.type !== "txn") return [keyOf(operation.key)];
  const hashed: Key[] = [];
  for (const request of requests) {
    const keys = keysOf(request.operation);
    if (keys === null) return [everyKey];
    for (const key of keys) hashed.push(keyOf(key));
  }
  return hashed.length < 2 ? hashed : rising(hashed);
};

/** Each once. An array of numbers alone is sorted without calls back. */
const rising = (keys: readonly Key[]): readonly Key[] => {
  const sorted = new Uint32Array(keys).sort();
  const each: Key[] = [];
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) each.push(sorted[i]!);
  return each;
};
