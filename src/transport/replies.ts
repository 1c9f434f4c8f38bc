/** A replica's answer to a request, as it travels to the client. */
import type { Reader, Writer } from "../core/bytes.ts";
import { readResult, writeResult, type OperationResult } from "../core/operation.ts";

export interface Reply {
  readonly client: number;
  readonly sequence: number;
  /** Null: rejected, and not taken by this replica. */
  readonly result: OperationResult | null;
}

export const writeReply = (writer: Writer, { client, sequence, result }: Reply): void => {
  writer.uint(client);
  writer.uint(sequence);
  writer.byte(result === null ? 0 : 1);
  if (result !== null) writeResult(writer, result);
};

export const readReply = (reader: Reader): Reply => ({
  client: reader.uint(),
  sequence: reader.uint(),
  result: reader.byte() === 0 ? null : readResult(reader),
});
