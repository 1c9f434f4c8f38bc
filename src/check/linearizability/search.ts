import { Frontier } from "./frontier.ts";
import { Memo } from "./memo.ts";
import { lost, refused, type Interval, type Machine, type Model, type State } from "./model.ts";
import { timelineOf, type Timeline } from "./timeline.ts";

/** Where a candidate is looked for next: 0 at the operation due, 1 + s at slot s, then among those with unknown outcome. */
type Cursor = number;
const enter: Cursor = -1;
const leave: Cursor = 2 ** 31 - 1;

/** A frame of the stack: the operation taken, the state before, the cursor behind it. */
const frame = 3;

/**
 * Looks for an order of one partition's operations that the model allows and that keeps to real time: of two operations,
 * one that returned before the other was called comes first. Depth first after Wing and Gong ("Testing and verifying
 * concurrent objects", 1993), never twice through a configuration after Lowe ("Testing for linearizability", 2017).
 * Iterative, and resumed at will.
 *
 * A configuration is a set of operations taken (see `Frontier`) and a state. Its successors are the operations that real
 * time and the model allow next: first the one due, then others open at that return, then those with unknown outcome.
 *
 * Most configurations need not be visited. Each rule keeps some order, if there is one:
 *
 * - What is free (see `Machine`) is taken at once, and nothing else is tried in its place.
 * - Of operations of one kind that could come next, the one that must return first goes first: in an order that has
 *   them the other way round they can be exchanged.
 * - An operation with unknown outcome is left out unless it makes a difference to the one that comes next: it does not
 *   when that one is possible without it and leads to the same state, or returned and touches nothing that it touches;
 *   nor does it ever when it leads to `lost`.
 * - A configuration is not visited when one was that differs only in fewer operations with unknown outcome taken.
 *
 * The last two cut off orders that use more operations with unknown outcome than others do, or use them earlier. That
 * they leave one: assume there are orders, and consider all ways to complete a visited configuration. Among those that
 * altogether use the fewest such operations take those whose configuration has the most that returned; of them those
 * with the fewest unknown before the next that returned, in the configuration and after it; of them the one that has the
 * fewest of these after it. The first two rules forbid nothing that changes these numbers for the worse. If the third
 * forbade the next step, of two neighbours the earlier, unknown, could be left out, or moved behind the other, which
 * returned; if the fourth did, another visited configuration would lead on with no more; otherwise the next
 * configuration was visited. Each contradicts the choice.
 */
export class Search<Op extends Interval> {
  readonly #timeline: Timeline<Op>;
  readonly #machine: Machine;
  readonly #frontier: Frontier;
  readonly #memo: Memo;
  /** By operation: the one of its kind that must return last before it does, or -1. */
  readonly #twin: Int32Array;
  /** Those with unknown outcome that have a point, in the order of their calls; and those of them that do not overwrite. */
  readonly #unknown: Int32Array;
  readonly #conditional: Int32Array;

  /** Where to begin, when nothing comes of where the search began. */
  readonly #starts: State[];
  #state: State = lost;
  #cursor: Cursor = leave;
  readonly #stack: number[] = [];
  #deepest = 0;

  /** From the model's initial state; or, if that can be told, from `anywhere`: whatever operations came before. */
  constructor(operations: readonly Op[], model: Model<Op>, anywhere = false) {
    const timeline = timelineOf(operations);
    const { returned } = timeline;
    const count = timeline.operations.length;
    const machine = model.machine(timeline.operations);
    this.#timeline = timeline;
    this.#machine = machine;
    this.#starts = anywhere ? [...(machine.starts ?? [])] : [machine.initial].filter((state) => state !== refused);
    this.#twin = twinsOf(machine, count);
    this.#unknown = Int32Array.from({ length: count - returned }, (_, i) => returned + i).filter((i) => !machine.pointless(i));
    this.#conditional = this.#unknown.filter((operation) => !machine.overwrites(operation));
    this.#frontier = new Frontier(timeline, this.#unknown);
    this.#memo = new Memo(this.#frontier.words.length, this.#frontier.used.length);
  }

  /** See `Machine`; by return. */
  get impossible(): number {
    return this.#machine.impossible;
  }

  /** Whether the model can tell what `anywhere` is. */
  get startsAnywhere(): boolean {
    return this.#machine.starts !== null;
  }

  /** What the search has grown to. */
  get bytes(): number {
    return this.#memo.bytes + this.#machine.bytes + this.#stack.length * 8;
  }

  /** For how many operations, in the order of their returns, the search had an order at best. */
  get deepest(): number {
    return this.#deepest;
  }

