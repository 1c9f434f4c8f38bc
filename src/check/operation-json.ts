/** Operations as histories write them, after the operation maps and micro-operations of Jepsen and Elle (K. Kingsbury). */
import { keyFunctions, type Access, type HistoryOperation, type ScanOperation, type Value } from "./history.ts";

/** What is wrong with an event of a history, and what is allowed; without a line, the line that is being read. */
export class Mistake extends Error {
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.line = line;
  }
}

export const reject = (what: string): never => {
  throw new Mistake(what);
};

/** Other names that can mean nothing else. */
const synonyms: Readonly<Record<string, string>> = { r: "read", w: "write", get: "read", put: "write" };

export const oneOf = <T extends string>(field: string, value: unknown, allowed: readonly T[]): T => {
  const name = typeof value === "string" && Object.hasOwn(synonyms, value) ? synonyms[value]! : value;
  return allowed.includes(name as T) ? (name as T) : reject(`${field} is ${json(value)}; allowed: ${allowed.join(", ")}`);
};

/** What an operation on a key asks, by the value of its call. */
export const askedOf = (f: Access["f"], value: unknown): Pick<Access, "value" | "expected"> => {
  switch (f) {
    case "read":
    case "delete":
      if (value !== null && value !== undefined) reject(`invoke of ${f} has value ${json(value)}; allowed is null`);
      return { value: null, expected: null };
    case "cas":
      if (!Array.isArray(value) || value.length !== 2) return reject(`cas has value ${json(value)}; allowed is [expected, new]`);
      return { expected: scalar(f, value[0]), value: scalar(f, value[1]) };
    case "append":
      if (typeof value !== "string") return reject(`append has value ${json(value)}; allowed is a string`);
      return { value, expected: null };
    default:
      return { value: scalar(f, value), expected: null };
  }
};

/** What an operation on a key was answered: null where an answer has nothing to tell, and only repeats or leaves out what was asked. */
export const answeredOf = (asked: Access, value: unknown, line: number): Value => {
  const { f } = asked;
  if (f === "read" || f === "swap") return scalar(`ok of ${f}`, value);
  const repeated = argumentOf(asked);
  if (value !== null && value !== undefined && JSON.stringify(value) !== JSON.stringify(repeated)) {
    reject(`ok of ${f} has value ${json(value)}; allowed is what it invoked on line ${line}, ${json(repeated)}, or null`);
  }
  return null;
};

export const limitOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : reject(`scan has value ${json(value)}; allowed is how many keys at most`);

export const entriesOf = (value: unknown): NonNullable<ScanOperation["result"]> => {
  const allowed = "allowed is a list of [key, value]";
  if (!Array.isArray(value)) return reject(`ok of scan has value ${json(value)}; ${allowed}`);
  return value.map((entry: unknown) => {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== "string") return reject(`ok of scan has ${json(entry)}; ${allowed}`);
    if (entry[1] === null) return reject(`ok of scan has ${json(entry)}; allowed are keys that are there`);
    return [entry[0], scalar("ok of scan", entry[1])] as const;
  });
};

/** The accesses of a transaction, by the value of its call: micro-operations `[f, key, value]`. */
export const accessesOf = (value: unknown): Access[] => {
  if (!Array.isArray(value)) return reject(`txn has value ${json(value)}; allowed is a list of [f, key, value]`);
  return value.map((micro: unknown) => {
    const [name, key, argument] = microOf("txn", micro);
    const f = oneOf("f in txn", name, keyFunctions);
    if (typeof key !== "string") return reject(`key in txn is ${json(key)}; allowed is a string`);
    return { f, key, ...askedOf(f, argument), result: null };
  });
};

/** The same with what they saw, by the value of the answer. */
export const answeredAccesses = (asked: readonly Access[], value: unknown, line: number): Access[] => {
  if (!Array.isArray(value) || value.length !== asked.length) {
    return reject(`ok of txn has value ${json(value)}; allowed is what it invoked on line ${line}, with what its reads saw`);
  }
  return asked.map((access, i) => {
    const [name, key, answer] = microOf("ok of txn", value[i]);
    if (oneOf("f in txn", name, keyFunctions) !== access.f || key !== access.key) {
      return reject(`ok of txn has ${json(value[i])}; allowed is what it invoked on line ${line}: ${json(microJson(access, false))}`);
    }
    return { ...access, result: answeredOf(access, answer, line) };
  });
};

const microOf = (of: string, micro: unknown): readonly unknown[] =>
  Array.isArray(micro) && (micro.length === 2 || micro.length === 3) ? micro : reject(`${of} has ${json(micro)}; allowed are [f, key, value]`);

const scalar = (of: string, value: unknown): Value => {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value !== "number") return reject(`${of} has value ${json(value)}; allowed is a string, a number, true, false or null`);
  // Beyond 2^53 JSON.parse takes different numbers for the same.
  if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return reject(`${of} has value ${value}; allowed are whole numbers up to 2^53 - 1, beyond them strings`);
  }
  return value;
};

type Argument = Value | readonly [Value, Value];

/** An access as a micro-operation, of the call or of the answer. */
const microJson = (access: Access, answered: boolean): readonly [f: string, key: string, value: Argument] => {
  const { f, key, result } = access;
  const name = f === "read" ? "r" : f === "write" ? "w" : f;
  return [name, key, answered && (f === "read" || f === "swap") ? result : argumentOf(access)];
};

const argumentOf = ({ f, value, expected }: Access): Argument => (f === "cas" ? [expected, value] : value);

/** The value of an operation's call. */
export const callValue = (operation: HistoryOperation): unknown => {
  switch (operation.f) {
    case "scan":
      return operation.value;
    case "txn":
      return operation.value.map((access) => microJson(access, false));
    default:
      return argumentOf(operation);
  }
};

/** The value of its answer. */
export const answerValue = (operation: HistoryOperation): unknown => {
  switch (operation.f) {
    case "scan":
      return operation.result;
    case "txn":
      return operation.value.map((access) => microJson(access, true));
    case "read":
    case "swap":
      return operation.result;
    default:
      return argumentOf(operation);
  }
};

export const json = (value: unknown): string => (value === undefined ? "missing" : excerpt(JSON.stringify(value)));

/** The beginning of what was read, fit for a terminal. */
export const excerpt = (text: string): string => {
  const beginning = text.length <= 40 ? text : `${text.slice(0, 40)}…`;
  return beginning.replaceAll(/\p{Cc}/gu, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`);
};
