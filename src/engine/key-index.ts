/** Keys of a block; one more, and it is split in halves. */
const most = 512;

/**
 * A set of strings in the order of their UTF-16 code units: a sorted array cut into blocks, so that adding and deleting
 * move a block's keys and, once in a while, the list of blocks.
 */
export class KeyIndex {
  /** None is empty. */
  readonly #blocks: string[][] = [];

  constructor(keys: Iterable<string>) {
    // Without a function to compare, sort goes by code units, as < does.
    const sorted = [...keys].sort();
    for (let at = 0; at < sorted.length; at += most / 2) this.#blocks.push(sorted.slice(at, at + most / 2));
  }

  /** A key that is not there. */
  add(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (block === undefined) {
      this.#blocks.push([key]);
      return;
    }
    block.splice(firstNotBelow(block, key), 0, key);
    if (block.length > most) this.#blocks.splice(at + 1, 0, block.splice(most / 2));
  }

  /** A key that is there. */
  delete(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at]!;
    block.splice(firstNotBelow(block, key), 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** The first `limit` keys that are not below `start`, rising. */
  from(start: string, limit: number): string[] {
    const keys: string[] = [];
    for (let at = this.#blockOf(start); keys.length < limit && at < this.#blocks.length; at++) {
      const block = this.#blocks[at]!;
      const first = firstNotBelow(block, start);
      keys.push(...block.slice(first, first + limit - keys.length));
    }
    return keys;
  }

  /** Where `key` is, if it is anywhere: the last block that does not begin above it, or the first of all. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#blocks[middle]![0]! <= key) low = middle;
      else high = middle;
    }
    return low;
  }
}

/** Place of the first element that is not below `key`; the length when there is none. */
const firstNotBelow = (sorted: readonly string[], key: string): number => {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
};
