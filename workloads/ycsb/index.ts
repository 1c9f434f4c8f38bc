/**
 * The core workloads of YCSB (Cooper, Silberstein, Tam, Ramakrishnan, Sears: "Benchmarking Cloud Serving Systems with YCSB",
 * SoCC'10, Table 2, and its core properties files). What differs: a record is one value of the length of all fields, and an
 * update writes all of it; a read-modify-write is one transaction; each client loads its share of the records first, a
 * hundred in a transaction, which a warm-up should cover; `latest` counts what the other clients inserted as what this
 * one did.
 */
import {
  defineWorkload, mixBits, oneOf, uniqueValue, wholeNumber, zipf, type ClientEnv, type Draw, type KeyOperation, type OperationSource,
} from "paxbench";

interface Mix {
  readonly read: number;
  readonly update: number;
  readonly insert: number;
  readonly scan: number;
  readonly readModifyWrite: number;
  /** Which record: by popularity that has nothing to do with age, or the newest most. */
  readonly request: "zipfian" | "latest";
}

const none = { read: 0, update: 0, insert: 0, scan: 0, readModifyWrite: 0, request: "zipfian" } as const;

export const mixes = {
  a: { ...none, read: 0.5, update: 0.5 },
  b: { ...none, read: 0.95, update: 0.05 },
  c: { ...none, read: 1 },
  d: { ...none, read: 0.95, insert: 0.05, request: "latest" },
  e: { ...none, scan: 0.95, insert: 0.05 },
  f: { ...none, read: 0.5, readModifyWrite: 0.5 },
} satisfies Readonly<Record<string, Mix>>;

type MixName = keyof typeof mixes;

interface Settings {
  readonly mix: MixName;
  readonly records: number;
  readonly fields: number;
  readonly fieldBytes: number;
  readonly maxScan: number;
}

/** YCSB's constants: its exponent, and the ranks from which it scatters, whatever the number of records. */
const exponent = 0.99;
const scatteredRanks = 10_000_000_000;
/** Records in a transaction while they are loaded. */
const loadedAtOnce = 100;

/** Scattered, as YCSB's are by default: neighbours in rank are none in the key space. Ten digits keep their order. */
const keyOf = (record: number): string => `user${String(mixBits(record)).padStart(10, "0")}.${record}`;

const scattered = (rank: number, records: number): number =>
  Math.floor((mixBits(mixBits(rank >>> 0) ^ Math.floor(rank / 2 ** 32)) / 2 ** 32) * records);

const create = (env: ClientEnv, settings: Settings): OperationSource => {
  const { client, clients, random } = env;
  const { records, fields, fieldBytes, maxScan } = settings;
  const mix: Mix = mixes[settings.mix];
  const popular = zipf(scatteredRanks, exponent);
  const newest = zipf(records, exponent);
  const length = fields * fieldBytes;
  let loaded = client;
  let inserted = 0;

  const record = (): string => {
    if (mix.request === "zipfian") return keyOf(scattered(popular(random), records));
    return keyOf(Math.max(0, records + inserted * clients - 1 - newest(random)));
  };

  /** Of the first records, every clients-th is this client's to load. */
  const load = (sequence: number): Draw => {
    const operations: KeyOperation[] = [];
    for (; loaded < records && operations.length < loadedAtOnce; loaded += clients) {
      operations.push({ type: "put", key: keyOf(loaded), value: uniqueValue(client, sequence, length) });
    }
    return { operation: { type: "txn", operations }, shared: true };
  };

  const draw = (sequence: number): Draw["operation"] => {
    const value = (): Uint8Array => uniqueValue(client, sequence, length);
    let kind = random.unit();
    if ((kind -= mix.read) < 0) return { type: "get", key: record() };
    if ((kind -= mix.update) < 0) return { type: "put", key: record(), value: value() };
    if ((kind -= mix.scan) < 0) return { type: "scan", key: record(), limit: 1 + random.below(maxScan) };
    if ((kind -= mix.insert) < 0) return { type: "put", key: keyOf(records + client + inserted++ * clients), value: value() };
    const key = record();
    return { type: "txn", operations: [{ type: "get", key }, { type: "put", key, value: value() }] };
  };

  return { next: (sequence) => (loaded < records ? load(sequence) : { operation: draw(sequence), shared: true }) };
};

export default defineWorkload<Settings>({
  name: "ycsb",
  summary: "the core workloads A to F of YCSB: reads, updates, inserts, scans, read-modify-writes",
  source: "Cooper et al.: Benchmarking Cloud Serving Systems with YCSB, SoCC 2010; github.com/brianfrankcooper/YCSB, workloads/",
  options: {
    mix: oneOf("a", Object.keys(mixes) as MixName[], "which of the core workloads"),
    records: wholeNumber(1000, 1, 100_000_000, "how many records are loaded first"),
    fields: wholeNumber(10, 1, 1000, "fields of a record"),
    fieldBytes: wholeNumber(100, 1, 65_536, "length of a field, bytes"),
    maxScan: wholeNumber(100, 1, 10_000, "longest scan, records; lengths are uniform"),
  },
  create,
});
