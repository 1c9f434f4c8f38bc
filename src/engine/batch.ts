import { Writer } from "../core/bytes.ts";
import { everyKey, keyOf, type Command, type CommandId, type Key } from "../core/command.ts";
import type { Micros } from "../core/ids.ts";
import { isReadOnly, keysOf } from "../core/operation.ts";
import { writeRequest, type Request } from "./requests.ts";

/** Requests of one command that arrived at the same time: most do, and are measured as one. */
export interface Arrival {
  readonly at: Micros;
  requests: number;
}

/** A command takes no more requests once it is so long: hundreds of commands, sent to one that lags, still make a frame. */
const mostBytes = 2 ** 16;

/** Requests that are to share a command: its keys are the union of theirs, its payload they themselves, in order. */
export class Batch {
  readonly #most: number;
  readonly #payload = new Writer();
  #arrivals: Arrival[] = [];
  #requests = 0;
  #readOnly = true;
  /** With repeats. */
  #keys: Key[] = [];
  /** Writes that share a command with a scan conflict with everything. */
  #everyKey = false;

  /** Takes `most` requests. */
  constructor(most: number) {
    this.#most = most;
  }

  get empty(): boolean {
    return this.#requests === 0;
  }

  get full(): boolean {
    return this.#requests === this.#most || this.#payload.length >= mostBytes;
  }

  add(request: Request, now: Micros): void {
    const { operation } = request;
    writeRequest(this.#payload, request);
    this.#requests++;
    this.#readOnly &&= isReadOnly(operation);
    this.#addKeys(operation.type === "scan" || operation.type === "txn" ? keysOf(operation) : operation.key);
    const last = this.#arrivals.at(-1);
    if (last?.at === now) last.requests++;
    else this.#arrivals.push({ at: now, requests: 1 });
  }

  /** What there is, as a command of this name; nothing is left. */
  take(id: CommandId): { readonly command: Command; readonly arrivals: readonly Arrival[] } {
    const keys = this.#everyKey ? [everyKey] : rising(this.#keys);
    const command = { id, readOnly: this.#readOnly, keys, payload: this.#payload.copy() };
    const arrivals = this.#arrivals;
    this.#payload.reset();
    this.#arrivals = [];
    this.#requests = 0;
    this.#readOnly = true;
    this.#keys = [];
    this.#everyKey = false;
    return { command, arrivals };
  }

  #addKeys(keys: string | readonly string[] | null): void {
    if (typeof keys === "string") this.#keys.push(keyOf(keys));
    else if (keys === null) this.#everyKey = true;
    else for (const key of keys) this.#keys.push(keyOf(key));
  }
}

/** Each once. An array of numbers alone is sorted without calls back. */
const rising = (keys: readonly Key[]): readonly Key[] => {
  if (keys.length < 2) return keys;
  const sorted = new Uint32Array(keys).sort();
  const each: Key[] = [];
  for (let i = 0; i < sorted.length; i++) if (i === 0 || sorted[i] !== sorted[i - 1]) each.push(sorted[i]!);
  return each;
};
