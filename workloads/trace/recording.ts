/**
 * A recorded trace: JSON Lines, an operation a line, in the form of the calls of a history (docs/histories.md): `f`, `key`,
 * `value`, `process`. So a history is a trace, whose answers are passed over. What a plain trace may leave out: `process`,
 * and the value of a write, which then gets one of its own.
 */
import { UsageError, type KeyOperation, type Operation } from "paxbench";

export interface RecordedOperation {
  /** Null: not said. */
  readonly process: string | null;
  readonly operation: Operation;
  /** It writes, but what was not recorded. */
  readonly unsaid: boolean;
  /** On a key that another process uses too, as far as that was recorded. */
  readonly shared: boolean;
}

export interface Recording {
  readonly operations: readonly RecordedOperation[];
  /** In the order in which they appear. */
  readonly processes: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Throws a `UsageError` that names the line. */
export const readRecording = (text: string): Recording => {
  const operations: (Omit<RecordedOperation, "shared"> & { readonly keys: readonly string[] })[] = [];
  const users = new Map<string, string | null>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const reject = (what: string): never => {
      throw new UsageError(`line ${index + 1}: ${what}`);
    };
    const fields = fieldsOf(line, reject);
    if (isPassedOver(fields, reject)) continue;
    const process = fields["process"] === undefined ? null : JSON.stringify(fields["process"]);
    const operation = operationOf(fields, reject);
    const keys = operation.type === "txn" ? operation.operations.map(({ key }) => key) : [operation.key];
    for (const key of keys) users.set(key, users.has(key) && (process === null || users.get(key) !== process) ? several : process);
    const unsaid = fields["value"] === undefined && (operation.type === "put" || operation.type === "append" || operation.type === "swap");
    operations.push({ process, operation, unsaid, keys });
  }
  if (operations.length === 0) throw new UsageError("has no operation; allowed is a line for each, such as {\"f\": \"read\", \"key\": \"k\"}");
  const isShared = (operation: Operation, keys: readonly string[]): boolean => operation.type === "scan" || keys.some((key) => users.get(key) === several);
  return {
    operations: operations.map(({ process, operation, unsaid, keys }) => ({ process, operation, unsaid, shared: isShared(operation, keys) })),
    processes: [...new Set(operations.flatMap(({ process }) => (process === null ? [] : [process])))],
  };
};

/** No process: JSON has no such text for one. */
const several = "\n";

type Reject = (what: string) => never;

const fieldsOf = (line: string, reject: Reject): Fields => {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return reject(`is no JSON: ${excerpt(line)}; allowed is an operation a line`);
  }
  return typeof fields === "object" && fields !== null && !Array.isArray(fields) ? (fields as Fields) : reject(`is ${excerpt(line)}; allowed is an object`);
};

/** Answers, and what was done to the machines. */
const isPassedOver = ({ type, process }: Fields, reject: Reject): boolean => {
  if (process === "nemesis" || type === "ok" || type === "fail" || type === "info") return true;
  return type === undefined || type === "invoke" ? false : reject(`type is ${excerpt(JSON.stringify(type))}; allowed: invoke, ok, fail, info, or none`);
};

const names: Readonly<Record<string, KeyOperation["type"]>> = {
  read: "get", get: "get", r: "get", write: "put", put: "put", w: "put", append: "append", swap: "swap", cas: "cas", delete: "delete",
};

const operationOf = ({ f, key, value }: Fields, reject: Reject): Operation => {
  if (f === "scan") {
    const limit = Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : reject(`scan has value ${told(value)}; allowed is how many keys at most`);
    return { type: "scan", key: keyOf(key, reject), limit };
  }
  if (f !== "txn") return keyOperationOf(f, key, value, reject);
  if (!Array.isArray(value) || value.length === 0) return reject(`txn has value ${told(value)}; allowed is a list of [f, key, value]`);
  return { type: "txn", operations: value.map((micro: unknown) => (Array.isArray(micro) ? keyOperationOf(micro[0], micro[1], micro[2], reject) : reject(`txn has ${told(micro)}; allowed is [f, key, value]`))) };
};

const keyOperationOf = (f: unknown, givenKey: unknown, value: unknown, reject: Reject): KeyOperation => {
  const type = typeof f === "string" && Object.hasOwn(names, f) ? names[f]! : reject(`f is ${told(f)}; allowed: ${Object.keys(names).join(", ")}, scan, txn`);
  const key = keyOf(givenKey, reject);
  switch (type) {
    case "get":
    case "delete":
      return { type, key };
    case "cas": {
      if (!Array.isArray(value) || value.length !== 2) return reject(`cas has value ${told(value)}; allowed is [expected, new]`);
      return { type, key, expected: bytesOf(value[0]), value: bytesOf(value[1]) ?? reject("cas has the new value null; allowed is a value") };
    }
    default: {
      const bytes = value === undefined ? new Uint8Array(0) : bytesOf(value);
      if (bytes !== null) return { type, key, value: bytes };
      return type === "put" ? { type: "delete", key } : reject(`${type} has value null; allowed is a value`);
    }
  }
};

/** Histories of one register name none. */
const keyOf = (key: unknown, reject: Reject): string =>
  key === undefined || key === null ? "" : typeof key === "string" || typeof key === "number" ? String(key) : reject(`key is ${told(key)}; allowed is a text`);

const encoder = new TextEncoder();

/** Null: none. Our histories have a character for each byte. */
const bytesOf = (value: unknown): Uint8Array | null => {
  if (value === null) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return /^[\0-\xff]*$/.test(text) ? Uint8Array.from(text, (character) => character.charCodeAt(0)) : encoder.encode(text);
};

const told = (value: unknown): string => (value === undefined ? "missing" : excerpt(JSON.stringify(value)));

const excerpt = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 40)}…`);
