import { UsageError } from "../core/errors.ts";
import { functions, type Access, type HistoryOperation } from "./history.ts";
import { accessesOf, answeredAccesses, answeredOf, askedOf, entriesOf, excerpt, json, limitOf, Mistake, oneOf, reject } from "./operation-json.ts";

const types = ["invoke", "ok", "fail", "info"] as const;

/** A line as it was parsed: nothing about it is certain. */
interface Event {
  readonly type?: unknown;
  readonly process?: unknown;
  readonly f?: unknown;
  readonly key?: unknown;
  readonly value?: unknown;
  readonly time?: unknown;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** What may be open: the result is still to come. */
type Open = HistoryOperation extends infer Each ? Mutable<Each> : never;

/** Lines with the first append to a key, and with the first value put there that is no string; 0 for none. */
interface KeyUse {
  /** One copy for all operations on it. */
  readonly key: string;
  append: number;
  other: number;
}

/** What an access takes, beside what its value says: some bytes, as V8 lays it out. */
const accessBytes = 160;

/**
 * Reads a recorded history, one JSON object a line, in real-time order:
 *
 *     {"process": 3, "type": "invoke", "f": "write", "key": "k", "value": 1, "time": 123456}
 *     {"process": 3, "type": "ok", "f": "write", "key": "k", "value": 1, "time": 234567}
 *
 * after the operation maps of Jepsen (K. Kingsbury): `fail` had no effect and drops out, `info` or no completion leaves the
 * outcome unknown. A process has one operation open at a time; after `info` it may go on to the next. Line numbers
 * are the order of events; `index` is not looked at, `time` (ns) only kept. Lines of the process "nemesis" are skipped.
 *
 * Keys are strings, or all of them numbers; without any there is one nameless key. What completes an operation repeats its
 * f and key, and its value or null; save for what saw something: an ok of `read` and `swap` has what was there (null:
 * absent), one of `scan` `[key, value]` for each key, one of `txn` its list with what reads and swaps saw.
 */
export class HistoryReader {
  /** What returned or may have taken effect; complete after `end`. */
  readonly operations: HistoryOperation[] = [];
  /** Operations called, also those that failed. */
  invoked = 0;
  /** What the operations take in memory, roughly. */
  bytes = 0;
  readonly #file: string;
  readonly #open = new Map<number, Open>();
  readonly #keys = new Map<string, KeyUse>();
  /** What all keys are, by the first. */
  #keyType: "string" | "number" | "missing" | undefined;
  #line = 0;

  /** `file` is for messages. */
  constructor(file: string) {
    this.#file = file;
  }

  /** Every key that some operation was called on. */
  get keys(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** The next line, without its end. Throws a `UsageError` with file and line: what is wrong, and what is allowed. */
  read(text: string): void {
    this.#line++;
    this.#placed(() => this.#take(eventOf(text)));
  }

  /** Nothing follows: what is still open has an unknown outcome. Throws a `UsageError` if there was nothing at all. */
  end(): void {
    if (this.#line === 0) throw new UsageError(`${this.#file}: empty; allowed is a history, one JSON object a line`);
    this.#placed(() => {
      for (const operation of this.#open.values()) this.#record(operation);
    });
    this.#open.clear();
  }

  #placed(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (error instanceof Mistake) throw new UsageError(`${this.#file}:${error.line ?? this.#line}: ${error.message}`);
      // The stack's end: JSON.parse goes deeper than whatever looks at what it returned.
      if (error instanceof RangeError) throw new UsageError(`${this.#file}:${this.#line}: nested too deep; allowed are values, and lists of them`);
      throw error;
    }
  }

