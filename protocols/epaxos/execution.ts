import { invariant, type ReplicaId } from "paxbench";
import { cellOf, instanceKey, instanceName, type Instance } from "./instance.ts";
import type { Interference } from "./interference.ts";
import type { InstanceLog } from "./log.ts";

/**
 * What execution waits for: with an instance's key, that it is committed; with the key negated, that it and all before it
 * of the same leader are known, for any of them may interfere.
 */
type Blocker = number;

/** Committed instances whose dependencies lead to one blocker. */
export interface Waiting {
  /** Null: no longer there, and the members must be looked at again. */
  blocker: Blocker | null;
  readonly members: Instance[];
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
 * A search ends at an instance that is not committed, or not known. All instances that it passed and could not execute
 * lead there, so from then on they wait for that one, and a later search that meets one of them ends there. Thus a
 * committed instance is executed, or waits for exactly one blocker, and is looked at again only when that is gone.
 */
export class Execution {
  readonly #log: InstanceLog;
  readonly #interference: Interference;
  readonly #execute: (instance: Instance) => void;
  readonly #waiting = new Map<Blocker, Waiting>();
  /** What log.known was when it was last looked at. */
  readonly #known: number[];
  #searches = 0;
  #visited = 0;
  /** Tarjan's stack: passed, not executed. Each leads to the last instance of the path that is searched. */
  #passed: Instance[] = [];

  constructor(log: InstanceLog, interference: Interference, execute: (instance: Instance) => void) {
    this.#log = log;
    this.#interference = interference;
    this.#execute = execute;
    this.#known = [...log.known];
  }

  get blockers(): Iterable<Blocker> {
    return this.#waiting.keys();
  }

  /** An instance of `leader`, so far unknown, got its command. */
  known(leader: ReplicaId): void {
    while (this.#known[leader]! < this.#log.known[leader]!) {
      const waiting = this.#release(-instanceKey(leader, ++this.#known[leader]!));
      for (const member of waiting?.members ?? []) this.#advance(member, null);
    }
  }

  committed(instance: Instance): void {
    this.#advance(instance, this.#release(instance.key));
  }

  #release(blocker: Blocker): Waiting | null {
    const waiting = this.#waiting.get(blocker);
    if (waiting === undefined) return null;
    this.#waiting.delete(blocker);
    waiting.blocker = null;
    return waiting;
  }

  /** Executes `instance` and what comes before it, then looks at `behind`, who waited for it. Or else all of them wait. */
  #advance(instance: Instance, behind: Waiting | null): void {
    if (instance.status !== "committed" || isWaiting(instance)) return;
    const blocker = this.#search(instance);
    if (blocker === null) {
      for (const member of behind?.members ?? []) this.#advance(member, null);
      return;
    }
    const waiting = this.#waitFor(blocker, behind ?? { blocker, members: [] });
    for (const passed of this.#passed) {
      if (passed.waiting === waiting) continue;
      passed.waiting = waiting;
      waiting.members.push(passed);
    }
  }

  /** Unites `more` with those who wait for `blocker` already; the smaller number moves. */
  #waitFor(blocker: Blocker, more: Waiting): Waiting {
    const there = this.#waiting.get(blocker) ?? more;
    const [larger, smaller] = there.members.length < more.members.length ? [more, there] : [there, more];
    if (larger !== smaller) {
      for (const member of smaller.members) {
        member.waiting = larger;
        larger.members.push(member);
      }
    }
    larger.blocker = blocker;
    this.#waiting.set(blocker, larger);
    return larger;
  }

  /** Executes `root` and all before it, and answers null; or answers the blocker, and leaves in #passed who waits for it. */
  #search(root: Instance): Blocker | null {
    this.#searches++;
    this.#visited = 0;
    this.#passed = [];
    const path: Frame[] = [];
    let blocker = this.#enter(root, path);
    while (blocker === null && path.length > 0) {
      const frame = path[path.length - 1]!;
      const { instance } = frame;
      const dependency = frame.dependencies[frame.next++];
      if (dependency === undefined) {
        path.pop();
        const parent = path[path.length - 1]?.instance;
        if (parent !== undefined) parent.lowlink = Math.min(parent.lowlink, instance.lowlink);
        if (instance.lowlink === instance.index) this.#executeComponent(instance);
      } else if (dependency.search === this.#searches) {
        if (dependency.onStack) instance.lowlink = Math.min(instance.lowlink, dependency.index);
      } else if (dependency.status !== "executed") {
        blocker = this.#enter(dependency, path);
      }
    }
    return blocker;
  }

  /** Answers what must be committed, or known, first; null: the path goes on from `instance`. */
  #enter(instance: Instance, path: Frame[]): Blocker | null {
    if (!instance.isCommitted) return instance.key;
    if (isWaiting(instance)) return instance.waiting!.blocker;
    instance.search = this.#searches;
    instance.index = instance.lowlink = ++this.#visited;
    instance.onStack = true;
    this.#passed.push(instance);
    const { deps } = instance;
    for (let q = 0; q < deps.length; q++) if (deps[q]! > this.#log.known[q]!) return -instanceKey(q, deps[q]!);
    const undecided = this.#interference.undecidedBefore(instance);
    if (undecided !== undefined) return undecided.key;
    path.push({ instance, dependencies: this.#interference.openDependencies(instance), next: 0 });
    return null;
  }

  #executeComponent(root: Instance): void {
    const component = this.#passed.splice(this.#passed.lastIndexOf(root));
    if (component.length > 1) component.sort((a, b) => a.seq - b.seq || a.leader - b.leader || a.number - b.number);
    for (const instance of component) {
      invariant(instance.status === "committed", "only committed instances are executed, each once");
      instance.onStack = false;
      instance.waiting = null;
      instance.status = "executed";
      this.#log.countExecuted(instance.leader);
      this.#interference.remove(instance);
      this.#execute(instance);
    }
  }
}

const isWaiting = ({ waiting }: Instance): boolean => waiting !== null && waiting.blocker !== null;

export const blockerOf = (blocker: Blocker): { leader: ReplicaId; number: number; allBefore: boolean } =>
  ({ ...cellOf(Math.abs(blocker)), allBefore: blocker < 0 });

export const blockerName = (blocker: Blocker): string => (blocker < 0 ? `≤${instanceName(-blocker)}` : instanceName(blocker));
