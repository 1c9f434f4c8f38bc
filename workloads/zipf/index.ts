/**
 * Keys after Zipf's law over a large key space, all of them shared: the load of EPaxos Revisited (Tollman, Park, Ousterhout,
 * NSDI'21 §6: a million keys; exponent and share of writes (0.7, 0.3), (0.8, 0.5), (0.9, 0.5), (0.99, 1)).
 */
import { defineWorkload, number, share, uniqueValue, wholeNumber, zipf, type ClientEnv, type OperationSource } from "paxbench";

interface Settings {
  readonly keys: number;
  readonly exponent: number;
  readonly writes: number;
  readonly valueBytes: number;
}

const create = ({ client, random }: ClientEnv, { keys, exponent, writes, valueBytes }: Settings): OperationSource => {
  const rank = zipf(keys, exponent);
  return {
    next(sequence) {
      const key = `z${rank(random)}`;
      if (random.unit() >= writes) return { operation: { type: "get", key }, shared: true };
      return { operation: { type: "put", key, value: uniqueValue(client, sequence, valueBytes) }, shared: true };
    },
  };
};

export default defineWorkload<Settings>({
  name: "zipf",
  summary: "reads and writes; keys after Zipf's law, shared by all clients",
  source: "Tollman, Park, Ousterhout: EPaxos Revisited, NSDI 2021, §6",
  options: {
    keys: wholeNumber(1_000_000, 1, 1_000_000_000, "how many keys"),
    exponent: number(0.99, 0.01, 10, "of Zipf's law: the higher, the more goes to few keys"),
    writes: share(0.5, "share of writes; the rest reads"),
    valueBytes: wholeNumber(16, 1, 1_048_576, "length of each written value, bytes"),
  },
  create,
});
