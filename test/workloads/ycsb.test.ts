import { createRandom, type Operation } from "paxbench";
import { describe, expect, it, test } from "vitest";
import ycsb, { mixes } from "../../workloads/ycsb/index.ts";

const records = 250;
const clients = 4;
const options = { records, fields: 10, fieldBytes: 100, maxScan: 100 };

const draws = (client: number, mix: keyof typeof mixes, count: number): Operation[] => {
  const source = ycsb.create({ client, clients, site: 0, sites: 1, random: createRandom(1, `client ${client}`) }, { ...options, mix });
  return Array.from({ length: count }, (_, sequence) => source.next(sequence).operation);
};

const loadOf = (client: number): Operation[] => draws(client, "a", 1);
const loadedKeys = (): Set<string> => {
  const keys = Array.from({ length: clients }, (_, client) => loadOf(client)).flat();
  return new Set(keys.flatMap((operation) => (operation.type === "txn" ? operation.operations.map(({ key }) => key) : [])));
};

const kindOf = (operation: Operation): string => {
  if (operation.type !== "put") return operation.type;
  return loaded.has(operation.key) ? "update" : "insert";
};
const loaded = loadedKeys();

test("the clients together load every record once, with values of all fields", () => {
  expect(loaded.size).toBe(records);
  for (let client = 0; client < clients; client++) {
    const [first] = loadOf(client);
    const lengths = first!.type === "txn" ? first!.operations.map((each) => ("value" in each ? each.value.length : 0)) : [];
    expect(new Set(lengths)).toEqual(new Set([1000]));
  }
});

test("records beyond a transaction's hundred are loaded by several", () => {
  const source = ycsb.create({ client: 0, clients: 1, site: 0, sites: 1, random: createRandom(1, "x") }, { ...options, mix: "c" });
  const sizes = [0, 1, 2, 3].map((sequence) => source.next(sequence).operation).map((each) => (each.type === "txn" ? each.operations.length : each.type));
  expect(sizes).toEqual([100, 100, 50, "get"]);
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
    const kinds = draws(1, mix, count + 1).slice(1).map(kindOf);
    expect([...new Set(kinds)].sort()).toEqual(Object.keys(shares).sort());
    for (const [kind, share] of Object.entries(shares)) {
      const seen = kinds.filter((each) => each === kind).length;
      expect(Math.abs(seen - share * count), `share of ${kind}`).toBeLessThanOrEqual(5 * Math.sqrt(share * (1 - share) * count));
    }
  });
});

test("the most popular record gets what YCSB's scattered ranks give it: somewhat over 1 / 26.469", () => {
  const reads = draws(0, "c", 40_001).slice(1);
  const counts = new Map<string, number>();
  for (const operation of reads) if (operation.type === "get") counts.set(operation.key, (counts.get(operation.key) ?? 0) + 1);
  const top = Math.max(...counts.values()) / 40_000;
  expect(top).toBeGreaterThan(1 / 26.469 - 0.005);
  expect(top).toBeLessThan(1 / 26.469 + 0.03);
  expect([...counts.keys()].every((key) => loaded.has(key))).toBe(true);
});

test("d reads the newest most, its own inserts among them", () => {
  const all = draws(0, "d", 20_001).slice(1);
  const written = new Set<string>();
  let fresh = 0;
  let reads = 0;
  for (const operation of all) {
    if (operation.type === "put") written.add(operation.key);
    else if (operation.type === "get") {
      reads++;
      if (!loaded.has(operation.key)) fresh++;
    }
  }
  expect(written.size).toBeGreaterThan(500);
  expect(fresh / reads).toBeGreaterThan(0.5);
});

test("e scans 1 to 100 records, all lengths alike", () => {
  const lengths = draws(0, "e", 20_001).flatMap((operation) => (operation.type === "scan" ? [operation.limit] : []));
  expect([Math.min(...lengths), Math.max(...lengths)]).toEqual([1, 100]);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  expect(Math.abs(mean - 50.5)).toBeLessThan(5 * (28.87 / Math.sqrt(lengths.length)));
});

test("no two clients insert the same record", () => {
  const inserted = [0, 1, 2, 3].flatMap((client) => draws(client, "d", 2000).slice(1).flatMap((each) => (each.type === "put" ? [each.key] : [])));
  expect(new Set(inserted).size).toBe(inserted.length);
});
