/**
 * What the linearizability checker takes, on histories from a seed: `node test/bench/checker.ts [SEED]`. Each history is
 * judged as a store left it, and again with answers changed near its end, which mostly leaves it no order. Reading files
 * is not in it. The first suite warms up.
 */
import { createRandom, type Random } from "paxbench";
import type { HistoryOperation, KeyOperation, Value } from "../../src/check/history.ts";
import { checkLinearizability } from "../../src/check/linearizability/check.ts";
import { kv } from "../../src/check/linearizability/kv.ts";
import { linearizableHistory, type Shape } from "../check/linearizability/histories.ts";
import { multiKeyHistory, wrong, type MultiKeyShape } from "../check/linearizability/multi-key-histories.ts";

const seed = Number(process.argv[2] ?? 1);
const register = { mix: ["read", "write"], value: (_, n) => n, unknown: 0 } satisfies Partial<Shape>;
/** Of an etcd register in Jepsen's tests: few values, cas, and many time-outs. */
const etcd: Shape = { operations: 170, clients: 5, keys: 1, mix: ["read", "write", "cas"], value: (random) => random.below(5), unknown: 0.25 };
const appends: Shape["mix"] = ["read", "read", "read", "read", "append", "append", "append", "append", "append", "write"];

/** Name, how many histories, their shape. */
const suites: readonly (readonly [string, number, Shape])[] = [
  ["warm-up", 20, etcd],
  ["102 registers as of etcd", 102, etcd],
  ["50 clients append, 10 keys", 1, { operations: 3000, clients: 50, keys: 10, mix: appends, value: (_, n) => `x ${n} y`, unknown: 0 }],
  ["one key, 20 clients, values once", 1, { ...register, operations: 100_000, clients: 20, keys: 1 }],
  ["one key, 20 clients, 5 values", 1, { ...register, operations: 100_000, clients: 20, keys: 1, value: (random) => random.below(5) }],
  ["one key, 20 clients, 1 % unknown", 1, { ...register, operations: 100_000, clients: 20, keys: 1, mix: ["read", "write", "cas"], unknown: 0.01 }],
  ["one key, 20 clients append", 1, { operations: 20_000, clients: 20, keys: 1, mix: appends, value: (_, n) => `x ${n} y`, unknown: 0 }],
  ["1000 keys, 20 clients", 1, { ...register, operations: 1_000_000, clients: 20, keys: 1000 }],
  ["a key an operation", 1, { ...register, operations: 1_000_000, clients: 20, keys: 1_000_000 }],
];

/** The last twentieth with other answers: reads see what some other operation on their key wrote, mostly long before. */
const changed = (history: readonly KeyOperation[], random: Random): readonly KeyOperation[] => {
  const from = Math.floor(history.length * 0.95);
  const values = new Map<string, Value[]>();
  for (const { f, key, value } of history) {
    if (f === "read") continue;
    const there = values.get(key);
    if (there === undefined) values.set(key, [value]);
    else there.push(value);
  }
  return history.map((operation, i) => {
    if (i < from || operation.f !== "read" || operation.returned === Infinity) return operation;
    const others = values.get(operation.key);
    return others === undefined ? operation : { ...operation, result: others[random.below(others.length)]! };
  });
};

const judge = (histories: readonly (readonly HistoryOperation[])[]): string => {
  const start = performance.now();
  const verdicts = histories.map((history) => checkLinearizability(history, kv, { clock: () => performance.now(), deadline: start + 10_000, memory: 2 ** 30 }).linearizable);
  const elapsed = performance.now() - start;
  const operations = histories.reduce((sum, { length }) => sum + length, 0);
  const counted = [true, false, "unknown"].map((verdict) => [verdicts.filter((v) => v === verdict).length, verdict] as const).filter(([count]) => count > 0);
  const rate = Math.round((operations / elapsed) * 1000).toLocaleString("en-US");
  return `${elapsed.toFixed(0).padStart(7)} ms ${rate.padStart(11)} ops/s  ${counted.map(([count, verdict]) => `${count} ${verdict}`).join(", ")}`;
};

for (const [name, count, shape] of suites) {
  const histories = Array.from({ length: count }, (_, i) => linearizableHistory(createRandom(seed + i, name), shape));
  console.log(`${name.padEnd(34)} ${judge(histories)}`);
  console.log(`${"  answers changed".padEnd(34)} ${judge(histories.map((history, i) => changed(history, createRandom(seed + i, "changed"))))}`);
}

const shape = { operations: 20_000, clients: 20, keys: 100, txns: 0.3, scans: 0.01, mix: ["read", "write", "cas"], value: (_, n) => n, unknown: 0 } satisfies MultiKeyShape;
const whole = multiKeyHistory(createRandom(seed, "whole store"), shape);
console.log(`${"100 keys, transactions and scans".padEnd(34)} ${judge([whole])}`);
console.log(`${"  one answer changed".padEnd(34)} ${judge([wrong(createRandom(seed, "wrong"), whole)])}`);
