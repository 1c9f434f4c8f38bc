/**
 * Conflicts as fantoch draws them (Enes, Baquero, Rezende, Gotsman, Perrin, Sutra: "State-Machine Replication for
 * Planet-Scale Systems", EuroSys'20; fantoch/src/client, key generator ConflictPool): with probability `conflict` a key is one of
 * a pool that all clients share, each as likely; otherwise the client's own. The keys of a command are drawn one by one and
 * are distinct: one that is drawn again is drawn anew. Where that would never end, and fantoch refuses or hangs, it is a
 * further key of the client's own. In an open loop a client has a key of its own for each request it has open.
 */
import { defineWorkload, readOf, share, uniqueValue, wholeNumber, writeOf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly conflict: number;
  readonly pool: number;
  readonly keysPerCommand: number;
  readonly reads: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, settings: Settings): OperationSource => {
  const { conflict, pool, keysPerCommand, reads, valueBytes } = settings;

  const another = (own: string, taken: ReadonlySet<string>): string => {
    const takenOfPool = taken.size - (taken.has(own) ? 1 : 0);
    const mayEnd = (conflict > 0 && takenOfPool < pool) || (conflict < 1 && !taken.has(own));
    if (!mayEnd) return `${own}.${taken.size}`;
    for (;;) {
      const key = random.unit() < conflict ? `hot-${random.below(pool)}` : own;
      if (!taken.has(key)) return key;
    }
  };

  return {
    next(sequence, slot = 0) {
      const own = slot === 0 ? `client-${client}` : `client-${client}/${slot}`;
      const keys = new Set<string>();
      while (keys.size < keysPerCommand) keys.add(another(own, keys));
      const list = [...keys];
      const shared = list.some((key) => key.startsWith("hot-"));
      if (reads > 0 && random.unit() < reads) return { operation: readOf(list), shared };
      return { operation: writeOf(list, uniqueValue(client, sequence, valueBytes)), shared };
    },
  };
};

export default defineWorkload<Settings>({
  name: "conflict-fantoch",
  summary: "fantoch's conflicts: a key is one of a pool that all clients share, or the client's own",
  source: "Enes et al.: State-Machine Replication for Planet-Scale Systems, EuroSys 2020; github.com/vitorenesduarte/fantoch, fantoch/src/client",
  options: {
    conflict: share(0.02, "probability that a key is of the pool"),
    pool: wholeNumber(1, 1, 1_000_000, "shared keys, equally likely"),
    keysPerCommand: wholeNumber(1, 1, 2, "distinct keys of a command, each drawn like this"),
    reads: share(0, "share of commands that only read"),
    valueBytes: wholeNumber(100, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
