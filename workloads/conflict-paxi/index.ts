/**
 * Conflicts as Paxi's benchmark draws them (Ailijiang, Charapko, Demirbas: "Dissecting the Performance of Strongly-Consistent
 * Replication Protocols", SIGMOD'19; ailidani/paxi, benchmark.go, distribution "conflict"): with probability `conflict` an
 * operation goes to key 0, which all share; otherwise to the next of the client's `keys` own ones, in turn. Each client is a
 * benchmark process of its own, with its own range of keys.
 */
import { defineWorkload, readOf, share, uniqueValue, wholeNumber, writeOf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly keys: number;
  readonly writes: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { conflict, keys, writes, valueBytes }: Settings): OperationSource => {
  let turn = 0;
  return {
    next(sequence) {
      const shared = random.unit() < conflict;
      if (!shared) turn = (turn + 1) % keys;
      const key = [shared ? "0" : `${client}-${turn}`];
      if (random.unit() >= writes) return { operation: readOf(key), shared };
      return { operation: writeOf(key, uniqueValue(client, sequence, valueBytes)), shared };
    },
  };
};

export default defineWorkload<Settings>({
  name: "conflict-paxi",
  summary: "Paxi's conflicts: reads and writes of one key that all clients share, or of the client's own keys in turn",
  source: "Ailijiang, Charapko, Demirbas: Dissecting the Performance of Strongly-Consistent Replication Protocols, SIGMOD 2019; github.com/ailidani/paxi, benchmark.go",
  options: {
    conflict: share(0.02, "probability that an operation goes to the shared key"),
    keys: wholeNumber(1000, 1, 1_000_000_000, "the client's own keys (K)"),
    writes: share(0.5, "share of writes (W); the rest reads"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
