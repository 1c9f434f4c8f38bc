import { describe, expect, it } from "vitest";
import { createRandom, isReadOnly, keysOf, parseOptions, type ClientEnv, type Draw, type Operation, type Workload } from "paxbench";
import fantoch from "../../workloads/conflict-fantoch/index.ts";
import paxi from "../../workloads/conflict-paxi/index.ts";
import revisited from "../../workloads/conflict-revisited/index.ts";
import conflict from "../../workloads/conflict/index.ts";
import mixed from "../../workloads/mixed/index.ts";
import zipf from "../../workloads/zipf/index.ts";

const seed = 1;

const clientEnv = (client: number, clients = 4): ClientEnv => ({
  client, clients, site: client % 2, sites: 2, random: createRandom(seed, `client ${client}`),
});

/** Options that are not given have their defaults. */
const drawsOf = <O>(workload: Workload<O>, client: number, count: number, given: Partial<O> = {}): Draw[] => {
  const source = workload.create(clientEnv(client), { ...parseOptions(workload.name, workload.options, new Map()), ...given });
  return Array.from({ length: count }, (_, sequence) => source.next(sequence));
};

const draws = (client: number, count: number, share: number, valueBytes = 16): Draw[] => drawsOf(conflict, client, count, { conflict: share, valueBytes });

/** Within five standard deviations of a binomial count. */
const expectShare = (seen: number, share: number, count: number): void =>
  expect(Math.abs(seen - share * count), `${seen} of ${count} for a share of ${share}, seed ${seed}`).toBeLessThanOrEqual(5 * Math.sqrt(share * (1 - share) * count));

const keyed = ({ operation }: Draw): readonly string[] => keysOf(operation)!;

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

describe("keys of a command", () => {
  it("conflict: the first is shared or the client's own, the others are the client's own", () => {
    const all = drawsOf(conflict, 1, 5000, { conflict: 0.3, keysPerCommand: 3 });
    expect(countOf(all.map((draw) => keyed(draw).join(" "))).size).toBe(2);
    expect(all.every((draw) => draw.shared === keyed(draw).includes("hot") && keyed(draw).length === 3)).toBe(true);
    expectShare(all.filter(({ shared }) => shared).length, 0.3, 5000);
    const others = new Set(drawsOf(conflict, 2, 100, { conflict: 0.3, keysPerCommand: 3 }).flatMap(keyed));
    expect(all.flatMap(keyed).filter((key) => others.has(key)).every((key) => key === "hot")).toBe(true);
  });

  it("zipf: distinct, and never more than there are", () => {
    for (const [keys, asked, expected] of [[1000, 4, 4], [3, 5, 3]] as const) {
      const all = drawsOf(zipf, 0, 2000, { keys, keysPerCommand: asked, exponent: 2, writes: 0.25 });
      expect(all.every((draw) => new Set(keyed(draw)).size === expected)).toBe(true);
      expectShare(all.filter(({ operation }) => !isReadOnly(operation)).length, 0.25, 2000);
    }
  });
});

describe("zipf", () => {
  it.each([0, 0.7, 0.99, 1.5])("exponent %f: keys as often as the law says", (exponent) => {
    const counts = countOf(drawsOf(zipf, 0, 50_000, { keys: 100, exponent }).map((draw) => keyed(draw)[0]!));
    const weights = Array.from({ length: 100 }, (_, rank) => (rank + 1) ** -exponent);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (const rank of [0, 1, 2, 10, 99]) expectShare(counts.get(`z${rank}`) ?? 0, weights[rank]! / total, 50_000);
    expect(counts.size).toBeGreaterThan(90);
  });
});

describe("conflicts as others define them", () => {
  it("fantoch: from a pool of hot keys, each as often; two keys of a command are distinct", () => {
    const counts = countOf(drawsOf(fantoch, 0, 10_000, { conflict: 0.5, pool: 5 }).map((draw) => keyed(draw)[0]!));
    expect([...counts.keys()].sort()).toEqual(["client-0", "hot-0", "hot-1", "hot-2", "hot-3", "hot-4"]);
    for (const [key, count] of counts) expectShare(count, key === "client-0" ? 0.5 : 0.1, 10_000);
    for (const [share, pool] of [[0.3, 1], [0.3, 4], [0, 1], [1, 1], [1, 2]] as const) {
      expect(drawsOf(fantoch, 0, 500, { conflict: share, pool, keysPerCommand: 2 }).every((draw) => new Set(keyed(draw)).size === 2)).toBe(true);
    }
    // The first is hot with probability c, and then the second too with c·(pool-1)/pool among what may be drawn.
    const pairs = drawsOf(fantoch, 0, 20_000, { conflict: 0.3, pool: 4, keysPerCommand: 2 }).filter((draw) => keyed(draw)[0]!.startsWith("hot"));
    const bothHot = (0.3 * 3) / 4 / ((0.3 * 3) / 4 + 0.7);
    expectShare(pairs.length, 0.3, 20_000);
    expectShare(pairs.filter((draw) => keyed(draw)[1]!.startsWith("hot")).length, bothHot, pairs.length);
  });

  it("Paxi: half writes; key 0, or the next of the client's own in turn", () => {
    const all = drawsOf(paxi, 3, 5000, { conflict: 0.2, keys: 50 });
    expectShare(all.filter(({ shared }) => shared).length, 0.2, 5000);
    expectShare(all.filter(({ operation }) => isReadOnly(operation)).length, 0.5, 5000);
    const own = all.filter(({ shared }) => !shared).map((draw) => keyed(draw)[0]!);
    expect(own.every((key, i) => key === `3-${(i + 1) % 50}`)).toBe(true);
    expect(new Set(all.filter(({ shared }) => shared).flatMap(keyed))).toEqual(new Set(["0"]));
  });

  it("EPaxos Revisited: the hot key, or one that was never used", () => {
    const all = [0, 1].flatMap((client) => drawsOf(revisited, client, 5000, { conflict: 0.2, writes: 0.7 }));
    const others = all.filter(({ shared }) => !shared).flatMap(keyed);
    expect(new Set(others).size).toBe(others.length);
    expectShare(10_000 - others.length, 0.2, 10_000);
    expectShare(all.filter(({ operation }) => operation.type === "put").length, 0.7, 10_000);
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
