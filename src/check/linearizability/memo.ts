/**
 * The configurations that a search has been in, as rows of numbers in one table that grows by doubling.
 *
 * A configuration is a state and the set of operations taken, in the words of `Frontier`. One that was visited covers
 * all that differ from it only by having used up more operations with unknown outcome: whatever completes such a
 * configuration completes it as well.
 */
export class Memo {
  readonly #words: number;
  readonly #unknown: number;
  readonly #stride: number;
  /** A row: the next row in its chain, the state, words, bits of those with unknown outcome. Row 0 is none. */
  #rows: Int32Array;
  #count = 1;
  /** First row of each chain; a power of two of them. */
  #heads: Int32Array;

  /** `words` and `unknown`: how many words a set of operations has, for those that returned and for the others. */
  constructor(words: number, unknown: number) {
    this.#words = words;
    this.#unknown = unknown;
    this.#stride = 2 + words + unknown;
    this.#rows = new Int32Array(this.#stride * 16);
    this.#heads = new Int32Array(16);
  }

  get bytes(): number {
    return this.#rows.byteLength + this.#heads.byteLength;
  }

  /** Whether nothing visited covers this configuration; from now on something does. */
  visit(state: number, words: Int32Array, unknown: Int32Array): boolean {
    const chain = this.#hash(state, words, 0) & (this.#heads.length - 1);
    const rows = this.#rows;
    for (let row = this.#heads[chain]!; row !== 0; row = rows[row * this.#stride]!) {
      const at = row * this.#stride + 1;
      if (rows[at] !== state || !this.#equals(at + 1, words)) continue;
      const used = at + 1 + this.#words;
      if (this.#within(rows, used, unknown, 0)) return false;
      // What the row covers its successor will cover, too.
      if (this.#within(unknown, 0, rows, used)) {
        rows.set(unknown, used);
        return true;
      }
    }
    this.#add(chain, state, words, unknown);
    return true;
  }

  #equals(at: number, words: Int32Array): boolean {
    for (let i = 0; i < this.#words; i++) if (this.#rows[at + i] !== words[i]) return false;
    return true;
  }

  /** Whether the bits set in the words of `few` from `i` on are all set in those of `many` from `j` on. */
  #within(few: Int32Array, i: number, many: Int32Array, j: number): boolean {
    for (let word = 0; word < this.#unknown; word++) if ((few[i + word]! & ~many[j + word]!) !== 0) return false;
    return true;
  }

  #add(chain: number, state: number, words: Int32Array, unknown: Int32Array): void {
    const at = this.#count * this.#stride;
    this.#rows[at] = this.#heads[chain]!;
    this.#rows[at + 1] = state;
    this.#rows.set(words, at + 2);
    this.#rows.set(unknown, at + 2 + this.#words);
    this.#heads[chain] = this.#count++;
    if (this.#count === this.#heads.length) this.#grow();
  }

  #grow(): void {
    const size = this.#heads.length * 2;
    const rows = new Int32Array(this.#stride * size);
    rows.set(this.#rows);
    const heads = new Int32Array(size);
    for (let row = 1; row < this.#count; row++) {
      const at = row * this.#stride;
      const chain = this.#hash(rows[at + 1]!, rows, at + 2) & (size - 1);
      rows[at] = heads[chain]!;
      heads[chain] = row;
    }
    this.#rows = rows;
    this.#heads = heads;
  }

  /** Of what must be equal: the state and the words from `from` on. The multipliers are MurmurHash3's (A. Appleby). */
  #hash(state: number, words: Int32Array, from: number): number {
    let hash = Math.imul(state, 0xcc9e2d51);
    for (let i = from; i < from + this.#words; i++) {
      hash = Math.imul(hash ^ (hash >>> 15) ^ words[i]!, 0x1b873593);
      hash = Math.imul(hash ^ (hash >>> 13), 0xcc9e2d51);
    }
    return hash ^ (hash >>> 16);
  }
}