  #take({ type: eventType, process: client, f: name, key: eventKey, value, time }: Event): void {
    if (client === "nemesis" || client === ":nemesis") return;
    const type = oneOf("type", eventType, types);
    if (typeof client !== "number" || !Number.isSafeInteger(client) || client < 0) {
      return reject(`process is ${json(client)}; allowed is a whole number, or "nemesis", which is skipped`);
    }
    const f = oneOf("f", name, functions);
    const key = this.#keyOf(f, eventKey);
    if (typeof time !== "number" && time !== undefined && time !== null) return reject(`time is ${json(time)}; allowed is a number of nanoseconds`);
    if (type === "invoke") this.#invoke(client, f, key, value, time ?? null);
    else this.#complete(client, type, f, key, value, time ?? null);
  }

  /** The key of an event, as text; null for a transaction. */
  #keyOf(f: HistoryOperation["f"], key: unknown): string | null {
    if (f === "txn") return key === null || key === undefined ? null : reject(`key of txn is ${json(key)}; allowed is null`);
    if (f === "scan") return typeof key === "string" ? key : reject(`key of scan is ${json(key)}; allowed is a string`);
    const type = typeof key === "string" ? "string" : Number.isSafeInteger(key) ? "number" : key === null || key === undefined ? "missing" : undefined;
    if (type === undefined) return reject(`key is ${json(key)}; allowed is a string or a whole number`);
    this.#keyType ??= type;
    if (type !== this.#keyType) reject(`key is ${json(key)}, those before are not; allowed are strings, or whole numbers, or none at all`);
    return type === "missing" ? "" : String(key);
  }

  #invoke(client: number, f: HistoryOperation["f"], key: string | null, value: unknown, time: number | null): void {
    const before = this.#open.get(client);
    if (before !== undefined) reject(`process ${client} invokes ${f} while its ${before.f} of line ${before.called} is open; allowed is one at a time`);
    this.invoked++;
    const call = { client, called: this.#line, returned: Infinity, calledAt: time, returnedAt: null };
    if (f === "scan") this.#open.set(client, { ...call, f, key: key!, value: limitOf(value), expected: null, result: null });
    else if (f === "txn") {
      const accesses = accessesOf(value).map((access) => ({ ...access, key: this.#useOf(access.key).key }));
      this.#open.set(client, { ...call, f, key: null, value: accesses, expected: null, result: null });
    } else this.#open.set(client, { ...call, f, key: this.#useOf(key!).key, ...askedOf(f, value), result: null });
  }

  #complete(client: number, type: "ok" | "fail" | "info", f: HistoryOperation["f"], key: string | null, value: unknown, time: number | null): void {
    const operation = this.#open.get(client) ?? reject(`${type} of process ${client}, which has nothing open; allowed is invoke`);
    if (operation.f !== f || operation.key !== key) {
      reject(
        `${type} of ${f} ${json(key)} for process ${client}; allowed is what it invoked on line ${operation.called}: ${operation.f} ${json(operation.key)}`,
      );
    }
    this.#open.delete(client);
    if (type === "fail") return;
    if (type === "ok") {
      if (operation.f === "scan") operation.result = entriesOf(value);
      else if (operation.f === "txn") operation.value = answeredAccesses(operation.value, value, operation.called);
      else operation.result = answeredOf(operation, value, operation.called);
      operation.returned = this.#line;
      operation.returnedAt = time;
    }
    this.#record(operation);
  }

  /** Takes in an operation that had an effect, or may have had one. */
  #record(operation: HistoryOperation): void {
    if (operation.f === "scan") {
      for (const [key, value] of operation.result ?? []) this.bytes += accessBytes + sizeOf(key) + sizeOf(value);
      this.bytes += accessBytes;
    } else if (operation.f === "txn") {
      for (const access of operation.value) this.#use(access, operation.called);
      this.bytes += accessBytes;
    } else this.#use(operation, operation.called);
    this.operations.push(operation);
  }

  #use({ f, key, value, expected, result }: Access, line: number): void {
    const first = this.#useOf(key);
    if (f === "append") first.append ||= line;
    else if (value !== null && typeof value !== "string") first.other ||= line;
    if (first.append !== 0 && first.other !== 0) {
      throw new Mistake(
        `append to key ${json(key)}, where line ${first.other} puts a value that is no string; allowed on such a key are strings`,
        first.append,
      );
    }
    this.bytes += accessBytes + sizeOf(value) + sizeOf(expected) + sizeOf(result);
  }

  #useOf(key: string): KeyUse {
    let use = this.#keys.get(key);
    if (use === undefined) this.#keys.set(key, (use = { key, append: 0, other: 0 }));
    return use;
  }
}

const eventOf = (text: string): Event => {
  if (text.trim() === "") reject("an empty line; allowed is one JSON object a line");
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    const cut = /^\s*\{.*[^}\s]\s*$/s.test(text);
    reject(`${cut ? "the line is cut off" : "not JSON"}: ${excerpt(text)}; allowed is one JSON object a line`);
  }
  return typeof event === "object" && event !== null && !Array.isArray(event) ? event : reject(`${excerpt(text)} is no JSON object`);
};

const sizeOf = (value: unknown): number => (typeof value === "string" ? 2 * value.length : 0);
