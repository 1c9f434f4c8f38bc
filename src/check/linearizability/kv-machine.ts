import { invariant } from "../../core/assert.ts";
import type { KeyOperation, Value } from "../history.ts";
import { any, settleAppends } from "./kv-appends.ts";
import { KvStates } from "./kv-states.ts";
import { lost, refused, type Machine, type State } from "./model.ts";

/** As an effect: none. Effects below it append: -2 the first text, -3 the second. */
const none = -1;

/**
 * One key. Every operation is a guard, the state it asks for, and an effect, the state it leaves:
 *
 *     read → v        guard v,  no effect         cas e → v       guard e,   effect v
 *     write v         no guard, effect v          swap v → was w  guard w,   effect v
 *     delete          no guard, effect absent     append t        no guard,  effect: t at the end
 *
 * With unknown outcome a read is nothing, a swap is a write, and a cas that does not swap may as well never happen.
 *
 * What remains to be taken says more than the values do:
 *
 * 1. A state that no remaining guard asks for is `lost`: nothing that remains would tell it from any other.
 * 2. A state that the guard of an operation that returned still asks for, and that no remaining operation makes, must not be
 *    left: that operation could never be taken.
 * 3. Nor may the state become `lost` while operations that returned have guards, and nothing that remains leads out of it.
 *
 * 4. There is no order at all if an operation that returned saw what nothing called before can have made.
 *
 * An append may make some state that is asked for of any prefix, so while a key has appends that `settleAppends` could
 * not tell apart, only the third rule is used there, and what is `lost` follows from the values alone.
 */
export class KvMachine implements Machine {
  readonly initial: State;
  readonly impossible: number;
  /** Of a key with appends, what came before says what they are. */
  readonly starts: readonly State[] | null;
  readonly #states: KvStates;
  /** Whether there are appends left. */
  #appends: boolean;
  readonly #texts: string[] = [];
  readonly #guards: Int32Array;
  readonly #effects: Int32Array;
  /** By operation: 1 if it takes effect in any order, 0 if it may be left out. */
  readonly #certain: Uint8Array;

  /** By state, what remains: guards that ask for it, those of them of certain operations, operations that make it. */
  readonly #wanted: Int32Array;
  readonly #required: Int32Array;
  readonly #makers: Int32Array;
  /** Guards of certain operations that remain. */
  #sights = 0;
  /** Operations that remain and lead out of `lost`. */
  #resets = 0;

