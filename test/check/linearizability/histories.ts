/** Random histories: of a store that really took every operation at one instant between its call and its return. */
import type { Random } from "paxbench";
import type { KeyOperation, Value } from "../../../src/check/history.ts";

type F = KeyOperation["f"];

export interface Shape {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  /** What clients do; repeat an entry to have more of it. */
  readonly mix: readonly F[];
  /** Draws what is written, appended, expected. `n` counts operations. */
  readonly value: (random: Random, n: number) => Value;
  /** Share of operations whose outcome nobody learns. Half of them take effect, sooner or later. */
  readonly unknown: number;
}

/** An operation under way: what it asks, and whether the store has taken it. */
interface Open {
  operation: KeyOperation;
  taken: boolean;
}

/**
 * At each step some client calls, or its operation takes effect, or it returns: so about two thirds of the clients have an
 * operation open at any time. A cas that compares unequal failed, and leaves no operation.
 */
export const linearizableHistory = (random: Random, shape: Shape): KeyOperation[] => {
  const store = new Map<string, Value>();
  const open: (Open | undefined)[] = Array.from({ length: shape.clients });
  const abandoned: KeyOperation[] = [];
  let unknown = 0;
  const history: KeyOperation[] = [];
  const pick = <T>(choices: readonly T[]): T => choices[random.below(choices.length)]!;
  const client = (slot: number): number => slot + shape.clients * unknown;
  let calls = 0;

  for (let at = 1; calls < shape.operations || open.some((one) => one !== undefined); at++) {
    const slot = random.below(shape.clients);
    const one = open[slot];
    if (one === undefined) {
      if (calls === shape.operations) continue;
      const f = pick(shape.mix);
      const key = `k${random.below(shape.keys)}`;
      const value = f === "read" || f === "delete" ? null : shape.value(random, calls);
      // Half of all cas compare with what is there at the call, so that some succeed with values that are never the same twice.
      const expected = f !== "cas" ? null : random.below(2) === 0 ? (store.get(key) ?? null) : shape.value(random, calls);
      const operation = { client: client(slot), f, key, value, expected, result: null, called: at, returned: Infinity, calledAt: null, returnedAt: null };
      calls++;
      if (random.unit() >= shape.unknown) open[slot] = { operation, taken: false };
      else {
        history.push(operation);
        abandoned.push(operation);
        unknown++;
      }
    } else if (!one.taken) {
      const outcome = take(store, one.operation);
      one.operation = { ...one.operation, result: outcome.result };
      one.taken = true;
      if (!outcome.done) open[slot] = undefined;
    } else {
      history.push({ ...one.operation, returned: at });
      open[slot] = undefined;
    }
    if (random.unit() < shape.unknown / 6) {
      const [late] = abandoned.splice(Math.max(0, abandoned.length - 1 - random.below(8)), 1);
      if (late !== undefined) take(store, late);
    }
  }
  return history;
};

/** The store's own code, apart from the checker's. */
const take = (store: Map<string, Value>, { f, key, value, expected }: KeyOperation): { done: boolean; result: Value } => {
  const there = store.get(key) ?? null;
  if (f === "cas" && there !== expected) return { done: false, result: null };
  if (f === "delete") store.delete(key);
  else if (f === "append") store.set(key, `${there ?? ""}${value}`);
  else if (f !== "read") store.set(key, value);
  return { done: true, result: f === "read" || f === "swap" ? there : null };
};
