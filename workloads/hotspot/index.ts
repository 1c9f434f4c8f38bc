/**
 * A hot spot that moves: most operations go to a few neighbouring keys, and which ones shifts as the run goes on. With
 * locality every site has a hot spot of its own, in its part of the keys, and leaves it for another site's at times: the
 * loads that Paxi (Ailijiang, Charapko, Demirbas: "Dissecting the Performance of Strongly-Consistent Replication Protocols",
 * SIGMOD'19 §4) draws by normal distributions with a moving mean.
 */
import { defineWorkload, readOf, share, uniqueValue, wholeNumber, writeOf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly keys: number;
  readonly hot: number;
  readonly hotShare: number;
  readonly every: number;
  readonly locality: number;
  readonly writes: number;
  readonly valueBytes: number;
}

const create = (env: ClientEnv, settings: Settings): OperationSource => {
  const { client, site, sites, random } = env;
  const { keys, hot, hotShare, every, locality, writes, valueBytes } = settings;
  const part = Math.max(1, Math.floor(keys / sites));
  return {
    next(sequence) {
      const place = random.unit() < locality ? site : random.below(sites);
      // All clients of a run are about equally far in their sequence: so it is one spot that moves, without a clock.
      const centre = Math.floor(sequence / every) * hot;
      const within = random.unit() < hotShare ? (centre + random.below(hot)) % part : random.below(part);
      const key = [`h${place * part + within}`];
      if (random.unit() >= writes) return { operation: readOf(key), shared: true };
      return { operation: writeOf(key, uniqueValue(client, sequence, valueBytes)), shared: true };
    },
  };
};

export default defineWorkload<Settings>({
  name: "hotspot",
  summary: "reads and writes; a hot spot of a few keys at each site, which moves on",
  source: "after Ailijiang, Charapko, Demirbas: Dissecting the Performance of Strongly-Consistent Replication Protocols, SIGMOD 2019, §4",
  options: {
    keys: wholeNumber(1000, 1, 1_000_000_000, "how many keys, in equal parts by site"),
    hot: wholeNumber(10, 1, 1_000_000, "keys in a hot spot"),
    hotShare: share(0.9, "share of operations on it; the rest anywhere in the same part"),
    every: wholeNumber(100, 1, 1_000_000_000, "operations of a client until it moves on"),
    locality: share(1, "probability that a client's part is that of its site; else it is any site's"),
    writes: share(0.5, "share of writes; the rest reads"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
