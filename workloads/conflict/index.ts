/**
 * The interference workload of EPaxos (Moraru, Andersen, Kaminsky, SOSP'13 §7): with probability `conflict` a command
 * goes to one key that all clients share; otherwise to a key that only this client uses. All commands are writes.
 */
import { defineWorkload, share, uniqueValue, wholeNumber, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly valueBytes: number;
}

const create = (env: ClientEnv, { conflict, valueBytes }: Settings): OperationSource => {
  const privateKey = `client-${env.client}`;
  return {
    next(sequence) {
      const shared = env.random.unit() < conflict;
      const value = uniqueValue(env.client, sequence, valueBytes);
      return { operation: { type: "put", key: shared ? "hot" : privateKey, value }, shared };
    },
  };
};

export default defineWorkload<Settings>({
  name: "conflict",
  summary: "writes; a share of them to one key that all clients use, the rest to a key of the client's own",
  source: "Moraru, Andersen, Kaminsky: There Is More Consensus in Egalitarian Parliaments, SOSP 2013, §7",
  options: {
    conflict: share(0.02, "probability that a command goes to the shared key"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
