import type { Value } from "../history.ts";

/** Keys of a row. */
const width = 32;

/** What several keys hold, for people: immutable, and a changed one shares all rows but one. */
export class Store {
  readonly #places: ReadonlyMap<string, number>;
  readonly #rows: readonly (readonly Value[])[];

  private constructor(places: ReadonlyMap<string, number>, rows: readonly (readonly Value[])[]) {
    this.#places = places;
    this.#rows = rows;
  }

  /** All of `keys` absent. */
  static of(keys: readonly string[]): Store {
    const places = new Map([...keys].sort().map((key, place) => [key, place]));
    const row = Array.from({ length: width }, () => null);
    return new Store(
      places,
      Array.from({ length: Math.ceil(keys.length / width) }, () => row),
    );
  }

  get(key: string): Value {
    const place = this.#places.get(key);
    return place === undefined ? null : this.#rows[Math.floor(place / width)]![place % width]!;
  }

  with(key: string, value: Value): Store {
    const place = this.#places.get(key)!;
    const row = Math.floor(place / width);
    return new Store(this.#places, this.#rows.with(row, this.#rows[row]!.with(place % width, value)));
  }

  /** Keys that are there, in their order, and what they hold. */
  get entries(): readonly (readonly [key: string, value: Value])[] {
    return [...this.#places.keys()].map((key) => [key, this.get(key)] as const).filter(([, value]) => value !== null);
  }
}
