/**
 * Replays a recorded trace, `--set file=…`: a history of paxbench or of Jepsen, or a plain list of operations (recording.ts).
 * Order is kept, times are not: a client asks for its operations one after the other. Processes are dealt to the clients in
 * turn; where there are fewer processes than clients, or the trace names none, operations are. At its end a client begins
 * again.
 */
import { defineWorkload, file, uniqueValue, wholeNumber, type ClientEnv, type Operation, type OperationSource } from "paxbench";
import { readRecording, type RecordedOperation, type Recording } from "./recording.ts";

interface Settings {
  readonly file: Recording;
  readonly valueBytes: number;
}

const create = ({ client, clients }: ClientEnv, { file: recording, valueBytes }: Settings): OperationSource => {
  const own = shareOf(recording, client, clients);
  let turn = -1;
  return {
    next(sequence) {
      turn = (turn + 1) % own.length;
      const { operation, unsaid, shared } = own[turn]!;
      return { operation: unsaid ? ({ ...operation, value: uniqueValue(client, sequence, valueBytes) } as Operation) : operation, shared };
    },
  };
};

const shareOf = ({ operations, processes }: Recording, client: number, clients: number): readonly RecordedOperation[] => {
  if (processes.length >= clients) {
    const owner = new Map(processes.map((process, place) => [process, place % clients]));
    return operations.filter(({ process }, place) => (process === null ? place % clients : owner.get(process)) === client);
  }
  const own = operations.filter((_, place) => place % clients === client);
  // Fewer operations than clients.
  return own.length > 0 ? own : [operations[client % operations.length]!];
};

export default defineWorkload<Settings>({
  name: "trace",
  summary: "replays a recorded trace: a history, or a plain list of operations, JSON Lines",
  source: "the file; its form is that of docs/histories.md, after Jepsen's operation maps",
  options: {
    file: file("the trace", readRecording),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of values that were not recorded, bytes"),
  },
  create,
});
