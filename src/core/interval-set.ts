/**
 * A set of whole numbers that are mostly added in order: sequence numbers of a client, counters of a replica. Kept as
 * disjoint intervals, so that a million numbers without gaps cost one. The largest alone would not do: protocols that
 * order by conflict execute one client's commands in any order (M. Whittaker, thesis, §5.2).
 */
export class IntervalSet {
  /** first₀, last₀, first₁, last₁, … rising, no two intervals touching. */
  readonly #bounds: number[] = [];

  has(value: number): boolean {
    const at = this.#firstEndingAtOrAfter(value);
    return at < this.#bounds.length && this.#bounds[at]! <= value;
  }

  /** False if it was there. */
  add(value: number): boolean {
    const bounds = this.#bounds;
    const last = bounds.length - 1;
    if (last > 0 && bounds[last] === value - 1) {
      bounds[last] = value; // the next number, as nearly always
      return true;
    }
    const at = this.#firstEndingAtOrAfter(value);
    if (at < bounds.length && bounds[at]! <= value) return false;
    const joinsBefore = at > 0 && bounds[at - 1] === value - 1;
    const joinsAfter = at < bounds.length && bounds[at] === value + 1;
    if (joinsBefore && joinsAfter) bounds.splice(at - 1, 2);
    else if (joinsBefore) bounds[at - 1] = value;
    else if (joinsAfter) bounds[at] = value;
    else bounds.splice(at, 0, value, value);
    return true;
  }

  /** The lowest number from 0 on that is not there. */
  get firstGap(): number {
    return this.#bounds[0] === 0 ? this.#bounds[1]! + 1 : 0;
  }

  /** Numbers in the set. */
  get size(): number {
    let size = 0;
    for (let i = 0; i < this.#bounds.length; i += 2) size += this.#bounds[i + 1]! - this.#bounds[i]! + 1;
    return size;
  }

  /** Place of the first interval whose last number is ≥ value. New numbers are mostly the highest: look there first. */
  #firstEndingAtOrAfter(value: number): number {
    const bounds = this.#bounds;
    if (bounds.length === 0 || bounds[bounds.length - 1]! < value) return bounds.length;
    let low = 0;
    let high = bounds.length / 2 - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bounds[middle * 2 + 1]! < value) low = middle + 1;
      else high = middle;
    }
    return low * 2;
  }
}
