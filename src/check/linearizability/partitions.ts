import type { Interval, Model } from "./model.ts";

/** Operations that have to be judged together. Linearizability is local: a history holds when all of its partitions do. */
export interface Partition<Op> {
  readonly keys: readonly string[];
  readonly operations: readonly Op[];
}

/**
 * Splits a history by key. An operation on several keys joins what those keys were in: classes of a union-find with
 * halved paths. Partitions, keys and operations keep the order in which they first occur.
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

  const firstKeys = operations.map((operation) => {
    const [first, ...others] = model.keys(operation);
    const number = numberOf(first!);
    for (const key of others) parents[rootOf(numberOf(key))] = rootOf(number);
    return number;
  });

  const partitions = new Map<number, { keys: string[]; operations: Op[] }>();
  for (const [key, number] of numbers) {
    const root = rootOf(number);
    const there = partitions.get(root);
    if (there === undefined) partitions.set(root, { keys: [key], operations: [] });
    else there.keys.push(key);
  }
  operations.forEach((operation, i) => partitions.get(rootOf(firstKeys[i]!))!.operations.push(operation));
  return [...partitions.values()];
};
