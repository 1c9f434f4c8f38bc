import type { Interval, Model } from "./model.ts";

/** Operations that have to be judged together. Linearizability is local: a history holds when all of its partitions do. */
export interface Partition<Op> {
  readonly keys: readonly string[];
  readonly operations: readonly Op[];
}

/** The number of no key. */
const none = -1;

/**
 * Splits a history by key. An operation on several keys joins what those keys were in: classes of a union-find with
 * halved paths. Partitions, keys and operations keep the order in which they first occur. One on no key is in none.
 */
export const partition = <Op extends Interval>(operations: readonly Op[], model: Model<Op>): Partition<Op>[] => {
  const numbers = new Map<string, number>();
  const parents: number[] = [];
  const numberOf = (key: string): number => {
    let number = numbers.get(key);
    if (number === undefined) {
      number = parents.length;
      numbers.set(key, number);
      parents.push(number);
    }
    return number;
  };
  const rootOf = (number: number): number => {
    let at = number;
    while (parents[at] !== at) at = parents[at] = parents[parents[at]!]!;
    return at;
  };

  const keysOf = model.keysIn(operations);
  const firstKeys = operations.map((operation) => {
    const keys = keysOf(operation);
    if (keys.length === 0) return none;
    const number = numberOf(keys[0]!);
    for (let i = 1; i < keys.length; i++) parents[rootOf(numberOf(keys[i]!))] = rootOf(number);
    return number;
  });

  const partitions = new Map<number, { keys: string[]; operations: Op[] }>();
  for (const [key, number] of numbers) {
    const root = rootOf(number);
    const there = partitions.get(root);
    if (there === undefined) partitions.set(root, { keys: [key], operations: [] });
    else there.keys.push(key);
  }
  operations.forEach((operation, i) => {
    if (firstKeys[i] !== none) partitions.get(rootOf(firstKeys[i]!))!.operations.push(operation);
  });
  return [...partitions.values()];
};
