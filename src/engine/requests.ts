import { Writer, type Reader } from "../core/bytes.ts";
import { keyOf, type Command, type CommandId, type Key } from "../core/command.ts";
import { isReadOnly, type Operation, readOperation, writeOperation } from "../core/operation.ts";

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

/** One command of one or more requests: its keys are the union of theirs, its payload they themselves, in order. */
export const commandOf = (id: CommandId, requests: readonly Request[]): Command => {
  payloadWriter.reset();
  let readOnly = true;
  for (const request of requests) {
    writeRequest(payloadWriter, request);
    readOnly &&= isReadOnly(request.operation);
  }
  return { id, readOnly, keys: keysOf(requests), payload: payloadWriter.copy() };
};

const keysOf = (requests: readonly Request[]): readonly Key[] => {
  if (requests.length === 1) return [keyOf(requests[0]!.operation.key)];
  return [...new Set(requests.map(({ operation }) => keyOf(operation.key)))].sort((a, b) => a - b);
};
