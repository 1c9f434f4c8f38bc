import { noop, TrimmedArray, weightOf } from "paxbench";
import type { Entry } from "./messages.ts";

/**
 * The replicated log (§5.3). Terms never fall along it, so the bounds of a term are found by halving. Its beginning may be
 * trimmed, where every log is the same and committed.
 */
export class Log {
  /** By index. The lowest entry that is left is the same in every log; at first it stands at 0, before the first. */
  readonly #entries = new TrimmedArray<Entry>(({ command }) => weightOf(command));

  constructor() {
    this.#entries.push({ term: 0, command: noop });
  }

  /** Entries below are trimmed; the one there is in every log. */
  get base(): number {
    return this.#entries.start;
  }

  /** Bytes of memory that the entries take, about. */
  get weight(): number {
    return this.#entries.weight;
  }

  get lastIndex(): number {
    return this.#entries.length - 1;
  }

  get lastTerm(): number {
    return this.termAt(this.lastIndex);
  }

  /** `index` is in the log, and not trimmed. */
  termAt(index: number): number {
    return this.entryAt(index).term;
  }

  /** `index` is in the log, and not trimmed. */
  entryAt(index: number): Entry {
    return this.#entries.at(index)!;
  }

  /** The consistency check: by the Log Matching Property all entries up to `index` are then the same (§5.3). */
  matches(index: number, term: number): boolean {
    return index < this.base || (index <= this.lastIndex && this.termAt(index) === term);
  }

  /** §5.4.1: the log with the later last term is more up-to-date; with equal last terms, the longer one is. */
  isMoreUpToDateThan(lastLogIndex: number, lastLogTerm: number): boolean {
    return this.lastTerm > lastLogTerm || (this.lastTerm === lastLogTerm && this.lastIndex > lastLogIndex);
  }

  /** Entries from `index` on, `limit` at most. */
  from(index: number, limit: number): readonly Entry[] {
    return this.#entries.slice(index, index + limit);
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
  }

  /**
   * Puts a leader's entries behind `prevLogIndex`, where the logs match. Returns the index of the first that was not
   * there; null if all were.
   */
  merge(prevLogIndex: number, entries: readonly Entry[]): number | null {
    for (let i = 0; i < entries.length; i++) {
      const index = prevLogIndex + 1 + i;
      // An entry that is there stays, and what follows it too: this message may be older than what it brought.
      if (this.matches(index, entries[i]!.term)) continue;
      this.replaceFrom(index, i === 0 ? entries : entries.slice(i));
      return index;
    }
    return null;
  }

  /** Deletes the entry at `index` and all that follow, if there are any, and puts `entries` there. */
  replaceFrom(index: number, entries: readonly Entry[]): void {
    this.#entries.truncate(index);
    for (let i = 0; i < entries.length; i++) this.#entries.push(entries[i]!);
  }

  /** Forgets entries below `base`, which is in every log and committed. */
  trim(base: number): void {
    this.#entries.trim(base);
  }

  /** Where the first entry of `term` that is not trimmed stands, or would stand. */
  firstIndexOf(term: number): number {
    let low = this.base;
    let high = this.#entries.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.termAt(middle) < term) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where the last entry of `term` stands; null if there is none left. */
  lastIndexOf(term: number): number | null {
    const index = this.firstIndexOf(term + 1) - 1;
    return index >= this.base && this.termAt(index) === term ? index : null;
  }
}
