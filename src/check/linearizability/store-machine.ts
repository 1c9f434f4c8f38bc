import type { HistoryOperation, KeyOperation } from "../history.ts";
import { KvMachine } from "./kv-machine.ts";
import { isScanResult, stepsIn } from "./kv-steps.ts";
import { refused, type Machine, type State } from "./model.ts";
import { StoreStates } from "./store-states.ts";

/** An operation: for each step its key and its place among the operations on that key. */
interface Steps {
  readonly keys: readonly number[];
  readonly places: readonly number[];
  /** Whether it touches some key twice. */
  readonly repeats: boolean;
  /** Its result is none that a store gives. */
  readonly impossible: boolean;
}

/**
 * Many keys: a machine for each, and operations that take a step in several of them at once. What the machines know of
 * what remains is right here, too: an order of all operations has in it an order of the steps on each key.
 */
export class StoreMachine implements Machine {
  readonly initial: State;
  /** Told by the projections. */
  readonly impossible = -1;
  /** Too many. */
  readonly starts = null;
  readonly #machines: readonly KvMachine[];
  readonly #states: StoreStates;
  readonly #operations: readonly Steps[];
  readonly #kinds = new Map<string, number>();

  constructor(operations: readonly HistoryOperation[]) {
    const numbers = new Map<string, number>();
    const byKey: KeyOperation[][] = [];
    const stepsOf = stepsIn(operations);
    this.#operations = operations.map((operation) => {
      const steps = stepsOf(operation);
      const keys = steps.map(({ key }) => {
        const number = numbers.get(key) ?? numbers.size;
        if (number === numbers.size) {
          numbers.set(key, number);
          byKey.push([]);
        }
        return number;
      });
      const places = steps.map((step, i) => byKey[keys[i]!]!.push(step) - 1);
      const impossible = operation.f === "scan" && operation.returned < Infinity && !isScanResult(operation);
      return { keys, places, repeats: new Set(keys).size < keys.length, impossible };
    });
    this.#machines = byKey.map((steps) => new KvMachine(steps));
    this.#states = new StoreStates(byKey.length);
    this.initial = this.#machines.some(({ initial }) => initial === refused)
      ? refused
      : this.#machines.reduce((store, { initial }, key) => this.#states.set(store, key, initial), 0);
  }

  get bytes(): number {
    return this.#states.bytes + this.#machines.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  step(state: State, operation: number): State {
    const { keys, places, repeats, impossible } = this.#operations[operation]!;
    if (impossible) return refused;
    let store = state;
    let done = 0;
    for (; done < keys.length; done++) {
      const key = keys[done]!;
      const machine = this.#machines[key]!;
      const after = machine.step(this.#states.get(store, key), places[done]!);
      if (after === refused) break;
      store = this.#states.set(store, key, after);
      if (repeats) machine.take(places[done]!);
    }
    if (repeats) for (let i = done - 1; i >= 0; i--) this.#machines[keys[i]!]!.putBack(places[i]!);
    return done === keys.length ? store : refused;
  }

  take(operation: number): void {
    const { keys, places } = this.#operations[operation]!;
    for (let i = 0; i < keys.length; i++) this.#machines[keys[i]!]!.take(places[i]!);
  }

  putBack(operation: number): void {
    const { keys, places } = this.#operations[operation]!;
    for (let i = 0; i < keys.length; i++) this.#machines[keys[i]!]!.putBack(places[i]!);
  }

  free(state: State, operation: number): boolean {
    if (this.#operations[operation]!.impossible) return false;
    return this.#every(operation, (machine, place, key) => machine.free(this.#states.get(state, key), place));
  }

  pointless(operation: number): boolean {
    return this.#every(operation, (machine, place) => machine.pointless(place));
  }

  /** Never: what other keys hold stays as it was. */
  overwrites(): boolean {
    return false;
  }

  independent(operation: number, other: number): boolean {
    const { keys } = this.#operations[other]!;
    return this.#operations[operation]!.keys.every((key) => !keys.includes(key));
  }

  kind(operation: number): number {
    const { keys, places } = this.#operations[operation]!;
    const text = keys.map((key, i) => `${key}:${this.#machines[key]!.kind(places[i]!)}`).join(" ");
    const kind = this.#kinds.get(text) ?? this.#kinds.size;
    this.#kinds.set(text, kind);
    return kind;
  }

  #every(operation: number, holds: (machine: KvMachine, place: number, key: number) => boolean): boolean {
    const { keys, places } = this.#operations[operation]!;
    for (let i = 0; i < keys.length; i++) if (!holds(this.#machines[keys[i]!]!, places[i]!, keys[i]!)) return false;
    return true;
  }
}
