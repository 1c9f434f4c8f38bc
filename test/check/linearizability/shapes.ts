/** What the random histories are like that the checker is held against the definition with. */
import type { Random } from "paxbench";
import type { Access, Value } from "../../../src/check/history.ts";
import type { Shape } from "./histories.ts";
import type { MultiKeyShape } from "./multi-key-histories.ts";

export const from =
  <T>(choices: readonly T[]) =>
  (random: Random): T =>
    choices[random.below(choices.length)]!;

export const registers: readonly Access["f"][] = ["read", "read", "write", "write", "cas", "swap", "delete"];
export const appends: readonly Access["f"][] = ["read", "read", "append", "append", "append", "write", "delete", "cas", "swap"];

export const shapes: readonly (readonly [string, Shape])[] = [
  ["registers of few values", { operations: 7, clients: 3, keys: 1, mix: registers, value: from([1, 2]), unknown: 0 }],
  ["values written once", { operations: 8, clients: 4, keys: 1, mix: registers, value: (_, n) => n, unknown: 0.2 }],
  ["values of all types", { operations: 7, clients: 3, keys: 1, mix: registers, value: from<Value>([1, "1", true, "", null]), unknown: 0.2 }],
  ["many unknown outcomes", { operations: 8, clients: 3, keys: 1, mix: registers, value: from([1, 2, 3]), unknown: 0.5 }],
  ["unknown cas", { operations: 8, clients: 3, keys: 1, mix: ["read", "cas", "cas", "write"], value: from([1, 2, 3]), unknown: 0.5 }],
  ["several keys", { operations: 8, clients: 3, keys: 3, mix: registers, value: from([1, 2]), unknown: 0.2 }],
  ["appends of one letter", { operations: 7, clients: 3, keys: 1, mix: appends, value: from(["a", "b", "ab", ""]), unknown: 0.2 }],
  ["appends of nothing", { operations: 6, clients: 3, keys: 1, mix: ["append", "append", "read", "swap"], value: from(["", "", "a", "ab"]), unknown: 0.2 }],
  ["appends that end alike", { operations: 8, clients: 4, keys: 1, mix: appends, value: (_, n) => ["1.", "11.", "2.", "12.", "112."][n % 5]!, unknown: 0.2 }],
  ["appends told apart", { operations: 8, clients: 4, keys: 1, mix: appends, value: (_, n) => `${n}.`, unknown: 0.2 }],
  ["appends alone", { operations: 8, clients: 4, keys: 1, mix: ["read", "append", "append"], value: (_, n) => `${n}.`, unknown: 0.2 }],
];

const fewAppends: readonly Access["f"][] = ["read", "read", "append", "append", "write", "cas", "delete"];
const small = { operations: 7, clients: 3, keys: 2, txns: 0.4, scans: 0.2, mix: registers, value: from<Value>([1, 2]), unknown: 0.2 } satisfies MultiKeyShape;

export const multiKeyShapes: readonly (readonly [string, MultiKeyShape])[] = [
  ["few values", { ...small, unknown: 0 }],
  ["values written once", { ...small, operations: 8, keys: 3, value: (_, n) => n }],
  ["many unknown outcomes", { ...small, operations: 8, unknown: 0.5 }],
  ["unknown transactions", { ...small, operations: 7, keys: 3, txns: 0.8, scans: 0.1, unknown: 0.6, mix: ["read", "write", "write", "cas"] }],
  ["scans and single keys", { ...small, operations: 8, keys: 4, txns: 0, scans: 0.5, unknown: 0.1 }],
  ["four clients", { ...small, clients: 4, keys: 4 }],
  ["appends", { ...small, mix: fewAppends, value: from<Value>(["a", "b", "ab", ""]) }],
  ["appends told apart", { ...small, mix: fewAppends, value: (_, n) => `${n}.` }],
];
