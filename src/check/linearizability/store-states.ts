import type { State } from "./model.ts";

/**
 * States of many keys as one number each: a binary tree whose leaves are the states of the keys, every pair of subtrees
 * kept once. So equal stores are equal numbers, and to change one key costs a path. Number 0 is the tree of zeros.
 */
export class StoreStates {
  readonly #depth: number;
  /** By node: its halves. */
  #left = new Int32Array(16);
  #right = new Int32Array(16);
  /** By node: the next of its chain; by chain, of which there are as many as places for nodes: its first node, or 0. */
  #next = new Int32Array(16);
  #heads = new Int32Array(16);
  #count = 1;
  readonly #path: number[] = [];

  constructor(keys: number) {
    this.#depth = Math.ceil(Math.log2(keys));
  }

  get bytes(): number {
    return this.#heads.byteLength * 4;
  }

  get(store: number, key: number): State {
    let node = store;
    for (let level = this.#depth - 1; level >= 0; level--) node = ((key >>> level) & 1) === 0 ? this.#left[node]! : this.#right[node]!;
    return node;
  }

  /** `store` with another state of `key`. */
  set(store: number, key: number, state: State): number {
    const path = this.#path;
    let node = store;
    for (let level = this.#depth - 1; level >= 0; level--) {
      path[level] = node;
      node = ((key >>> level) & 1) === 0 ? this.#left[node]! : this.#right[node]!;
    }
    if (node === state) return store;
    node = state;
    for (let level = 0; level < this.#depth; level++) {
      const before = path[level]!;
      node = ((key >>> level) & 1) === 0 ? this.#pair(node, this.#right[before]!) : this.#pair(this.#left[before]!, node);
    }
    return node;
  }

  #pair(left: number, right: number): number {
    if (left === 0 && right === 0) return 0;
    const chain = hash(left, right) & (this.#heads.length - 1);
    for (let node = this.#heads[chain]!; node !== 0; node = this.#next[node]!) {
      if (this.#left[node] === left && this.#right[node] === right) return node;
    }
    const node = this.#count++;
    this.#left[node] = left;
    this.#right[node] = right;
    this.#next[node] = this.#heads[chain]!;
    this.#heads[chain] = node;
    if (this.#count === this.#heads.length) this.#grow();
    return node;
  }

  #grow(): void {
    const size = this.#count * 2;
    this.#left = grown(this.#left, size);
    this.#right = grown(this.#right, size);
    this.#next = new Int32Array(size);
    this.#heads = new Int32Array(size);
    for (let node = 1; node < this.#count; node++) {
      const chain = hash(this.#left[node]!, this.#right[node]!) & (size - 1);
      this.#next[node] = this.#heads[chain]!;
      this.#heads[chain] = node;
    }
  }
}

const grown = (numbers: Int32Array, size: number): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(size);
  larger.set(numbers);
  return larger;
};

/** The multipliers are MurmurHash3's (A. Appleby). */
const hash = (left: number, right: number): number => {
  const mixed = Math.imul(Math.imul(left, 0xcc9e2d51) ^ (left >>> 15) ^ right, 0x1b873593);
  return Math.imul(mixed ^ (mixed >>> 13), 0xcc9e2d51) >>> 7;
};