  /** The operations taken; once `advance` said "found", an order of all that returned and of others that they need. */
  get order(): Op[] {
    const order: Op[] = [];
    for (let at = 0; at < this.#stack.length; at += frame) order.push(this.#timeline.operations[this.#stack[at]!]!);
    return order;
  }

  /** Searches on until there is an order, or certainly none, or `steps` operations were tried. */
  advance(steps: number): "found" | "none" | "more" {
    for (let tried = 0; tried < steps; tried++) {
      if (this.#cursor === enter) {
        if (this.#frontier.due === this.#timeline.returned) return "found";
        const free = this.#free();
        if (free >= 0) {
          const state = this.#machine.step(this.#state, free);
          this.#cursor = leave;
          if (state !== refused) {
            this.#take(free, state);
            continue;
          }
        } else this.#cursor = this.#memo.visit(this.#state, this.#frontier.words, this.#frontier.used) ? 0 : leave;
      }
      const candidate = this.#candidate();
      if (candidate >= 0) {
        const state = this.#step(candidate);
        if (state !== refused) this.#take(candidate, state);
      } else if (this.#stack.length > 0) this.#putBack();
      else if (this.#starts.length === 0) return "none";
      else this.#begin(this.#starts.pop()!);
    }
    return "more";
  }

  /** An operation that is free here, or -1. */
  #free(): number {
    const { due, taken, occupant } = this.#frontier;
    for (let slot = 0; slot < occupant.length; slot++) {
      const operation = occupant[slot]!;
      if (operation >= due && taken[operation] === 0 && this.#machine.free(this.#state, operation)) return operation;
    }
    return -1;
  }

  /** The next operation that real time and its twin allow here, or -1. Moves the cursor behind it. */
  #candidate(): number {
    const { due, taken, occupant, unknownEnd } = this.#frontier;
    if (this.#cursor === 0) {
      this.#cursor = 1;
      return due;
    }
    while (this.#cursor <= occupant.length) {
      const operation = occupant[this.#cursor++ - 1]!;
      if (operation > due && taken[operation] === 0 && !this.#yields(operation)) return operation;
    }
    for (let i = this.#cursor - 1 - occupant.length; i < this.#unknown.length; i++) {
      const operation = this.#unknown[i]!;
      if (operation >= unknownEnd) break;
      if (taken[operation] === 1 || this.#yields(operation)) continue;
      this.#cursor = i + 2 + occupant.length;
      return operation;
    }
    return -1;
  }

  /** Whether the operation's twin could come next as well. */
  #yields(operation: number): boolean {
    const twin = this.#twin[operation]!;
    if (twin < 0) return false;
    return twin < this.#timeline.returned ? this.#frontier.open(twin) : this.#frontier.taken[twin] === 0;
  }

  /** The state after `operation`, or `refused` where the model or a rule for unknown outcomes forbids it. */
  #step(operation: number): State {
    const { returned } = this.#timeline;
    const state = this.#machine.step(this.#state, operation);
    if (state === refused) return refused;
    const top = this.#stack.length - frame;
    if (top >= 0 && this.#stack[top]! >= returned && !this.#needs(operation, this.#stack[top]!, this.#stack[top + 1]!, this.#state)) return refused;
    if (operation >= returned && (state === this.#state || state === lost || !this.#helps(operation, state))) return refused;
    return state;
  }

  /** Whether there is anything that `operation`, with unknown outcome, would make a difference to if it came next. */
  #helps(operation: number, state: State): boolean {
    const { due, taken, occupant, unknownEnd } = this.#frontier;
    let helps = false;
    this.#machine.take(operation);
    for (let slot = 0; !helps && slot < occupant.length; slot++) {
      const next = occupant[slot]!;
      if (next >= due && taken[next] === 0) helps = this.#needs(next, operation, this.#state, state);
    }
    // What overwrites is possible without, and leads to the same.
    for (let i = 0; !helps && i < this.#conditional.length && this.#conditional[i]! < unknownEnd; i++) {
      const next = this.#conditional[i]!;
      if (next !== operation && taken[next] === 0) helps = this.#needs(next, operation, this.#state, state);
    }
    this.#machine.putBack(operation);
    return helps;
  }

  /**
   * Whether `operation` is possible in `after`, which `unknown` made of `before`, but not in `before`, or leads elsewhere
   * from there. If it returned, and has nothing to do with `unknown`, it goes first.
   */
  #needs(operation: number, unknown: number, before: State, after: State): boolean {
    if (operation < this.#timeline.returned && this.#machine.independent(unknown, operation)) return false;
    const state = this.#machine.step(after, operation);
    return state !== refused && state !== this.#machine.step(before, operation);
  }

  #take(operation: number, state: State): void {
    this.#stack.push(operation, this.#state, this.#cursor);
    this.#state = state;
    this.#cursor = enter;
    this.#machine.take(operation);
    this.#frontier.take(operation);
    if (this.#frontier.due > this.#deepest) this.#deepest = this.#frontier.due;
  }

  #begin(state: State): void {
    this.#state = state;
    this.#cursor = enter;
  }

  #putBack(): void {
    this.#cursor = this.#stack.pop()!;
    this.#state = this.#stack.pop()!;
    const operation = this.#stack.pop()!;
    this.#frontier.putBack(operation);
    this.#machine.putBack(operation);
  }
}

const twinsOf = (machine: Machine, count: number): Int32Array => {
  const last = new Map<number, number>();
  return Int32Array.from({ length: count }, (_, operation) => {
    const kind = machine.kind(operation);
    const twin = last.get(kind) ?? -1;
    last.set(kind, operation);
    return twin;
  });
};
