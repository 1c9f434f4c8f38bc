import { everyKey, noop, touchesEveryKey, type Command, type Key, type ReplicaId } from "paxbench";
import type { Instance } from "./instance.ts";
import type { InstanceLog } from "./log.ts";

/** The latest of some commands, by command leader, and their highest seqs; reads and writes apart. */
interface Latest {
  readonly write: number[];
  readonly read: number[];
  writeSeq: number;
  readSeq: number;
}

/** What this replica knows of the commands that name one key. */
export interface Row {
  readonly latest: Latest;
  /** Of those that the log has trimmed. */
  readonly trimmed: Latest;
  /** By command leader: known, not executed; rising in number. */
  readonly open: Instance[][];
}

/**
 * Which known commands interfere: they share a key and not both only read (§4.1). Answers what phase 1 asks (the
 * attributes of a new command) and what execution asks (the commands that a committed one comes after).
 *
 * A command that touches every key has the row of `everyKey`, at which every other command looks besides those of its
 * keys. Such a command itself looks at no rows but at all instances: in `#latest`, and in the log from where it is not
 * executed.
 */
export class Interference {
  readonly #log: InstanceLog;
  readonly #replicas: number;
  readonly #rows = new Map<Key, Row>();
  readonly #everyKey: Row;
  /** Of instances that have no command, or for which at least none is proposed. */
  readonly #noops: Row;
  /** Of all commands, and of all that are trimmed. */
  readonly #latest: Latest;
  readonly #trimmed: Latest;

  constructor(log: InstanceLog) {
    this.#log = log;
    this.#replicas = log.known.length;
    this.#everyKey = this.#row(everyKey);
    this.#noops = this.#newRow();
    this.#latest = this.#nothing();
    this.#trimmed = this.#nothing();
  }

