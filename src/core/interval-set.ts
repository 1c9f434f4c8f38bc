/**
 * A set of whole numbers from 0 on that are mostly added in order: sequence numbers of a client, counters of a replica.
 * Kept as disjoint intervals, so that a million numbers without gaps cost one. The largest alone would not do: protocols
 * that order by conflict execute one client's commands in any order (M. Whittaker, thesis, §5.2).
 */
export class IntervalSet {
  /** The highest interval, at hand: mostly it is the only one, and grows. Empty as long as the set is. */
  #first = 0;
  #last = -1;
  /** The others: first₀, last₀, first₁, last₁, … rising, none touching another. Null: none. */
  #lower: number[] | null = null;

  has(value: number): boolean {
    if (value > this.#last) return false;
    if (value >= this.#first) return true;
    const lower = this.#lower;
    if (lower === null) return false;
    const at = firstEndingAtOrAfter(lower, value);
    return at < lower.length && lower[at]! <= value;
  }

  /** False if it was there. */
  add(value: number): boolean {
    if (value === this.#last + 1) {
      this.#last = value;
      return true;
    }
    if (value > this.#last) {
      if (this.#last >= this.#first) (this.#lower ??= []).push(this.#first, this.#last);
      this.#first = this.#last = value;
      return true;
    }
    return value < this.#first && this.#addBelow(value);
  }

  /** The lowest number from 0 on that is not there. */
  get firstGap(): number {
    const [first, last] = this.#lower === null ? [this.#first, this.#last] : this.#lower;
    return first === 0 ? last! + 1 : 0;
  }

  /** Numbers in the set. */
  get size(): number {
    let size = this.#last - this.#first + 1;
    for (let i = 0; this.#lower !== null && i < this.#lower.length; i += 2) size += this.#lower[i + 1]! - this.#lower[i]! + 1;
    return size;
  }

  #addBelow(value: number): boolean {
    const bounds = (this.#lower ??= []);
    const at = firstEndingAtOrAfter(bounds, value);
    if (at < bounds.length && bounds[at]! <= value) return false;
    const joinsBefore = at > 0 && bounds[at - 1] === value - 1;
    if (value === this.#first - 1) this.#first = joinsBefore ? bounds.splice(at - 2, 2)[0]! : value;
    else {
      const joinsAfter = at < bounds.length && bounds[at] === value + 1;
      if (joinsBefore && joinsAfter) bounds.splice(at - 1, 2);
      else if (joinsBefore) bounds[at - 1] = value;
      else if (joinsAfter) bounds[at] = value;
      else bounds.splice(at, 0, value, value);
    }
    if (bounds.length === 0) this.#lower = null;
    return true;
  }
}

/** Place of the first interval whose last number is ≥ value. */
const firstEndingAtOrAfter = (bounds: readonly number[], value: number): number => {
  let low = 0;
  let high = bounds.length / 2;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bounds[middle * 2 + 1]! < value) low = middle + 1;
    else high = middle;
  }
  return low * 2;
};
