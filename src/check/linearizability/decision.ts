import type { Interval, Model } from "./model.ts";
import { Search } from "./search.ts";

/** Returns on either side of where the search is stuck. */
const narrowest = 16;

/**
 * Decides whether operations have an order: by a search for one, and, while that is stuck, by another for a stretch of
 * time that has none, whatever came before. To say "none", the first has to try all that came before, which grows with
 * the length of a history; the second does not. It begins with little around the place and doubles it.
 *
 * A stretch has the operations that were called in it; and, as if their outcomes were unknown, those that were open at its
 * beginning, for they may have taken effect before, or at its end. Cut an order of the whole history at both instants: what is
 * in between is an order of the stretch, from some state on.
 */
export class Decision<Op extends Interval> {
  readonly #operations: readonly Op[];
  readonly #model: Model<Op>;
  readonly #search: Search<Op>;
  /** By return; made when the search is stuck for the first time. */
  #returned: readonly Op[] | undefined;
  #stretch: Search<Op> | undefined;
  #width = narrowest;
  #at = 0;

  constructor(operations: readonly Op[], model: Model<Op>) {
    this.#operations = operations;
    this.#model = model;
    this.#search = new Search(operations, model);
  }

  /** What the searches have grown to. */
  get bytes(): number {
    return this.#search.bytes + (this.#stretch?.bytes ?? 0);
  }

  /** By return: the first operation that can stand in no order, as far as that shows without a search; or -1. */
  get impossible(): number {
    return this.#search.impossible;
  }

  /** See `Search`. */
  get deepest(): number {
    return this.#search.deepest;
  }

  get order(): Op[] {
    return this.#search.order;
  }

  /** Searches on until there is an order, or certainly none, or so many operations were tried, or twice as many. */
  advance(steps: number): "found" | "none" | "more" {
    const before = this.#search.deepest;
    const outcome = this.#search.advance(steps);
    if (outcome !== "more" || this.#search.deepest > before || !this.#search.startsAnywhere) return outcome;
    return this.#lookAround(steps);
  }

  #lookAround(steps: number): "none" | "more" {
    if (this.#at !== this.#search.deepest) {
      this.#at = this.#search.deepest;
      this.#width = narrowest;
      this.#stretch = undefined;
    }
    this.#returned ??= this.#operations.filter(({ returned }) => returned < Infinity).sort((a, b) => a.returned - b.returned);
    const from = this.#at - this.#width;
    // What begins at the beginning is the search's.
    if (from <= 0) return "more";
    this.#stretch ??= this.#stretchOf(this.#returned[from]!.returned, this.#returned[this.#at + this.#width]?.returned ?? Infinity);
    const outcome = this.#stretch.advance(steps);
    if (outcome !== "found") return outcome;
    this.#width *= 2;
    this.#stretch = undefined;
    return "more";
  }

  #stretchOf(begin: number, end: number): Search<Op> {
    const within = this.#operations
      .filter(({ called, returned }) => called < end && returned > begin)
      .map((operation) => (operation.returned === Infinity || (operation.called > begin && operation.returned <= end) ? operation : { ...operation, returned: Infinity }));
    return new Search(within, this.#model, true);
  }
}
