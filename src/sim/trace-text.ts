/** Messages, records and operations as people read them. */
import { proposerOf, roundOf, type Ballot } from "../core/ballot.ts";
import { Reader } from "../core/bytes.ts";
import { commandName, noop, type Command } from "../core/command.ts";
import type { Operation, OperationResult } from "../core/operation.ts";
import type { Tagged } from "../core/protocol.ts";
import { readRequest } from "../engine/requests.ts";

const decoder = new TextDecoder("latin1");
/** Bytes of a value that are shown. */
const shown = 24;

const valueText = (value: Uint8Array | null): string => {
  if (value === null) return "absent";
  const text = decoder.decode(value.subarray(0, shown)).replaceAll(/[^ -~]/g, "·");
  return value.length > shown ? `${text}… (${value.length} bytes)` : text;
};

/** `put k1=17`, `cas k1: 17→18`, `scan k1…, 3`, `txn(get k1; put k2=5)`. */
export const operationText = (operation: Operation): string => {
  switch (operation.type) {
    case "txn": return `txn(${operation.operations.map(operationText).join("; ")})`;
    case "scan": return `scan ${operation.key}…, ${operation.limit}`;
    case "cas": return `cas ${operation.key}: ${valueText(operation.expected)}→${valueText(operation.value)}`;
    case "get":
    case "delete": return `${operation.type} ${operation.key}`;
    default: return `${operation.type} ${operation.key}=${valueText(operation.value)}`;
  }
};

/** What a client is told: what was there, or how it went. Null: a definite no. */
export const resultText = (operation: Operation, result: OperationResult | null): string => {
  if (result === null) return "rejected";
  if ("entries" in result) return `→ ${result.entries.map(({ key, value }) => `${key}=${valueText(value)}`).join(", ")}`;
  if (!result.ok) return "not swapped";
  if ("results" in result) {
    const { operations } = operation as Extract<Operation, { type: "txn" }>;
    return result.results.map((one, place) => resultText(operations[place]!, one)).join("; ");
  }
  return operation.type === "get" || operation.type === "swap" ? `→ ${valueText(result.value)}` : "ok";
};

/** All fields but the type: `ballot=1.0 slot=3 command=0.2(1.4 put k1=17)`. */
export const contentOf = (tagged: Tagged): string =>
  Object.entries(tagged).filter(([name]) => name !== "type").map(([name, value]) => `${name}=${fieldText(name, value)}`).join(" ");

const fieldText = (name: string, value: unknown): string => {
  if (value === null || value === undefined) return "–";
  // A ballot is a number like any other once it runs; its name is what tells it.
  if (typeof value === "number" && /ballot$/i.test(name)) return ballotText(value as Ballot);
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "string") return String(value);
  if (value instanceof Uint8Array) return valueText(value);
  if (Array.isArray(value)) return `[${value.map((element) => fieldText(name, element)).join(", ")}]`;
  if (isCommand(value)) return commandText(value);
  return `{${Object.entries(value).map(([field, inner]) => `${field}=${fieldText(field, inner)}`).join(" ")}}`;
};

const ballotText = (ballot: Ballot): string => `${roundOf(ballot)}.${proposerOf(ballot)}`;

const isCommand = (value: unknown): value is Command =>
  typeof value === "object" && value !== null && "id" in value && "keys" in value && "payload" in value;

/** Its name, and the requests in it by (client, sequence). */
const commandText = ({ id, payload }: Command): string => {
  if (id === noop.id) return "no-op";
  const reader = new Reader(payload);
  const requests: string[] = [];
  while (!reader.done) {
    const { client, sequence, operation } = readRequest(reader);
    requests.push(`${client}.${sequence} ${operationText(operation)}`);
  }
  return `${commandName(id)}(${requests.join(", ")})`;
};
