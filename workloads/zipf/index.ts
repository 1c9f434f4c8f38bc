/**
 * Keys after Zipf's law over a large key space, all of them shared: the load of EPaxos Revisited (Tollman, Park, Ousterhout,
 * NSDI'21 §6: a million keys; exponent and share of writes (0.7, 0.3), (0.8, 0.5), (0.9, 0.5), (0.99, 1)). A command on
 * several keys draws them one by one; for one that it has already it takes the next in rank.
 */
import { defineWorkload, number, readOf, share, uniqueValue, wholeNumber, writeOf, zipf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly keys: number;
  readonly exponent: number;
  readonly keysPerCommand: number;
  readonly writes: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { keys, exponent, keysPerCommand, writes, valueBytes }: Settings): OperationSource => {
  const drawRank = zipf(keys, exponent);
  const distinct = Math.min(keysPerCommand, keys);

  const drawKeys = (): string[] => {
    if (distinct === 1) return [`z${drawRank(random)}`];
    const ranks = new Set<number>();
    while (ranks.size < distinct) {
      let rank = drawRank(random);
      while (ranks.has(rank)) rank = (rank + 1) % keys;
      ranks.add(rank);
    }
    return [...ranks].map((rank) => `z${rank}`);
  };

  return {
    next(sequence) {
      const drawn = drawKeys();
      if (random.unit() >= writes) return { operation: readOf(drawn), shared: true };
      return { operation: writeOf(drawn, uniqueValue(client, sequence, valueBytes)), shared: true };
    },
  };
};

export default defineWorkload<Settings>({
  name: "zipf",
  summary: "reads and writes; keys after Zipf's law, shared by all clients",
  source: "Tollman, Park, Ousterhout: EPaxos Revisited, NSDI 2021, §6",
  options: {
    keys: wholeNumber(1_000_000, 1, 1_000_000_000_000_000, "how many keys"),
    exponent: number(0.99, 0, 100, "of Zipf's law: the higher, the more goes to few keys; 0: to all alike"),
    keysPerCommand: wholeNumber(1, 1, 1000, "distinct keys of a command"),
    writes: share(0.5, "share of writes; the rest reads"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
