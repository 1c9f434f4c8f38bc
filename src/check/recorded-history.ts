import type { Micros } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { HistoryOperation, Value } from "./history.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const names = { get: "read", put: "write", delete: "delete", cas: "cas", append: "append", swap: "swap" } as const;
const decoder = new TextDecoder("latin1");

/** What clients saw, taken down as it happens. Values are told as text, a character a byte. */
export class RecordedHistory {
  readonly #operations: Mutable<HistoryOperation>[] = [];
  /** By client: what it waits for. */
  readonly #open = new Map<number, Mutable<HistoryOperation>>();
  /** A `cas` that did not swap had no effect and drops out. */
  readonly #failed = new Set<HistoryOperation>();
  #events = 0;

  /** A client has one operation open at a time. */
  called(client: number, operation: Operation, now: Micros): void {
    const entry: Mutable<HistoryOperation> = {
      client,
      f: names[operation.type],
      key: operation.key,
      value: "value" in operation ? decoder.decode(operation.value) : null,
      expected: operation.type === "cas" ? textOf(operation.expected) : null,
      result: null,
      called: this.#events++,
      returned: Infinity,
      calledAt: now * 1000,
      returnedAt: null,
    };
    this.#operations.push(entry);
    this.#open.set(client, entry);
  }

  returned(client: number, result: OperationResult, now: Micros): void {
    const entry = this.#open.get(client)!;
    this.#open.delete(client);
    entry.result = textOf(result.value);
    entry.returned = this.#events++;
    entry.returnedAt = now * 1000;
    if (!result.ok) this.#failed.add(entry);
  }

  /** Those that returned, or whose outcome is unknown. */
  get operations(): readonly HistoryOperation[] {
    return this.#operations.filter((operation) => !this.#failed.has(operation));
  }

  /** The history as JSON Lines, an event a line, in the order in which they happened: what `paxbench check` reads. */
  toJsonLines(): string {
    const lines: string[] = [];
    for (const operation of this.#operations) {
      const { client, f, key, value, expected, result, called, returned, calledAt, returnedAt } = operation;
      const argument = f === "cas" ? [expected, value] : value;
      lines[called] = JSON.stringify({ index: called, process: client, type: "invoke", f, key, value: argument, time: calledAt });
      if (returned === Infinity) continue;
      const type = this.#failed.has(operation) ? "fail" : "ok";
      const answer = f === "read" || f === "swap" ? result : argument;
      lines[returned] = JSON.stringify({ index: returned, process: client, type, f, key, value: answer, time: returnedAt });
    }
    return lines.map((line) => `${line}\n`).join("");
  }
}

const textOf = (value: Uint8Array | null): Value => (value === null ? null : decoder.decode(value));
