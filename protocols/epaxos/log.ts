import { TrimmedArray, Watermark, type ReplicaId } from "paxbench";
import type { Instance } from "./instance.ts";
import type { Committed, MessageOf, Span } from "./messages.ts";

/**
 * The two-dimensional log (§4.1): by command leader, its instances as far as this replica knows them. Commits come in
 * any order and may be lost, so a row can have gaps. A row is trimmed where every replica has executed it.
 */
export class InstanceLog {
  /** Element i is instance i, element 0 unused. */
  readonly #rows: readonly TrimmedArray<Instance | undefined>[];
  /** Instances 1 … known[q] of replica q are known here, 1 … committed[q] committed, 1 … executed[q] executed. */
  readonly #known: number[];
  readonly #committed: number[];
  readonly #executed: number[];
  /** Of how many the others were told. */
  #executedTold = 0;
  /** By command leader. */
  readonly #executedByAll: readonly Watermark[];

  constructor(replicas: number) {
    const zeros = (): number[] => Array.from({ length: replicas }, () => 0);
    this.#rows = Array.from({ length: replicas }, () => new TrimmedArray<Instance | undefined>((instance) => instance?.weight ?? 0));
    for (const row of this.#rows) row.push(undefined);
    this.#known = zeros();
    this.#committed = zeros();
    this.#executed = zeros();
    this.#executedByAll = zeros().map(() => new Watermark(replicas));
  }

  /** Bytes of memory that the instances take, about. */
  get weight(): number {
    return this.#rows.reduce((sum, { weight }) => sum + weight, 0);
  }

  get known(): readonly number[] {
    return this.#known;
  }

  get committed(): readonly number[] {
    return this.#committed;
  }

  get executed(): readonly number[] {
    return this.#executed;
  }

  /** Undefined, too, if it is trimmed. */
  at(leader: ReplicaId, number: number): Instance | undefined {
    return this.#rows[leader]!.at(number);
  }

  /** The lowest number of `leader`'s instances that is not trimmed, from 1. */
  first(leader: ReplicaId): number {
    return Math.max(1, this.#rows[leader]!.start);
  }

  /** Executed by every replica and forgotten. */
  isTrimmed(leader: ReplicaId, number: number): boolean {
    return number < this.first(leader);
  }

  isCommitted(leader: ReplicaId, number: number): boolean {
    return this.isTrimmed(leader, number) || this.at(leader, number)?.isCommitted === true;
  }

  /** The highest number known of `leader`'s instances; 0: none. */
  last(leader: ReplicaId): number {
    return this.#rows[leader]!.length - 1;
  }

  /** Every instance known and not trimmed, numbers rising for all leaders together. */
  *all(): Generator<Instance> {
    const length = Math.max(...this.#rows.map((row) => row.length));
    for (let number = 1; number < length; number++) {
      for (const row of this.#rows) {
        const instance = row.at(number);
        if (instance !== undefined) yield instance;
      }
    }
  }

  add(instance: Instance): void {
    const { leader, number } = instance;
    const row = this.#rows[leader]!;
    while (row.length <= number) row.push(undefined);
    row.replace(number, instance);
    while (row.at(this.#known[leader]! + 1) !== undefined) this.#known[leader]!++;
  }

  /** An instance of `leader` was committed. */
  countCommitted(leader: ReplicaId): void {
    const row = this.#rows[leader]!;
    while (row.at(this.#committed[leader]! + 1)?.isCommitted === true) this.#committed[leader]!++;
  }

  /** An instance of `leader` was executed. */
  countExecuted(leader: ReplicaId): void {
    const row = this.#rows[leader]!;
    while (row.at(this.#executed[leader]! + 1)?.status === "executed") this.#executed[leader]!++;
  }

  /** What is executed here, to be told; null unless that is `least` instances more than was told before. */
  executedSince(least: number): readonly number[] | null {
    const executed = this.#executed.reduce((sum, number) => sum + number);
    if (executed - this.#executedTold < least) return null;
    this.#executedTold = executed;
    return [...this.#executed];
  }

  /** `replica` has executed instances 1 … upTo[q] of each replica q. What all have executed is handed to `forget`, and gone. */
  executedBy(replica: ReplicaId, upTo: readonly number[], forget: (instance: Instance) => void): void {
    for (const [leader, row] of this.#rows.entries()) {
      const executedByAll = this.#executedByAll[leader]!;
      executedByAll.report(replica, upTo[leader]!);
      const start = executedByAll.lowest + 1;
      for (let number = this.first(leader); number < start; number++) forget(row.at(number)!);
      row.trim(start);
    }
  }

  /** The commits that are missing here, as a question. */
  missing(): MessageOf<"learn"> {
    const gaps: Span[] = [];
    for (const [leader, row] of this.#rows.entries()) {
      let first = 0;
      for (let number = this.#committed[leader]! + 1; number <= row.length; number++) {
        const missing = number < row.length && row.at(number)?.isCommitted !== true;
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
      for (let number = Math.max(first, this.first(leader)); number <= last && number < row.length; number++) {
        const instance = row.at(number);
        if (instance?.isCommitted !== true) continue;
        if (commits.length === limit) return { type: "learned", commits, more: true };
        const { command, seq, deps } = instance;
        commits.push({ leader, number, command, seq, deps });
      }
    }
    return { type: "learned", commits, more: false };
  }
}
