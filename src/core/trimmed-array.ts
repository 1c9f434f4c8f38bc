/** A log by position whose beginning may be forgotten: positions keep their numbers, those below `start` are gone. */
export class TrimmedArray<T> {
  readonly #weigh: (item: T) => number;
  #start = 0;
  #items: T[] = [];
  #weight = 0;

  /** `weigh`: always the same of the same item. */
  constructor(weigh: (item: T) => number) {
    this.#weigh = weigh;
  }

  /** The lowest position that is not forgotten. */
  get start(): number {
    return this.#start;
  }

  /** One above the highest position. */
  get length(): number {
    return this.#start + this.#items.length;
  }

  /** Of all items that are there. */
  get weight(): number {
    return this.#weight;
  }

  /** Undefined outside of `start` … `length` - 1. */
  at(position: number): T | undefined {
    return position < this.#start ? undefined : this.#items[position - this.#start];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#weight += this.#weigh(item);
  }

  /** At a position that is there. */
  replace(position: number, item: T): void {
    this.#weight += this.#weigh(item) - this.#weigh(this.at(position)!);
    this.#items[position - this.#start] = item;
  }

  /** From `from`, or `start` if that is higher, up to and without `end`. */
  slice(from: number, end = this.length): T[] {
    return this.#items.slice(Math.max(0, from - this.#start), Math.max(0, end - this.#start));
  }

  /** Drops the end, from `length` on. */
  truncate(length: number): void {
    for (let position = length; position < this.length; position++) this.#weight -= this.#weigh(this.at(position)!);
    this.#items.length = length - this.#start;
  }

  /** Forgets the beginning, up to and without `start`, which is not above `length`. */
  trim(start: number): void {
    if (start <= this.#start) return;
    for (let position = this.#start; position < start; position++) this.#weight -= this.#weigh(this.at(position)!);
    this.#items = this.#items.slice(start - this.#start);
    this.#start = start;
  }
}
