/**
 * The core workloads of YCSB (Cooper, Silberstein, Tam, Ramakrishnan, Sears: "Benchmarking Cloud Serving Systems with YCSB",
 * SoCC'10, Table 2, and its core properties files), after a load phase of their own. Each client is a YCSB process with one
 * thread: it knows what was loaded and what it has itself inserted, which `latest` draws from, so in a closed loop it asks for
 * no record that is not there. What differs: a record is one value of the length of all fields, and an update writes all of it (YCSB's
 * bindings of stores without fields do so too); a read-modify-write is one transaction; records are loaded a hundred in a
 * transaction; inserts do not shift the popularity of the records that were loaded.
 */
import {
  defineWorkload, mixBits, oneOf, uniqueValue, wholeNumber, writeOf, zipf, type ClientEnv, type Draw, type Operation, type OperationSource, type Preparation, type Ranks,
} from "paxbench";

interface Mix {
  readonly read: number;
  readonly update: number;
  readonly insert: number;
  readonly scan: number;
  readonly readModifyWrite: number;
  /** Which record: by a popularity that has nothing to do with age, the newest most, or any. */
  readonly request: "zipfian" | "latest" | "uniform";
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
  readonly request: "mix" | Mix["request"];
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

const prepare = ({ records, fields, fieldBytes }: Settings): Preparation => ({
  count: Math.ceil(records / loadedAtOnce),
  operation(index) {
    const first = index * loadedAtOnce;
    const keys = Array.from({ length: Math.min(loadedAtOnce, records - first) }, (_, i) => keyOf(first + i));
    return writeOf(keys, uniqueValue(index, 0, fields * fieldBytes));
  },
});

const create = (env: ClientEnv, settings: Settings): OperationSource => {
  const { client, clients, random } = env;
  const { records, fields, fieldBytes, maxScan } = settings;
  const mix: Mix = mixes[settings.mix];
  const request = settings.request === "mix" ? mix.request : settings.request;
  const popular = zipf(scatteredRanks, exponent);
  const length = fields * fieldBytes;
  let newest: Ranks = zipf(records, exponent);
  let inserted = 0;

  /** Of the loaded ones 0 … records-1; the client's own follow them. */
  const drawRecord = (): number => {
    switch (request) {
      case "zipfian":
        return scattered(popular(random), records);
      case "uniform":
        return random.below(records);
      case "latest":
        return records + inserted - 1 - newest(random);
    }
  };
  const keyed = (record: number): string => keyOf(record < records ? record : records + client + (record - records) * clients);

  const insert = (value: Uint8Array): Draw => {
    const key = keyed(records + inserted++);
    if (request === "latest") newest = zipf(records + inserted, exponent);
    return { operation: { type: "put", key, value }, shared: false };
  };

  const onRecord = (kind: number, value: Uint8Array): Draw => {
    const record = drawRecord();
    return { operation: operationOn(keyed(record), kind, value), shared: record < records };
  };

  const operationOn = (key: string, kind: number, value: Uint8Array): Operation => {
    if ((kind -= mix.read) < 0) return { type: "get", key };
    if ((kind -= mix.update) < 0) return { type: "put", key, value };
    if ((kind -= mix.scan) < 0) return { type: "scan", key, limit: 1 + random.below(maxScan) };
    return { type: "txn", operations: [{ type: "get", key }, { type: "put", key, value }] };
  };

  return {
    next(sequence) {
      const kind = random.unit();
      // Not the value of a loaded record.
      const value = uniqueValue(client, sequence + 1, length);
      return kind < mix.insert ? insert(value) : onRecord(kind - mix.insert, value);
    },
  };
};

export default defineWorkload<Settings>({
  name: "ycsb",
  summary: "the core workloads A to F of YCSB: reads, updates, inserts, scans, read-modify-writes",
  source: "Cooper et al.: Benchmarking Cloud Serving Systems with YCSB, SoCC 2010; github.com/brianfrankcooper/YCSB, workloads/",
  options: {
    mix: oneOf("a", Object.keys(mixes) as MixName[], "which of the core workloads"),
    request: oneOf("mix", ["mix", "zipfian", "latest", "uniform"], "which record an operation is on; mix: as the core workload has it"),
    records: wholeNumber(1000, 1, 100_000_000, "how many records are loaded first"),
    fields: wholeNumber(10, 1, 1000, "fields of a record"),
    fieldBytes: wholeNumber(100, 1, 65_536, "length of a field, bytes"),
    maxScan: wholeNumber(100, 1, 10_000, "longest scan, records; lengths are uniform"),
  },
  prepare,
  create,
});
