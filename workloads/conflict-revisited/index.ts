/**
 * Conflicts as the clients of EPaxos Revisited draw them (Tollman, Park, Ousterhout, NSDI'21; its src/client/client.go, with a
 * percentage of conflicts): with probability `conflict` an operation goes to one key that all clients share; otherwise to one
 * that nobody has used before. Most of the paper's figures draw keys by Zipf's law instead, and measure the rate of conflicts:
 * that is the workload zipf.
 */
import { defineWorkload, readOf, share, uniqueValue, wholeNumber, writeOf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly writes: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { conflict, writes, valueBytes }: Settings): OperationSource => ({
  next(sequence) {
    const shared = random.unit() < conflict;
    const key = [shared ? "hot" : `${client}-${sequence}`];
    if (random.unit() >= writes) return { operation: readOf(key), shared };
    return { operation: writeOf(key, uniqueValue(client, sequence, valueBytes)), shared };
  },
});

export default defineWorkload<Settings>({
  name: "conflict-revisited",
  summary: "the conflicts of EPaxos Revisited: one key that all clients share, or one never used before",
  source: "Tollman, Park, Ousterhout: EPaxos Revisited, NSDI 2021; github.com/PlatformLab/epaxos-revisited, src/client/client.go",
  options: {
    conflict: share(0.02, "probability that an operation goes to the shared key"),
    writes: share(1, "share of writes; the rest reads"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