  /** seq: one above every interfering command's; deps: the latest of each replica (Figure 2, lines 2-3 and 6-7). */
  attributesOf(command: Command): { seq: number; deps: number[] } {
    const { keys, readOnly } = command;
    const deps = this.#none();
    if (keys.length === 0) return { seq: 1, deps };
    if (touchesEveryKey(command)) return { seq: 1 + include(deps, this.#latest, readOnly), deps };
    let seq = include(deps, this.#everyKey.latest, readOnly);
    for (const key of keys) {
      const row = this.#rows.get(key);
      if (row !== undefined) seq = Math.max(seq, include(deps, row.latest, readOnly));
    }
    return { seq: seq + 1, deps };
  }

  /** By replica: the last of its interfering instances that is trimmed; 0: none. */
  trimmedFor(command: Command): number[] {
    const { keys, readOnly } = command;
    const last = this.#none();
    if (touchesEveryKey(command)) include(last, this.#trimmed, readOnly);
    else if (keys.length > 0) include(last, this.#everyKey.trimmed, readOnly);
    for (const key of keys) {
      const row = this.#rows.get(key);
      if (row !== undefined) include(last, row.trimmed, readOnly);
    }
    return last;
  }

  /** Whether those of q.(above+1) … q.upTo that interfere with `command` are committed here, as far as they are known. */
  allCommitted(command: Command, q: ReplicaId, above: number, upTo: number): boolean {
    const { readOnly, keys } = command;
    if (upTo <= above) return true;
    if (touchesEveryKey(command)) return areCommitted(this.#allOpen(q, above, upTo), readOnly, above, upTo);
    for (const key of keys) {
      const row = this.#rows.get(key);
      if (row !== undefined && !areCommitted(row.open[q]!, readOnly, above, upTo)) return false;
    }
    return keys.length === 0 || areCommitted(this.#everyKey.open[q]!, readOnly, above, upTo);
  }

  /** An instance became known, or its seq grew. */
  add(instance: Instance): void {
    const { command, leader, number } = instance;
    if (command.keys.length > 0) enter(this.#latest, instance);
    instance.rows = command.id === noop.id ? [this.#noops] : command.keys.map((key) => this.#row(key));
    for (const row of instance.rows) {
      enter(row.latest, instance);
      const open = row.open[leader]!;
      const at = lastAtOrBelow(open, number);
      if (open[at] === instance) continue;
      if (at === open.length - 1) open.push(instance);
      else open.splice(at + 1, 0, instance);
    }
  }

  /** An instance was executed, or is about to get another command. */
  remove(instance: Instance): void {
    for (const row of instance.rows) {
      const open = row.open[instance.leader]!;
      const at = lastAtOrBelow(open, instance.number);
      if (open[at] !== instance) continue;
      if (at === open.length - 1) open.pop();
      else open.splice(at, 1);
    }
    instance.rows = none;
  }

  /** An instance is trimmed. */
  forget(instance: Instance): void {
    const { keys } = instance.command;
    if (keys.length > 0) enter(this.#trimmed, instance);
    for (const key of keys) enter(this.#row(key).trimmed, instance);
  }

  /**
   * The instances that a committed one depends on and that are not executed. Of one key and leader, those that a later
   * write in the answer depends on are left out: the search reaches them through it, so components and their order are
   * those of the whole graph. Asked again in every search, for a write that is not committed may yet become a no-op.
   */
  openDependencies(instance: Instance): Instance[] {
    const { command, deps } = instance;
    const dependencies: Instance[] = [];
    if (touchesEveryKey(command)) {
      for (let q = 0; q < this.#replicas; q++) collect(dependencies, instance, q, this.#allOpen(q, 0, deps[q]!));
      return dependencies;
    }
    for (const { open } of instance.rows) for (let q = 0; q < this.#replicas; q++) collect(dependencies, instance, q, open[q]!);
    const { open } = this.#everyKey;
    if (command.keys.length > 0) for (let q = 0; q < this.#replicas; q++) collect(dependencies, instance, q, open[q]!);
    return dependencies;
  }

  /**
   * One within the dependencies for which a no-op is proposed, but not committed: whoever proposes next may find the
   * command that it began with.
   */
  undecidedBefore({ deps }: Instance): Instance | undefined {
    for (let q = 0; q < this.#replicas; q++) {
      for (const other of this.#noops.open[q]!) {
        if (other.number > deps[q]!) break;
        if (!other.isCommitted) return other;
      }
    }
    return undefined;
  }

  /** Those of q.(above+1) … q.upTo that are not executed and not no-ops, rising. */
  #allOpen(q: ReplicaId, above: number, upTo: number): Instance[] {
    const open: Instance[] = [];
    for (let number = Math.max(above, this.#log.executed[q]!) + 1; number <= upTo; number++) {
      const instance = this.#log.at(q, number);
      if (instance !== undefined && instance.status !== "executed" && instance.command.keys.length > 0) open.push(instance);
    }
    return open;
  }

  #none(): number[] {
    const none: number[] = [];
    for (let q = 0; q < this.#replicas; q++) none.push(0);
    return none;
  }

  #nothing(): Latest {
    return { write: this.#none(), read: this.#none(), writeSeq: 0, readSeq: 0 };
  }

  #row(key: Key): Row {
    let row = this.#rows.get(key);
    if (row === undefined) this.#rows.set(key, (row = this.#newRow()));
    return row;
  }

  #newRow(): Row {
    return { latest: this.#nothing(), trimmed: this.#nothing(), open: this.#none().map((): Instance[] => []) };
  }
}

const none: readonly Row[] = [];

const areCommitted = (open: readonly Instance[], readOnly: boolean, above: number, upTo: number): boolean => {
  for (let at = lastAtOrBelow(open, upTo); at >= 0 && open[at]!.number > above; at--) {
    const other = open[at]!;
    if (!other.isCommitted && !(readOnly && other.command.readOnly)) return false;
  }
  return true;
};

/** Adds what `instance` depends on of `open`: instances of replica q, rising, that share a key with it. */
const collect = (dependencies: Instance[], instance: Instance, q: ReplicaId, open: readonly Instance[]): void => {
  if (open.length === 0) return;
  const { command, deps, leader, number } = instance;
  const everyKeys = touchesEveryKey(command);
  let reached = 0;
  for (let at = lastAtOrBelow(open, deps[q]!); at >= 0 && open[at]!.number > reached; at--) {
    const dependency = open[at]!;
    if (dependency === instance || (command.readOnly && dependency.command.readOnly)) continue;
    dependencies.push(dependency);
    // Not through a later one of the same leader, which leaves out what it reaches through this one: two that depend on
    // each other would both leave out what comes before them. Nor through one that has nothing to do with the rest.
    const later = q === leader && dependency.number > number;
    const reaches = !dependency.command.readOnly && (!everyKeys || touchesEveryKey(dependency.command));
    if (!later && reaches) reached = Math.max(reached, dependency.deps[q]!);
  }
};

const enter = (latest: Latest, { command, leader, number, seq }: Instance): void => {
  if (command.readOnly) {
    latest.read[leader] = Math.max(latest.read[leader]!, number);
    latest.readSeq = Math.max(latest.readSeq, seq);
  } else {
    latest.write[leader] = Math.max(latest.write[leader]!, number);
    latest.writeSeq = Math.max(latest.writeSeq, seq);
  }
};

/** Puts what a read or a write interferes with into `deps`; answers its highest seq. */
const include = (deps: number[], { write, read, writeSeq, readSeq }: Latest, readOnly: boolean): number => {
  const reads = !readOnly && readSeq > 0;
  for (let q = 0; q < deps.length; q++) {
    deps[q] = Math.max(deps[q]!, write[q]!);
    if (reads) deps[q] = Math.max(deps[q]!, read[q]!);
  }
  return reads ? Math.max(writeSeq, readSeq) : writeSeq;
};

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
