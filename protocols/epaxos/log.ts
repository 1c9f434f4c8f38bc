import type { ReplicaId } from "paxbench";
import type { Instance } from "./instance.ts";
import type { Committed, MessageOf, Span } from "./messages.ts";

/**
 * The two-dimensional log (§4.1): by command leader, its instances as far as this replica knows them. Commits come in
 * any order and may be lost, so a row can have gaps.
 */
export class InstanceLog {
  /** Element i is instance i, element 0 unused. */
  readonly #rows: readonly (Instance | undefined)[][];
  /** Instances 1 … known[q] of replica q are known here, 1 … committed[q] committed. */
  readonly #known: number[];
  readonly #committed: number[];

  constructor(replicas: number) {
    this.#rows = Array.from({ length: replicas }, () => [undefined]);
    this.#known = Array.from({ length: replicas }, () => 0);
    this.#committed = Array.from({ length: replicas }, () => 0);
  }

  get known(): readonly number[] {
    return this.#known;
  }

  get committed(): readonly number[] {
    return this.#committed;
  }

  at(leader: ReplicaId, number: number): Instance | undefined {
    return this.#rows[leader]![number];
  }

  /** The highest number known of `leader`'s instances; 0: none. */
  last(leader: ReplicaId): number {
    return this.#rows[leader]!.length - 1;
  }

  /** Every instance known, numbers rising for all leaders together. */
  *all(): Generator<Instance> {
    const length = Math.max(...this.#rows.map((row) => row.length));
    for (let number = 1; number < length; number++) {
      for (const row of this.#rows) {
        const instance = row[number];
        if (instance !== undefined) yield instance;
      }
    }
  }

  add(instance: Instance): void {
    const { leader, number } = instance;
    const row = this.#rows[leader]!;
    // No holes in the array: it stays a fast one, whatever the order of arrival.
    while (row.length < number) row.push(undefined);
    row[number] = instance;
    while (row[this.#known[leader]! + 1] !== undefined) this.#known[leader]!++;
  }

  /** An instance of `leader` was committed. */
  countCommitted(leader: ReplicaId): void {
    const row = this.#rows[leader]!;
    while (row[this.#committed[leader]! + 1]?.isCommitted === true) this.#committed[leader]!++;
  }

  /** The commits that are missing here, as a question. */
  missing(): MessageOf<"learn"> {
    const gaps: Span[] = [];
    for (const [leader, row] of this.#rows.entries()) {
      let first = 0;
      for (let number = this.#committed[leader]! + 1; number <= row.length; number++) {
        const missing = number < row.length && row[number]?.isCommitted !== true;
        if (missing && first === 0) first = number;
        if (missing || first === 0) continue;
        gaps.push({ leader, first, last: number - 1 });
        first = 0;
      }
    }
    return { type: "learn", gaps, above: this.#rows.map((row) => row.length - 1) };
  }

  /** The answer: those of the missing commits that are known here, `limit` at most. */
  answer({ gaps, above }: MessageOf<"learn">, limit: number): MessageOf<"learned"> {
    const spans = [...gaps, ...above.map((number, leader) => ({ leader, first: number + 1, last: Infinity }))];
    const commits: Committed[] = [];
    for (const { leader, first, last } of spans) {
      const row = this.#rows[leader]!;
      for (let number = first; number <= last && number < row.length; number++) {
        const instance = row[number];
        if (instance?.isCommitted !== true) continue;
        if (commits.length === limit) return { type: "learned", commits, more: true };
        const { command, seq, deps } = instance;
        commits.push({ leader, number, command, seq, deps });
      }
    }
    return { type: "learned", commits, more: false };
  }
}
