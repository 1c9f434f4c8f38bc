import { UsageError } from "../core/errors.ts";
import { functions, type HistoryOperation, type Value } from "./history.ts";

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

/** Lines with the first append to a key, and with the first value put there that is no string; 0 for none. */
interface KeyUse {
  /** One copy for all operations on it. */
  readonly key: string;
  append: number;
  other: number;
}

/** What an operation takes, beside what its value says: some bytes, as V8 lays it out. */
const operationBytes = 160;

/**
 * Reads a recorded history, one JSON object a line, in real-time order:
 *
 *     {"process": 3, "type": "invoke", "f": "write", "key": "k", "value": 1, "time": 123456}
 *     {"process": 3, "type": "ok", "f": "write", "key": "k", "value": 1, "time": 234567}
 *
 * after the operation maps of Jepsen (K. Kingsbury): `fail` had no effect and drops out, `info` or no completion leaves the
 * outcome unknown. A process has one operation open at a time; after `info` it may go on to the next. Line numbers
 * are the order of events; `index` is not looked at, `time` (ns) only kept.
 *
 * What completes an operation repeats its f and key, and its value or null; save for `read` and `swap`, where an ok has
 * what was there (null: absent).
 */
export class HistoryReader {
  /** What returned or may have taken effect; complete after `end`. */
  readonly operations: HistoryOperation[] = [];
  /** Operations called, also those that failed. */
  invoked = 0;
  /** What the operations take in memory, roughly. */
  bytes = 0;
  readonly #file: string;
  readonly #open = new Map<number, Mutable<HistoryOperation>>();
  readonly #keys = new Map<string, KeyUse>();
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
    const event = this.#parse(text);
    const type = this.#oneOf("type", event.type, types);
    const client = event.process;
    if (typeof client !== "number" || !Number.isSafeInteger(client) || client < 0) this.#reject(`process is ${json(client)}; allowed is a whole number`);
    const f = this.#oneOf("f", event.f, functions);
    if (typeof event.key !== "string") this.#reject(`key is ${json(event.key)}; allowed is a string`);
    if (typeof event.time !== "number" && event.time !== undefined && event.time !== null) this.#reject(`time is ${json(event.time)}; allowed is a number of nanoseconds`);
    if (type === "invoke") this.#invoke(client, f, event.key, event.value, event.time ?? null);
    else this.#complete(client, type, f, event.key, event.value, event.time ?? null);
  }

  /** Nothing follows: what is still open has an unknown outcome. Throws a `UsageError` if there was nothing at all. */
  end(): void {
    if (this.#line === 0) throw new UsageError(`${this.#file}: empty; allowed is a history, one JSON object a line`);
    for (const operation of this.#open.values()) this.#record(operation);
    this.#open.clear();
  }

  #parse(text: string): Event {
    if (text.trim() === "") this.#reject("an empty line; allowed is one JSON object a line");
    let event: unknown;
    try {
      event = JSON.parse(text);
    } catch {
      const cut = /^\s*\{.*[^}\s]\s*$/s.test(text);
      this.#reject(`${cut ? "the line is cut off" : "not JSON"}: ${excerpt(text)}; allowed is one JSON object a line`);
    }
    if (typeof event !== "object" || event === null || Array.isArray(event)) this.#reject(`${excerpt(text)} is no JSON object`);
    return event;
  }

  #invoke(client: number, f: HistoryOperation["f"], key: string, value: unknown, time: number | null): void {
    const before = this.#open.get(client);
    if (before !== undefined) this.#reject(`process ${client} invokes ${f} while its ${before.f} of line ${before.called} is open; allowed is one at a time`);
    let use = this.#keys.get(key);
    if (use === undefined) this.#keys.set(key, (use = { key, append: 0, other: 0 }));
    this.invoked++;
    this.#open.set(client, {
      client,
      f,
      key: use.key,
      ...this.#asked(f, value),
      result: null,
      called: this.#line,
      returned: Infinity,
      calledAt: time,
      returnedAt: null,
    });
  }

  #complete(client: number, type: "ok" | "fail" | "info", f: HistoryOperation["f"], key: string, value: unknown, time: number | null): void {
    const operation = this.#open.get(client);
    if (operation === undefined) this.#reject(`${type} of process ${client}, which has nothing open; allowed is invoke`);
    if (operation.f !== f || operation.key !== key) {
      this.#reject(
        `${type} of ${f} ${json(key)} for process ${client}; allowed is what it invoked on line ${operation.called}: ${operation.f} ${json(operation.key)}`,
      );
    }
    this.#open.delete(client);
    if (type === "fail") return;
    if (type === "ok") {
      operation.result = this.#answered(operation, value);
      operation.returned = this.#line;
      operation.returnedAt = time;
    }
    this.#record(operation);
  }

  #asked(f: HistoryOperation["f"], value: unknown): Pick<HistoryOperation, "value" | "expected"> {
    switch (f) {
      case "read":
      case "delete":
        if (value !== null && value !== undefined) this.#reject(`invoke of ${f} has value ${json(value)}; allowed is null`);
        return { value: null, expected: null };
      case "cas":
        if (!Array.isArray(value) || value.length !== 2) this.#reject(`cas has value ${json(value)}; allowed is [expected, new]`);
        return { expected: this.#scalar(f, value[0]), value: this.#scalar(f, value[1]) };
      case "append":
        if (typeof value !== "string") this.#reject(`append has value ${json(value)}; allowed is a string`);
        return { value, expected: null };
      default:
        return { value: this.#scalar(f, value), expected: null };
    }
  }

  /** The result that an ok tells: null where it has none. */
  #answered(operation: HistoryOperation, value: unknown): Value {
    const { f } = operation;
    if (f === "read" || f === "swap") return this.#scalar(`ok of ${f}`, value);
    const asked = f === "cas" ? [operation.expected, operation.value] : operation.value;
    if (value !== null && value !== undefined && JSON.stringify(value) !== JSON.stringify(asked)) {
      this.#reject(`ok of ${f} has value ${json(value)}; allowed is what it invoked on line ${operation.called}, ${json(asked)}, or null`);
    }
    return null;
  }

  #scalar(of: string, value: unknown): Value {
    if (value === null || typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value !== "number") this.#reject(`${of} has value ${json(value)}; allowed is a string, a number, true, false or null`);
    // Beyond 2^53 JSON.parse takes different numbers for the same.
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
      this.#reject(`${of} has value ${value}; allowed are whole numbers up to 2^53 - 1, beyond them strings`);
    }
    return value;
  }

  /** Takes in an operation that had an effect, or may have had one. */
  #record(operation: HistoryOperation): void {
    const { f, key, value, expected, result, called } = operation;
    const first = this.#keys.get(key)!;
    if (f === "append") first.append ||= called;
    else if (value !== null && typeof value !== "string") first.other ||= called;
    if (first.append !== 0 && first.other !== 0) {
      throw new UsageError(
        `${this.#file}:${first.append}: append to key ${json(key)}, where line ${first.other} puts a value that is no string; allowed on such a key are strings`,
      );
    }
    for (const text of [value, expected, result]) if (typeof text === "string") this.bytes += 2 * text.length;
    this.bytes += operationBytes;
    this.operations.push(operation);
  }

  #oneOf<T extends string>(field: string, value: unknown, allowed: readonly T[]): T {
    if (!allowed.includes(value as T)) this.#reject(`${field} is ${json(value)}; allowed: ${allowed.join(", ")}`);
    return value as T;
  }

  #reject(what: string): never {
    throw new UsageError(`${this.#file}:${this.#line}: ${what}`);
  }
}

const json = (value: unknown): string => (value === undefined ? "missing" : excerpt(JSON.stringify(value)));

const excerpt = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);
