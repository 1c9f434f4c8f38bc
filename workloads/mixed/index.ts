/**
 * Every operation of the store on a few keys that all clients share: little load, much to judge. A compare-and-swap
 * expects what its client last wrote there, so that some of them succeed.
 */
import {
  defineWorkload, share, uniqueValue, wholeNumber, type ClientEnv, type KeyOperation, type Operation, type OperationSource,
} from "paxbench";

interface Settings {
  readonly keys: number;
  readonly reads: number;
  readonly scans: number;
  readonly txns: number;
}

/** Operations of a transaction; the values that it writes end in a letter each. */
const most = 3;
const letterA = 97;

const create = (env: ClientEnv, { keys, reads, scans, txns }: Settings): OperationSource => {
  const { random, client } = env;
  const lastWritten = new Map<string, Uint8Array>();

  const drawKey = (): string => `k${random.below(keys)}`;

  const write = (key: string, value: Uint8Array): KeyOperation => {
    switch (random.below(8)) {
      case 0: return { type: "delete", key };
      case 1: return { type: "swap", key, value };
      case 2: return { type: "append", key, value };
      case 3: return { type: "cas", key, expected: null, value };
      case 4: return { type: "cas", key, expected: lastWritten.get(key) ?? null, value };
      default: return { type: "put", key, value };
    }
  };

  const onKey = (value: Uint8Array): KeyOperation => {
    const key = drawKey();
    if (random.unit() < reads) return { type: "get", key };
    const operation = write(key, value);
    if (operation.type === "put" || operation.type === "swap") lastWritten.set(key, operation.value);
    return operation;
  };

  const draw = (sequence: number): Operation => {
    const kind = scans + txns === 0 ? 1 : random.unit();
    const value = uniqueValue(client, sequence, 1);
    if (kind < scans) return { type: "scan", key: drawKey(), limit: 1 + random.below(keys) };
    if (kind >= scans + txns) return onKey(value);
    const count = 2 + random.below(most - 1);
    return { type: "txn", operations: Array.from({ length: count }, (_, place) => onKey(Uint8Array.of(...value, letterA + place))) };
  };

  return { next: (sequence) => ({ operation: draw(sequence), shared: true }) };
};

export default defineWorkload<Settings>({
  name: "mixed",
  summary: "reads, writes, swaps, appends, deletes, compare-and-swaps on a few shared keys, scans and transactions",
  source: "paxbench: made for judging, not for measuring",
  options: {
    keys: wholeNumber(3, 1, 1_000_000, "how many keys"),
    reads: share(0.4, "share of reads among operations on one key; the rest writes in some way"),
    scans: share(0.05, "share of scans"),
    txns: share(0.1, "share of transactions, of two or three operations on one key"),
  },
  create,
});
