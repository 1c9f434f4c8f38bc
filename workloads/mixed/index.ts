/**
 * Every operation of the store on a few keys that all clients share: little load, much to judge. A compare-and-swap
 * expects what its client last wrote there, so that some of them succeed.
 */
import { defineWorkload, share, uniqueValue, wholeNumber, type ClientEnv, type Operation, type OperationSource } from "paxbench";

interface Settings {
  readonly keys: number;
  readonly reads: number;
}

const create = (env: ClientEnv, { keys, reads }: Settings): OperationSource => {
  const { random, client } = env;
  const lastWritten = new Map<string, Uint8Array>();

  const write = (key: string, value: Uint8Array): Operation => {
    switch (random.below(8)) {
      case 0: return { type: "delete", key };
      case 1: return { type: "swap", key, value };
      case 2: return { type: "append", key, value };
      case 3: return { type: "cas", key, expected: null, value };
      case 4: return { type: "cas", key, expected: lastWritten.get(key) ?? null, value };
      default: return { type: "put", key, value };
    }
  };

  return {
    next(sequence) {
      const key = `k${random.below(keys)}`;
      if (random.unit() < reads) return { operation: { type: "get", key }, shared: true };
      const operation = write(key, uniqueValue(client, sequence, 1));
      if (operation.type === "put" || operation.type === "swap") lastWritten.set(key, operation.value);
      return { operation, shared: true };
    },
  };
};

export default defineWorkload<Settings>({
  name: "mixed",
  summary: "reads, writes, swaps, appends, deletes and compare-and-swaps on a few shared keys",
  source: "paxbench: made for judging, not for measuring",
  options: {
    keys: wholeNumber(3, 1, 1_000_000, "how many keys"),
    reads: share(0.4, "share of reads; the rest writes in some way"),
  },
  create,
});
