import { invariant } from "paxbench";
import { instanceKey, type Instance } from "./instance.ts";
import type { Interference } from "./interference.ts";

/** What the search needs to know of the log. */
export interface Log {
  /** The first instance of 1 … deps[q], over all q, that this replica knows nothing of; null: it knows them all. */
  firstUnknown(deps: readonly number[]): number | null;
  execute(instance: Instance): void;
}

/** One level of the depth-first search. */
interface Frame {
  readonly instance: Instance;
  readonly dependencies: readonly Instance[];
  next: number;
}

/**
 * Execution in dependency order (§4.3.2): strongly connected components of the dependency graph in inverse topological
 * order, a component's commands by seq, equal ones by leader and number. R. Tarjan's search (1972) with a stack of its
 * own: chains of dependencies grow without bound, the call stack does not.
 *
 * A search that meets an instance that is not committed, or not known, stops there and is resumed once that instance
 * has been executed or has turned out not to interfere. What waits for an instance that itself waits for another then
 * waits for that other, so that a commit costs one search and not one for each that waits.
 */
export class Execution {
  readonly #interference: Interference;
  readonly #log: Log;
  /** Committed instances, by the key of the instance that they wait for. */
  readonly #waiting = new Map<number, Instance[]>();
  #searches = 0;
  #visited = 0;
  #component: Instance[] = [];

  constructor(interference: Interference, log: Log) {
    this.#interference = interference;
    this.#log = log;
  }

  /** Keys of the instances that execution waits for. */
  get blockers(): Iterable<number> {
    return this.#waiting.keys();
  }

  get blocked(): boolean {
    return this.#waiting.size > 0;
  }

  /** An instance was committed. */
  committed(instance: Instance): void {
    this.#run([instance]);
  }

  /** An instance, so far unknown, got its command: it may not interfere with what waits for it. */
  known(instance: Instance): void {
    const key = instanceKey(instance.leader, instance.number);
    const waiting = this.#waiting.get(key);
    if (waiting === undefined) return;
    this.#waiting.delete(key);
    this.#run(waiting);
  }

  #run(instances: Instance[]): void {
    const todo = instances;
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (next.status !== "committed") continue;
      const blocker = this.#search(next, todo);
      if (blocker !== null) this.#wait(next, blocker);
    }
  }

  /** `instance`, and all that waited for it, wait for `blocker`. */
  #wait(instance: Instance, blocker: number): void {
    const key = instanceKey(instance.leader, instance.number);
    const behind = this.#waiting.get(key) ?? [];
    const there = this.#waiting.get(blocker) ?? [];
    this.#waiting.delete(key);
    behind.push(instance);
    const [longer, shorter] = there.length < behind.length ? [behind, there] : [there, behind];
    for (const other of shorter) longer.push(other);
    this.#waiting.set(blocker, longer);
  }

  /** Executes what can be reached from `root`; what waited for an executed instance goes to `todo`. Answers the blocker. */
  #search(root: Instance, todo: Instance[]): number | null {
    this.#searches++;
    this.#visited = 0;
    this.#component = [];
    const frames: Frame[] = [];
    let blocker = this.#enter(root, frames);
    while (blocker === null && frames.length > 0) {
      const frame = frames[frames.length - 1]!;
      const { instance } = frame;
      const dependency = frame.dependencies[frame.next++];
      if (dependency === undefined) {
        frames.pop();
        const parent = frames[frames.length - 1]?.instance;
        if (parent !== undefined) parent.lowlink = Math.min(parent.lowlink, instance.lowlink);
        if (instance.lowlink === instance.index) this.#executeComponent(instance, todo);
      } else if (dependency.search !== this.#searches) {
        blocker = dependency.status === "executed" ? null : this.#enter(dependency, frames);
      } else if (dependency.onStack) {
        instance.lowlink = Math.min(instance.lowlink, dependency.index);
      }
    }
    for (const instance of this.#component) instance.onStack = false;
    return blocker;
  }

  /** Answers the key of an instance that must be committed, or known, first. */
  #enter(instance: Instance, frames: Frame[]): number | null {
    if (!instance.isCommitted) return instanceKey(instance.leader, instance.number);
    const unknown = this.#log.firstUnknown(instance.deps);
    if (unknown !== null) return unknown;
    instance.search = this.#searches;
    instance.index = instance.lowlink = ++this.#visited;
    instance.onStack = true;
    this.#component.push(instance);
    frames.push({ instance, dependencies: this.#interference.openDependencies(instance), next: 0 });
    return null;
  }

  #executeComponent(root: Instance, todo: Instance[]): void {
    const component = this.#component.splice(this.#component.lastIndexOf(root));
    if (component.length > 1) component.sort((a, b) => a.seq - b.seq || a.leader - b.leader || a.number - b.number);
    for (const instance of component) {
      invariant(instance.status === "committed", "only committed instances are executed, each once");
      instance.onStack = false;
      instance.status = "executed";
      this.#interference.remove(instance);
      this.#log.execute(instance);
      const key = instanceKey(instance.leader, instance.number);
      const waiting = this.#waiting.get(key);
      if (waiting === undefined) continue;
      this.#waiting.delete(key);
      for (const other of waiting) todo.push(other);
    }
  }
}
