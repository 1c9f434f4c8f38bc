import { describe, expect, it } from "vitest";
import { createRandom, keysOf, type ClientEnv, type Draw, type Operation } from "paxbench";
import conflict from "../../workloads/conflict/index.ts";
import mixed from "../../workloads/mixed/index.ts";

const clientEnv = (client: number, clients = 4): ClientEnv => ({
  client, clients, site: client % 2, sites: 2, random: createRandom(1, `client ${client}`),
});

const draws = (client: number, count: number, share: number, valueBytes = 16, other: { pool?: number; fresh?: boolean; reads?: number } = {}): Draw[] => {
  const source = conflict.create(clientEnv(client), { conflict: share, pool: 1, fresh: false, reads: 0, valueBytes, ...other });
  return Array.from({ length: count }, (_, sequence) => source.next(sequence));
};

const countOf = (words: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
};

const valueOf = (operation: Operation): string => ("value" in operation ? String.fromCharCode(...operation.value) : "");

describe("conflict (SOSP'13 §7)", () => {
  it.each([0, 0.02, 0.3, 1])("sends the share %f of commands to the hot key", (share) => {
    const count = 20_000;
    const shared = draws(0, count, share).filter((draw) => draw.shared).length;
    // Five standard deviations of a binomial count.
    expect(Math.abs(shared - share * count)).toBeLessThanOrEqual(5 * Math.sqrt(share * (1 - share) * count));
  });

  it("has one hot key for all, and one key of its own for each client", () => {
    const keys = [0, 1, 2].map((client) => {
      const all = draws(client, 500, 0.5);
      return [true, false].map((shared) => [...new Set(all.filter((draw) => draw.shared === shared).flatMap(({ operation }) => keysOf(operation)!))]);
    });
    expect(keys.map(([hot]) => hot)).toEqual([keys[0]![0], keys[0]![0], keys[0]![0]]);
    expect(new Set(keys.flatMap(([, own]) => own!)).size).toBe(3);
    expect(keys.flat().every((some) => some.length === 1)).toBe(true);
  });

  it("only writes, each value once, of the length asked for", () => {
    const all = [0, 1, 2, 3].flatMap((client) => draws(client, 1000, 0.3, 12)).map(({ operation }) => operation);
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(["put"]));
    expect(new Set(all.map(valueOf)).size).toBe(all.length);
    expect(new Set(all.map((operation) => valueOf(operation).length))).toEqual(new Set([12]));
  });
});

describe("conflict, as others define it", () => {
  it("draws from a pool of hot keys, each as often (fantoch)", () => {
    const counts = countOf(draws(0, 10_000, 1, 16, { pool: 5 }).map(({ operation }) => keysOf(operation)![0]!));
    expect([...counts.keys()].sort()).toEqual(["hot-0", "hot-1", "hot-2", "hot-3", "hot-4"]);
    for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * Math.sqrt(0.2 * 0.8 * 10_000));
  });

  it("takes a fresh key for each other command, and reads as asked (Paxi)", () => {
    const all = draws(0, 5000, 0.2, 16, { fresh: true, reads: 0.5 });
    const others = all.filter(({ shared }) => !shared).map(({ operation }) => keysOf(operation)![0]!);
    expect(new Set(others).size).toBe(others.length);
    const reads = all.filter(({ operation }) => operation.type === "get").length;
    expect(Math.abs(reads - 2500)).toBeLessThan(5 * Math.sqrt(0.25 * 5000));
  });
});

describe("mixed", () => {
  it("uses every operation, on the keys asked for, and writes no value twice", () => {
    const source = mixed.create(clientEnv(2), { keys: 3, reads: 0.4, scans: 0, txns: 0 });
    const all = Array.from({ length: 3000 }, (_, sequence) => source.next(sequence).operation);
    expect(new Set(all.map(({ type }) => type))).toEqual(new Set(["get", "put", "delete", "cas", "append", "swap"]));
    expect([...new Set(all.flatMap((operation) => keysOf(operation)!))].sort()).toEqual(["k0", "k1", "k2"]);
    const written = all.filter((operation) => "value" in operation).map(valueOf);
    expect(new Set(written).size).toBe(written.length);
    const reads = all.filter(({ type }) => type === "get").length;
    expect(Math.abs(reads - 1200)).toBeLessThan(5 * Math.sqrt(0.4 * 0.6 * 3000));
  });

  it("has the shares of scans and transactions that are asked for, whose values are unique as well", () => {
    const source = mixed.create(clientEnv(2), { keys: 3, reads: 0.4, scans: 0.1, txns: 0.2 });
    const all = Array.from({ length: 3000 }, (_, sequence) => source.next(sequence).operation);
    const scans = all.filter(({ type }) => type === "scan");
    const txns = all.filter((operation) => operation.type === "txn");
    expect(Math.abs(scans.length - 300)).toBeLessThan(5 * Math.sqrt(0.1 * 0.9 * 3000));
    expect(Math.abs(txns.length - 600)).toBeLessThan(5 * Math.sqrt(0.2 * 0.8 * 3000));
    expect(new Set(scans.map((scan) => "limit" in scan && scan.limit))).toEqual(new Set([1, 2, 3]));
    expect(new Set(txns.map(({ operations }) => operations.length))).toEqual(new Set([2, 3]));
    const single = all.flatMap((operation): readonly Operation[] => (operation.type === "txn" ? operation.operations : [operation]));
    const written = single.filter((operation) => "value" in operation).map(valueOf);
    expect(new Set(written).size).toBe(written.length);
  });
});
