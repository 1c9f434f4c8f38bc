import { Writer, type Reader } from "../core/bytes.ts";
import { readOperation, writeOperation, type Operation } from "../core/operation.ts";

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
