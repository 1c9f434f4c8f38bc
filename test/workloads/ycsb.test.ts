import { createRandom, type Draw, type Operation } from "paxbench";
import { describe, expect, it, test } from "vitest";
import ycsb, { mixes } from "../../workloads/ycsb/index.ts";

const seed = 1;
const records = 250;
const clients = 4;
const options = { records, fields: 10, fieldBytes: 100, maxScan: 100, request: "mix" } as const;

const drawsOf = (client: number, mix: keyof typeof mixes, count: number, given: Partial<Parameters<typeof ycsb.create>[1]> = {}): Draw[] => {
  const source = ycsb.create({ client, clients, site: 0, sites: 1, random: createRandom(seed, `client ${client}`) }, { ...options, mix, ...given });
  return Array.from({ length: count }, (_, sequence) => source.next(sequence));
};
const draws = (...of: Parameters<typeof drawsOf>): Operation[] => drawsOf(...of).map(({ operation }) => operation);

const preparation = ycsb.prepare!({ ...options, mix: "a" });
const loads = Array.from({ length: preparation.count }, (_, index) => preparation.operation(index));
const puts = loads.flatMap((load) => (load.type === "txn" ? load.operations : []));
const loaded = new Set(puts.map(({ key }) => key));

const kindOf = (operation: Operation): string => {
  if (operation.type !== "put") return operation.type;
  return loaded.has(operation.key) ? "update" : "insert";
};

/** Within five standard deviations of a binomial count. */
const expectShare = (seen: number, share: number, count: number): void =>
  expect(Math.abs(seen - share * count), `${seen} of ${count} for a share of ${share}, seed ${seed}`).toBeLessThanOrEqual(5 * Math.sqrt(share * (1 - share) * count));

test("every record is loaded once, a hundred at a time, with a value of all fields that is nobody else's", () => {
  expect(loads.map((load) => (load.type === "txn" ? load.operations.length : load.type))).toEqual([100, 100, 50]);
  expect(loaded.size).toBe(records);
  const values = puts.map((each) => ("value" in each ? String.fromCharCode(...each.value) : ""));
  expect(new Set(values.map(({ length }) => length))).toEqual(new Set([1000]));
  const written = [0, 1, 2].flatMap((client) => draws(client, "a", 200)).flatMap((each) => ("value" in each ? [String.fromCharCode(...each.value)] : []));
  expect(written.filter((value) => values.includes(value))).toEqual([]);
  expect(new Set(written).size).toBe(written.length);
});

describe("the mixes are those of SoCC'10, Table 2", () => {
  const count = 20_000;
  it.each([
    ["a", { get: 0.5, update: 0.5 }],
    ["b", { get: 0.95, update: 0.05 }],
    ["c", { get: 1 }],
    ["d", { get: 0.95, insert: 0.05 }],
    ["e", { scan: 0.95, insert: 0.05 }],
    ["f", { get: 0.5, txn: 0.5 }],
  ] as const)("%s", (mix, shares) => {
    const kinds = draws(1, mix, count).map(kindOf);
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(shares).sort());
    for (const [kind, share] of Object.entries(shares)) expectShare(kinds.filter((each) => each === kind).length, share, count);
  });
});

const countsOf = (operations: readonly Operation[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const operation of operations) if ("key" in operation) counts.set(operation.key, (counts.get(operation.key) ?? 0) + 1);
  return counts;
};

test("the most popular record gets what YCSB's scattered ranks give it: somewhat over 1 / 26.469", () => {
  const counts = countsOf(draws(0, "c", 40_000));
  const top = Math.max(...counts.values()) / 40_000;
  expect(top).toBeGreaterThan(1 / 26.469 - 0.005);
  expect(top).toBeLessThan(1 / 26.469 + 0.03);
  expect([...counts.keys()].every((key) => loaded.has(key))).toBe(true);
});

test("uniform requests: each record as often", () => {
  const counts = countsOf(draws(0, "c", 25_000, { request: "uniform" }));
  expect(counts.size).toBe(records);
  for (const count of counts.values()) expectShare(count, 1 / records, 25_000);
});

test("d reads the newest most, by the law of Zipf over what is there, and nothing that is not there", () => {
  const known = puts.map(({ key }) => key);
  const count = 20_000;
  const ages: number[] = [];
  const wrongly: Draw[] = [];
  /** What the law gives the newest two, summed over the reads. */
  const expected = [0, 0];
  let total = known.reduce((sum, _, rank) => sum + (rank + 1) ** -0.99, 0);
  for (const { operation, shared } of drawsOf(2, "d", count)) {
    if (operation.type === "put") {
      known.push(operation.key);
      total += known.length ** -0.99;
    } else if (operation.type === "get") {
      const age = known.length - 1 - known.lastIndexOf(operation.key);
      if (age === known.length || shared !== loaded.has(operation.key)) wrongly.push({ operation, shared });
      ages.push(age);
      expected[0]! += 1 / total;
      expected[1]! += 2 ** -0.99 / total;
    }
  }
  expect(wrongly, "asked for what is not there, or told whose it is").toEqual([]);
  expect(known.length).toBeGreaterThan(records + 500);
  for (const age of [0, 1]) expectShare(ages.filter((each) => each === age).length, expected[age]! / ages.length, ages.length);
});

test("e scans 1 to 100 records, all lengths alike", () => {
  const lengths = draws(0, "e", 20_000).flatMap((operation) => (operation.type === "scan" ? [operation.limit] : []));
  for (let length = 1; length <= 100; length++) expectShare(lengths.filter((each) => each === length).length, 0.01, lengths.length);
  expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([1, 100]);
});

test("no two clients insert the same record", () => {
  const inserted = [0, 1, 2, 3].flatMap((client) => draws(client, "d", 2000).flatMap((each) => (each.type === "put" ? [each.key] : [])));
  expect(new Set(inserted).size).toBe(inserted.length);
});
