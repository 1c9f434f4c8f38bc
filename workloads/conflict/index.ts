/**
 * The interference workload of EPaxos (Moraru, Andersen, Kaminsky, SOSP'13 §7): with probability `conflict` a command
 * goes to one key that all clients share; otherwise to a key that only this client uses. All commands are writes. A command
 * on several keys takes the others from the client's own. In an open loop a client has keys of its own for each request it
 * has open: else its own commands would interfere, at any rate of conflict.
 *
 * Others mean something else by a rate of conflicts: conflict-fantoch, conflict-paxi, conflict-revisited.
 */
import { defineWorkload, readOf, share, uniqueValue, wholeNumber, writeOf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly keysPerCommand: number;
  readonly reads: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { conflict, keysPerCommand, reads, valueBytes }: Settings): OperationSource => {
  const ownOf = (slot: number): string[] =>
    Array.from({ length: keysPerCommand }, (_, i) => `client-${client}${slot === 0 ? "" : `/${slot}`}${i === 0 ? "" : `.${i}`}`);
  const made: string[][] = [];
  const ownKeys = (slot: number): readonly string[] => (made[slot] ??= ownOf(slot));
  return {
    next(sequence, slot = 0) {
      const shared = random.unit() < conflict;
      const own = ownKeys(slot);
      const keys = shared ? ["hot", ...own.slice(1)] : own;
      if (reads > 0 && random.unit() < reads) return { operation: readOf(keys), shared };
      return { operation: writeOf(keys, uniqueValue(client, sequence, valueBytes)), shared };
    },
  };
};

export default defineWorkload<Settings>({
  name: "conflict",
  summary: "writes, or reads as well; a share of them to one key that all clients use, the rest to a key of the client's own",
  source: "Moraru, Andersen, Kaminsky: There Is More Consensus in Egalitarian Parliaments, SOSP 2013, §7",
  options: {
    conflict: share(0.02, "probability that a command goes to the shared key"),
    keysPerCommand: wholeNumber(1, 1, 1000, "keys of a command, all but the first the client's own"),
    reads: share(0, "share of reads; the rest writes"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
