import { describe, expect, it } from "vitest";
import type { Operation, OperationResult } from "../../../src/core/operation.ts";
import { createRandom } from "../../../src/core/random.ts";
import { Store } from "../../../src/engine/store.ts";
import { callOf, isCall, removalOf, type Answer, type Call } from "../../../src/external/etcd/operations.ts";
import mixed from "../../../workloads/mixed/index.ts";
import { FakeEtcd } from "./fake-etcd.ts";

/** Carries an operation out. `between`: happens before the call of that number. */
const carryOut = (etcd: FakeEtcd, operation: Operation, between: (call: number) => void = () => {}): { result: OperationResult; calls: Call[] } => {
  const calls: Call[] = [];
  let next: OperationResult | Call = callOf(operation, "run/");
  while (isCall(next)) {
    between(calls.push(next));
    next = next.read(etcd.answer(next.path, structuredClone(next.body)) as Answer);
  }
  return { result: next, calls };
};

const plain = (result: OperationResult): unknown =>
  JSON.parse(JSON.stringify(result, (_, value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : isBuffer(value) ? Buffer.from(value.data).toString("latin1") : value)));

const isBuffer = (value: unknown): value is { data: number[] } => typeof value === "object" && value !== null && "data" in value;

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe("operations in etcd's terms", () => {
  it("do what the store does, whatever it is asked", () => {
    for (let seed = 0; seed < 40; seed++) {
      const random = createRandom(seed, "etcd");
      const source = mixed.create({ client: 0, clients: 1, site: 0, sites: 1, random }, { keys: 3, reads: 0.3, scans: 0.1, txns: 0.3 });
      const etcd = new FakeEtcd();
      const store = new Store();
      for (let sequence = 0; sequence < 60; sequence++) {
        const { operation } = source.next(sequence);
        expect([seed, sequence, plain(carryOut(etcd, operation).result)]).toEqual([seed, sequence, plain(store.apply(operation))]);
      }
    }
  });

  const single: readonly (readonly [string, Operation, readonly string[], boolean])[] = [
    ["a read", { type: "get", key: "k" }, ["range"], false],
    ["a scan", { type: "scan", key: "k", limit: 2 }, ["range"], false],
    ["a write", { type: "put", key: "k", value: bytes("1") }, ["put"], true],
    ["a swap", { type: "swap", key: "k", value: bytes("1") }, ["put"], true],
    ["a delete", { type: "delete", key: "k" }, ["deleterange"], true],
    ["a compare-and-swap", { type: "cas", key: "k", expected: null, value: bytes("1") }, ["txn"], true],
    ["an append", { type: "append", key: "k", value: bytes("1") }, ["txn", "txn"], true],
    ["a transaction that reads", { type: "txn", operations: [{ type: "get", key: "k" }] }, ["txn"], false],
  ];
  it.each(single)("%s takes these requests, the last of which writes or not", (_, operation, names, writes) => {
    const { calls } = carryOut(new FakeEtcd(), operation);
    expect(calls.map(({ path }) => path)).toEqual(names.map((name) => `/v3/kv/${name}`));
    expect(calls.map((call) => call.writes)).toEqual(names.map((_name, i) => writes && i === names.length - 1));
  });

  it("an append begins again when its key has changed meanwhile", () => {
    const etcd = new FakeEtcd();
    const meddle = (call: number): void => {
      if (call === 2 || call === 3) carryOut(etcd, { type: "put", key: "k", value: bytes(`put ${call},`) });
    };
    const { calls } = carryOut(etcd, { type: "append", key: "k", value: bytes("end") }, meddle);
    expect(calls.length).toBe(4);
    expect(plain(carryOut(etcd, { type: "get", key: "k" }).result)).toEqual({ ok: true, value: "put 3,end" });
  });

  it("an append to a key that was deleted and made again since is not fooled", () => {
    const etcd = new FakeEtcd();
    carryOut(etcd, { type: "put", key: "k", value: bytes("1") });
    const meddle = (call: number): void => {
      if (call !== 2) return;
      carryOut(etcd, { type: "delete", key: "k" });
      carryOut(etcd, { type: "put", key: "k", value: bytes("1") });
    };
    expect(carryOut(etcd, { type: "append", key: "k", value: bytes("2") }, meddle).calls.length).toBe(3);
  });

  it("keep to their run's keys, and all of these can be removed", () => {
    const etcd = new FakeEtcd();
    etcd.answer("/v3/kv/put", { key: Buffer.from("run").toString("base64"), value: "" });
    etcd.answer("/v3/kv/put", { key: Buffer.from("run0").toString("base64"), value: "" });
    for (const key of ["", "a", "é", "\u{10FFFF}"]) carryOut(etcd, { type: "put", key, value: bytes("1") });
    expect(plain(carryOut(etcd, { type: "scan", key: "", limit: 9 }).result)).toMatchObject({ entries: ["", "a", "é", "\u{10FFFF}"].map((key) => ({ key })) });
    const { path, body } = removalOf("run/");
    etcd.answer(path, body);
    expect(etcd.keys).toEqual(["run", "run0"]);
  });
});
