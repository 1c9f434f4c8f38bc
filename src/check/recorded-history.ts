import type { Micros } from "../core/ids.ts";
import type { KeyOperation, KeyResult, Operation, OperationResult } from "../core/operation.ts";
import type { Access, HistoryOperation, Value } from "./history.ts";
import { answerValue, callValue } from "./operation-json.ts";

interface Recorded {
  readonly asked: Operation;
  /** With its answer, once there is one. */
  told: HistoryOperation;
  /**
   * Where it ended without an answer to judge. `fail`: it had no effect; a `cas` did not swap, alone or in a transaction, or
   * no replica took it. `info`: its client gave it up; it may take effect at any later time, or never.
   */
  ended: { readonly type: "fail" | "info"; readonly at: number; readonly time: number } | null;
}

const names = { get: "read", put: "write", delete: "delete", cas: "cas", append: "append", swap: "swap" } as const;
const decoder = new TextDecoder("latin1");

/** Characters: what memory and a text have room for. */
const most = 200_000_000;
/** Of a line, its key and values aside. */
const lineLength = 90;

/** Of an entry of a scan, in the same way: its punctuation. */
const entryLength = 6;

/** The last line of a history that has no room for more. It is a history all the same: of what happened until then. */
const cutLine = `${JSON.stringify({ process: "nemesis", type: "info", f: "cut", value: "no room for more" })}\n`;

/** A verdict that it is linearizable says nothing on what followed. */
export const isCut = (jsonLines: string): boolean => jsonLines.endsWith(cutLine);

/** What clients saw, taken down as it happens. Values are told as text, a character a byte. */
export class RecordedHistory {
  /** Characters for which there is room. */
  #room: number;
  readonly #all: Recorded[] = [];
  /** By client: what it waits for. */
  readonly #open = new Map<number, Recorded>();
  /** By client, once it is not its number: a process that gave an operation up does nothing more. */
  readonly #processes = new Map<number, number>();
  /** The line that the next event will be on. */
  #line = 1;

  constructor(room = most) {
    this.#room = room;
  }

  /** A client has one operation open at a time. */
  called(client: number, operation: Operation, now: Micros): void {
    if (this.#room < 0) return;
    const process = this.#processes.get(client) ?? client;
    const call = { client: process, called: this.#line++, returned: Infinity, calledAt: now * 1000, returnedAt: null };
    const entry: Recorded = { asked: operation, told: { ...call, ...contentOf(operation) }, ended: null };
    this.#all.push(entry);
    this.#open.set(client, entry);
    this.#room -= lineLength + lengthOf(operation);
  }

  returned(client: number, result: OperationResult, now: Micros): void {
    if (!result.ok) return this.failed(client, now);
    const entry = this.#close(client);
    if (entry === null) return;
    this.#room -= lineLength + lengthOf(entry.asked) + lengthOfAnswer(result);
    entry.told = { ...entry.told, ...contentOf(entry.asked, result), returned: this.#line++, returnedAt: now * 1000 };
  }

  /** What the client waited for had no effect, and never will. */
  failed(client: number, now: Micros): void {
    const entry = this.#close(client);
    if (entry !== null) entry.ended = { type: "fail", at: this.#line++, time: now * 1000 };
  }

  /** The client, one of so many, gave up what it had open: it goes on as another process. */
  abandoned(client: number, clients: number, now: Micros): void {
    const entry = this.#close(client);
    if (entry === null) return;
    this.#processes.set(client, entry.told.client + clients);
    entry.ended = { type: "info", at: this.#line++, time: now * 1000 };
  }

  /** Null where there was no room: what was open then stays open. */
  #close(client: number): Recorded | null {
    if (this.#room < 0) return null;
    const entry = this.#open.get(client)!;
    this.#open.delete(client);
    return entry;
  }

  /** Those that returned with an effect, or whose outcome is unknown. */
  get operations(): readonly HistoryOperation[] {
    return this.#all.filter(({ ended }) => ended?.type !== "fail").map(({ told }) => told);
  }

  /** How many operations were called; some of them failed. */
  get invoked(): number {
    return this.#all.length;
  }

  /** The history as JSON Lines, an event a line, in the order in which they happened: what `paxbench check` reads. */
  toJsonLines(): string {
    const lines: string[] = [];
    for (const { told, ended } of this.#all) {
      const { client, f, key, called, returned, calledAt, returnedAt } = told;
      const line = (at: number, type: string, value: unknown, time: number | null): void => {
        lines[at - 1] = JSON.stringify({ index: at - 1, process: client, type, f, key, value, time });
      };
      line(called, "invoke", callValue(told), calledAt);
      if (ended !== null) line(ended.at, ended.type, callValue(told), ended.time);
      else if (returned < Infinity) line(returned, "ok", answerValue(told), returnedAt);
    }
    return lines.map((line) => `${line}\n`).join("") + (this.#room < 0 ? cutLine : "");
  }
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Content = Without<HistoryOperation, "client" | "called" | "returned" | "calledAt" | "returnedAt">;

/** What was asked, and what was seen, as far as there is an answer. */
const contentOf = (operation: Operation, answer?: OperationResult): Content => {
  switch (operation.type) {
    case "scan": {
      const result = answer && "entries" in answer ? answer.entries.map(({ key, value }) => [key, decoder.decode(value)] as const) : null;
      return { f: "scan", key: operation.key, value: operation.limit, expected: null, result };
    }
    case "txn": {
      const results = answer && "results" in answer ? answer.results : [];
      return { f: "txn", key: null, value: operation.operations.map((each, i) => accessOf(each, results[i])), expected: null, result: null };
    }
    default:
      return accessOf(operation, answer && "value" in answer ? answer : undefined);
  }
};

const accessOf = (operation: KeyOperation, answer: KeyResult | undefined): Access => ({
  f: names[operation.type],
  key: operation.key,
  value: "value" in operation ? decoder.decode(operation.value) : null,
  expected: operation.type === "cas" ? textOf(operation.expected) : null,
  result: operation.type === "get" || operation.type === "swap" ? textOf(answer?.value ?? null) : null,
});

const textOf = (value: Uint8Array | null): Value => (value === null ? null : decoder.decode(value));

const lengthOf = (operation: Operation): number =>
  operation.type === "txn" ? operation.operations.reduce((sum, each) => sum + lengthOfKeyed(each), 0) : operation.type === "scan" ? operation.key.length : lengthOfKeyed(operation);

const lengthOfKeyed = (operation: KeyOperation): number => operation.key.length + ("value" in operation ? operation.value.length : 0);

const lengthOfAnswer = (answer: OperationResult): number => {
  if ("entries" in answer) return answer.entries.reduce((sum, { key, value }) => sum + key.length + value.length + entryLength, 0);
  return "results" in answer ? answer.results.reduce((sum, each) => sum + lengthOfAnswer(each), 0) : (answer.value?.length ?? 0);
};
