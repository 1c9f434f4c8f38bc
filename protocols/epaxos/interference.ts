import type { Command, Key, ReplicaId } from "paxbench";
import type { Instance } from "./instance.ts";

/** What this replica knows of the commands on one key, by command leader. */
interface Row {
  readonly latestWrite: number[];
  readonly latestRead: number[];
  maxWriteSeq: number;
  maxReadSeq: number;
  /** Known, not executed; rising in number. */
  readonly open: Instance[][];
}

/**
 * Which known commands interfere: they share a key and not both only read (§4.1). Answers what phase 1 asks (the
 * attributes of a new command) and what execution asks (the commands that a committed one comes after).
 */
export class Interference {
  readonly #replicas: number;
  readonly #rows = new Map<Key, Row>();

  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  /** seq: one above every interfering command's; deps: the latest of each replica (Figure 2, lines 2-3 and 6-7). */
  attributesOf(command: Command): { seq: number; deps: number[] } {
    const deps = this.#none();
    let seq = 1;
    for (const key of command.keys) {
      const row = this.#rows.get(key);
      if (row === undefined) continue;
      seq = Math.max(seq, row.maxWriteSeq + 1);
      if (!command.readOnly) seq = Math.max(seq, row.maxReadSeq + 1);
      for (let q = 0; q < this.#replicas; q++) {
        deps[q] = Math.max(deps[q]!, row.latestWrite[q]!);
        if (!command.readOnly) deps[q] = Math.max(deps[q]!, row.latestRead[q]!);
      }
    }
    return { seq, deps };
  }

  /** Whether those of q.(above+1) … q.upTo that interfere with `command` are committed here, as far as they are known. */
  allCommitted(command: Command, q: ReplicaId, above: number, upTo: number): boolean {
    for (const key of command.keys) {
      const open = this.#rows.get(key)?.open[q] ?? [];
      for (let at = lastAtOrBelow(open, upTo); at >= 0 && open[at]!.number > above; at--) {
        const other = open[at]!;
        if (!other.isCommitted && !(command.readOnly && other.command.readOnly)) return false;
      }
    }
    return true;
  }

  /** An instance became known, or its seq grew. */
  add(instance: Instance): void {
    const { command, leader, number, seq } = instance;
    for (const key of command.keys) {
      const row = this.#row(key);
      const latest = command.readOnly ? row.latestRead : row.latestWrite;
      latest[leader] = Math.max(latest[leader]!, number);
      if (command.readOnly) row.maxReadSeq = Math.max(row.maxReadSeq, seq);
      else row.maxWriteSeq = Math.max(row.maxWriteSeq, seq);
      const open = row.open[leader]!;
      const at = lastAtOrBelow(open, number);
      if (open[at] !== instance) open.splice(at + 1, 0, instance);
    }
  }

  /** An instance was executed, or is about to get another command. */
  remove(instance: Instance): void {
    for (const key of instance.command.keys) {
      const open = this.#row(key).open[instance.leader]!;
      const at = lastAtOrBelow(open, instance.number);
      if (open[at] === instance) open.splice(at, 1);
    }
  }

  /**
   * The instances that a committed one depends on and that are not executed. Of one key and leader, those that a later
   * write in the answer depends on are left out: the search reaches them through it, so components and their order are
   * those of the whole graph. Asked again in every search, for a write that is not committed may yet become a no-op.
   */
  openDependencies(instance: Instance): Instance[] {
    const { command, deps, leader, number } = instance;
    const dependencies: Instance[] = [];
    for (const key of command.keys) {
      const { open } = this.#row(key);
      for (let q = 0; q < this.#replicas; q++) {
        const instances = open[q]!;
        let reached = 0;
        for (let at = lastAtOrBelow(instances, deps[q]!); at >= 0 && instances[at]!.number > reached; at--) {
          const dependency = instances[at]!;
          if (dependency === instance || (command.readOnly && dependency.command.readOnly)) continue;
          dependencies.push(dependency);
          // Not through a later one of the same leader, which leaves out what it reaches through this one: two that
          // depend on each other would both leave out what comes before them.
          const later = q === leader && dependency.number > number;
          if (!later && !dependency.command.readOnly) reached = Math.max(reached, dependency.deps[q]!);
        }
      }
    }
    return dependencies;
  }

  #none(): number[] {
    const none: number[] = [];
    for (let q = 0; q < this.#replicas; q++) none.push(0);
    return none;
  }

  #row(key: Key): Row {
    let row = this.#rows.get(key);
    if (row === undefined) {
      const open = this.#none().map((): Instance[] => []);
      row = { latestWrite: this.#none(), latestRead: this.#none(), maxWriteSeq: 0, maxReadSeq: 0, open };
      this.#rows.set(key, row);
    }
    return row;
  }
}

/** Place of the last instance with a number ≤ `number`; -1 when there is none. */
const lastAtOrBelow = (instances: readonly Instance[], number: number): number => {
  let low = 0;
  let high = instances.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (instances[middle]!.number <= number) low = middle + 1;
    else high = middle;
  }
  return low - 1;
};
