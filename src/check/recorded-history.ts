import { UsageError } from "../core/errors.ts";
import type { Micros } from "../core/ids.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { HistoryOperation, Value } from "./history.ts";

/** What an operation was called with, or answered, as the file has it. */
type Told = Value | readonly Told[];

interface Recorded {
  readonly client: number;
  readonly operation: Operation;
  readonly f: string;
  /** Null for a transaction. */
  readonly key: string | null;
  readonly asked: Told;
  readonly called: number;
  readonly calledAt: number;
  answer: Told;
  returned: number;
  returnedAt: number | null;
  /** A `cas` that did not swap, alone or in a transaction: it had no effect. */
  failed: boolean;
}

const names = {
  get: "read", put: "write", delete: "delete", cas: "cas", append: "append", swap: "swap", scan: "scan", txn: "txn",
} as const;
/** Within a transaction. */
const shortNames = { ...names, get: "r", put: "w" } as const;
const decoder = new TextDecoder("latin1");

/** What clients saw, taken down as it happens. Values are told as text, a character a byte. */
export class RecordedHistory {
  readonly #all: Recorded[] = [];
  /** By client: what it waits for. */
  readonly #open = new Map<number, Recorded>();
  #events = 0;

  /** A client has one operation open at a time. */
  called(client: number, operation: Operation, now: Micros): void {
    const entry: Recorded = {
      client,
      operation,
      f: names[operation.type],
      key: operation.type === "txn" ? null : operation.key,
      asked: askedOf(operation),
      called: this.#events++,
      calledAt: now * 1000,
      answer: null,
      returned: Infinity,
      returnedAt: null,
      failed: false,
    };
    this.#all.push(entry);
    this.#open.set(client, entry);
  }

  returned(client: number, result: OperationResult, now: Micros): void {
    const entry = this.#open.get(client)!;
    this.#open.delete(client);
    entry.failed = !result.ok;
    entry.answer = answerOf(entry.operation, result);
    entry.returned = this.#events++;
    entry.returnedAt = now * 1000;
  }

  /** Those that returned with an effect, or whose outcome is unknown. */
  get operations(): readonly HistoryOperation[] {
    return this.#all.filter(({ failed }) => !failed).map(historyOperation);
  }

  /** The history as JSON Lines, an event a line, in the order in which they happened: what `paxbench check` reads. */
  toJsonLines(): string {
    const lines: string[] = [];
    for (const { client, f, key, asked, answer, called, returned, calledAt, returnedAt, failed } of this.#all) {
      lines[called] = JSON.stringify({ index: called, process: client, type: "invoke", f, key, value: asked, time: calledAt });
      if (returned === Infinity) continue;
      const [type, value] = failed ? ["fail", asked] : ["ok", answer];
      lines[returned] = JSON.stringify({ index: returned, process: client, type, f, key, value, time: returnedAt });
    }
    return lines.map((line) => `${line}\n`).join("");
  }
}

/** `[expected, new]` of a cas, a scan's limit, `[f, key, value]` for each operation of a transaction. */
const askedOf = (operation: Operation): Told => {
  switch (operation.type) {
    case "get":
    case "delete":
      return null;
    case "cas":
      return [textOf(operation.expected), textOf(operation.value)];
    case "scan":
      return operation.limit;
    case "txn":
      return operation.operations.map((each) => [shortNames[each.type], each.key, askedOf(each)]);
    default:
      return textOf(operation.value);
  }
};

/** What was asked, with what reads and swaps saw in its place; `[key, value]` for each entry of a scan. */
const answerOf = (operation: Operation, result: OperationResult): Told => {
  if ("entries" in result) return result.entries.map(({ key, value }) => [key, textOf(value)]);
  if ("results" in result) {
    const { operations } = operation as Extract<Operation, { type: "txn" }>;
    return result.results.map((each, i) => [shortNames[operations[i]!.type], operations[i]!.key, answerOf(operations[i]!, each)]);
  }
  return operation.type === "get" || operation.type === "swap" ? textOf(result.value) : askedOf(operation);
};

const historyOperation = ({ operation, answer, client, called, returned, calledAt, returnedAt }: Recorded): HistoryOperation => {
  if (operation.type === "scan" || operation.type === "txn") {
    throw new UsageError(`a history with a ${operation.type} in it cannot be judged yet; allowed are operations on one key`);
  }
  const sees = operation.type === "get" || operation.type === "swap";
  return {
    client,
    f: names[operation.type],
    key: operation.key,
    value: "value" in operation ? textOf(operation.value) : null,
    expected: operation.type === "cas" ? textOf(operation.expected) : null,
    result: sees ? (answer as Value) : null,
    called,
    returned,
    calledAt,
    returnedAt,
  };
};

const textOf = (value: Uint8Array | null): Value => (value === null ? null : decoder.decode(value));
