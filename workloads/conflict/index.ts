/**
 * The interference workload of EPaxos (Moraru, Andersen, Kaminsky, SOSP'13 §7): with probability `conflict` a command
 * goes to one key that all clients share; otherwise to a key that only this client uses. All commands are writes. In an open
 * loop a client has such a key for each request it has open: else its own commands would interfere, at any rate of conflict.
 *
 * Others define it in other words, and so can the options: fantoch (Enes et al., EuroSys'20) draws from a pool of hot keys
 * (`pool`); Paxi (Ailijiang et al., SIGMOD'19) takes a key never used before where this takes the client's own (`fresh`),
 * and reads as well (`reads`). EPaxos Revisited (NSDI'21) draws all keys by Zipf's law: the workload zipf.
 */
import { defineWorkload, flag, share, uniqueValue, wholeNumber, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly pool: number;
  readonly fresh: boolean;
  readonly reads: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { conflict, pool, fresh, reads, valueBytes }: Settings): OperationSource => {
  const privateKey = `client-${client}`;
  const hotKey = (): string => (pool === 1 ? "hot" : `hot-${random.below(pool)}`);
  return {
    next(sequence, slot = 0) {
      const shared = random.unit() < conflict;
      const key = shared ? hotKey() : fresh ? `${privateKey}-${sequence}` : slot === 0 ? privateKey : `${privateKey}/${slot}`;
      if (reads > 0 && random.unit() < reads) return { operation: { type: "get", key }, shared };
      return { operation: { type: "put", key, value: uniqueValue(client, sequence, valueBytes) }, shared };
    },
  };
};

export default defineWorkload<Settings>({
  name: "conflict",
  summary: "writes, or reads as well; a share of them to one key that all clients use, the rest to a key of the client's own",
  source: "Moraru, Andersen, Kaminsky: There Is More Consensus in Egalitarian Parliaments, SOSP 2013, §7",
  options: {
    conflict: share(0.02, "probability that a command goes to the shared key"),
    pool: wholeNumber(1, 1, 1_000_000, "how many shared keys, equally likely"),
    fresh: flag(false, "the other commands go each to a key never used before, not to the client's own"),
    reads: share(0, "share of reads; the rest writes"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