  constructor(operations: readonly KeyOperation[]) {
    const appends = operations.some(({ f }) => f === "append");
    this.#appends = appends;
    const guards = operations.map(guardOf);
    const states = new KvStates(new Set(guards.filter((guard) => guard !== undefined)), this.#appends);
    this.#states = states;
    this.#guards = Int32Array.from(guards, (guard) => (guard === undefined ? any : states.of(guard)));
    this.#effects = this.#effectsOf(operations);
    this.#certain = Uint8Array.from(operations, ({ returned }) => (returned < Infinity ? 1 : 0));
    if (this.#appends) this.#settle(operations);
    this.#wanted = new Int32Array(states.count);
    this.#required = new Int32Array(states.count);
    this.#makers = new Int32Array(states.count);
    for (let i = 0; i < operations.length; i++) this.#count(i, 1);
    this.impossible = this.#firstUnmade(operations, states.of(null));
    this.initial = this.impossible >= 0 ? refused : this.#merged(states.of(null), 0);
    this.starts = appends ? null : Array.from({ length: states.count }, (_, state) => state);
  }

  step(state: State, operation: number): State {
    const guard = this.#guards[operation]!;
    if (guard !== any && guard !== state) return refused;
    const effect = this.#effects[operation]!;
    const after = effect === none ? state : effect >= 0 ? effect : this.#states.append(state, this.#texts[-2 - effect]!);
    const sight = guard === any ? 0 : this.#certain[operation]!;
    if (after !== state && !this.#appends && this.#required[state]! > sight && this.#makers[state] === 0) return refused;
    const next = this.#merged(after, guard === after ? 1 : 0);
    if (next === lost && this.#sights > sight && this.#resets === (this.#isReset(operation) ? 1 : 0)) return refused;
    return next;
  }

  take(operation: number): void {
    this.#count(operation, -1);
  }

  putBack(operation: number): void {
    this.#count(operation, 1);
  }

  /** What only looks does not matter to others; what overwrites with something that nobody will see does not in `lost`. */
  free(state: State, operation: number): boolean {
    const guard = this.#guards[operation]!;
    if (guard !== any) return guard === state && this.#onlyLooks(operation);
    const effect = this.#effects[operation]!;
    return state === lost && effect >= 0 && this.#merged(effect, 0) === lost;
  }

  pointless(operation: number): boolean {
    return this.#effects[operation] === lost || this.#onlyLooks(operation);
  }

  overwrites(operation: number): boolean {
    return this.#guards[operation] === any && this.#effects[operation]! >= 0;
  }

  independent(): boolean {
    return false;
  }

  get bytes(): number {
    return this.#states.bytes;
  }

  kind(operation: number): number {
    return (this.#guards[operation]! + 1) * 2 ** 31 + (this.#effects[operation]! + 2 ** 30);
  }

  #onlyLooks(operation: number): boolean {
    const effect = this.#effects[operation]!;
    return effect === none || effect === this.#guards[operation];
  }

  #isReset(operation: number): boolean {
    return this.overwrites(operation) && this.#effects[operation] !== lost;
  }

  /** `state`, or `lost` if no guard will ask for it, but for `fewer` that are being taken. */
  #merged(state: State, fewer: number): State {
    return this.#appends || this.#wanted[state]! > fewer ? state : lost;
  }

  /** Adds an operation to what remains, or takes it out. */
  #count(operation: number, change: 1 | -1): void {
    const guard = this.#guards[operation]!;
    const effect = this.#effects[operation]!;
    if (guard !== any) {
      this.#wanted[guard]! += change;
      if (this.#certain[operation] === 1) {
        this.#required[guard]! += change;
        this.#sights += change;
      }
    }
    if (effect >= 0 && effect !== guard) this.#makers[effect]! += change;
    if (this.#isReset(operation)) this.#resets += change;
  }

  /** The first to return that saw what nothing called before can have made, and what was not there at first; or -1. */
  #firstUnmade(operations: readonly KeyOperation[], first: State): number {
    if (this.#appends) return -1;
    const made = new Float64Array(this.#states.count).fill(Infinity);
    made[first] = -Infinity;
    operations.forEach(({ called }, operation) => {
      const effect = this.#effects[operation]!;
      if (effect >= 0 && effect !== this.#guards[operation]) made[effect] = Math.min(made[effect]!, called);
    });
    let earliest = -1;
    operations.forEach(({ returned }, operation) => {
      const guard = this.#guards[operation]!;
      if (guard === any || returned === Infinity || made[guard]! < returned) return;
      if (earliest < 0 || returned < operations[earliest]!.returned) earliest = operation;
    });
    return earliest;
  }

  #settle(operations: readonly KeyOperation[]): void {
    const texts = new Map<number, string>();
    operations.forEach(({ f, value }, operation) => f === "append" && texts.set(operation, value as string));
    const seen = [...this.#guards].filter((guard, operation) => guard !== any && this.#certain[operation] === 1);
    const settled = settleAppends(this.#states, texts, seen, this.#guards, this.#effects);
    for (const operation of settled) this.#certain[operation] = 1;
    this.#appends = this.#effects.some((effect) => effect < none);
  }

  #effectsOf(operations: readonly KeyOperation[]): Int32Array {
    const numbers = new Map<string, number>();
    return Int32Array.from(operations, ({ f, value }) => {
      if (f === "read") return none;
      invariant(!this.#appends || value === null || typeof value === "string", "a key that is appended to holds strings");
      if (f !== "append") return this.#states.of(value);
      const text = value as string;
      let number = numbers.get(text);
      if (number === undefined) numbers.set(text, (number = this.#texts.push(text) - 1));
      return -2 - number;
    });
  }
}

/** What was there when the operation took effect, if it says so; undefined if it does not. */
const guardOf = ({ f, expected, result, returned }: KeyOperation): Value | undefined => {
  switch (f) {
    case "cas":
      return expected;
    case "read":
    case "swap":
      return returned < Infinity ? result : undefined;
    default:
      return undefined;
  }
};
