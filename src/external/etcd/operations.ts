/**
 * The store's operations in etcd's own, as its JSON gateway takes them (etcd's API reference, v3: KV). Keys and values are
 * base64, numbers text, and what is zero or empty is left out of an answer.
 */
import type { KeyOperation, Operation, OperationResult } from "../../core/operation.ts";
import { Store } from "../../engine/store.ts";

interface KeyValue {
  readonly key: string;
  readonly value?: string;
  readonly mod_revision: string;
}

interface Range {
  readonly kvs?: readonly KeyValue[];
}

/** Of all calls below, what they read of it. */
export interface Answer extends Range {
  readonly prev_kv?: KeyValue;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: Range }[];
}

/** One request of the gateway: an operation takes one or more, one after the other. */
export interface Call {
  readonly path: string;
  readonly body: object;
  /** Without an answer it is not known whether it took effect. */
  readonly writes: boolean;
  /** The operation's result, or what to ask next. */
  readonly read: (answer: Answer) => OperationResult | Call;
}

export const isCall = (next: OperationResult | Call): next is Call => "path" in next;

const done: OperationResult = { ok: true, value: null };
const notSwapped: OperationResult = { ok: false, value: null };

/**
 * `prefix`: of all keys of a run. A scan's order is that of UTF-8, which differs from the store's for keys with characters
 * beyond the Basic Multilingual Plane.
 */
export const callOf = (operation: Operation, prefix: string): Call => {
  switch (operation.type) {
    case "get":
      return reading(rangeOf(prefix + operation.key), ({ kvs }) => ({ ok: true, value: valueOf(kvs?.[0]) }));
    case "scan": {
      const range = { ...rangeOf(prefix + operation.key), range_end: encoded(endOf(prefix)), limit: String(operation.limit) };
      const entryOf = (found: KeyValue) => ({ key: textOf(found.key).slice(prefix.length), value: valueOf(found)! });
      return reading({ ...range, sort_order: "ASCEND", sort_target: "KEY" }, ({ kvs = [] }) => ({ ok: true, entries: kvs.map(entryOf) }));
    }
    case "put":
      return writing("put", putOf(prefix, operation), () => done);
    case "swap":
      return writing("put", { ...putOf(prefix, operation), prev_kv: true }, ({ prev_kv }) => ({ ok: true, value: valueOf(prev_kv) }));
    case "delete":
      return writing("deleterange", rangeOf(prefix + operation.key), () => done);
    case "cas": {
      const { key } = rangeOf(prefix + operation.key);
      const { expected } = operation;
      const condition = expected === null ? { target: "VERSION", version: "0" } : { target: "VALUE", value: encoded(expected) };
      const body = { compare: [{ key, ...condition }], success: [{ request_put: putOf(prefix, operation) }] };
      return writing("txn", body, ({ succeeded }) => (succeeded === true ? done : notSwapped));
    }
    case "append":
      return optimistic(operation, [operation.key], prefix);
    case "txn":
      return optimistic(operation, [...new Set(operation.operations.map(({ key }) => key))], prefix);
  }
};

/** Everything below a prefix, for the end of a run. */
export const removalOf = (prefix: string): Call =>
  writing("deleterange", { ...rangeOf(prefix), range_end: encoded(endOf(prefix)) }, () => done);

const reading = (body: object, read: Call["read"]): Call => ({ path: "/v3/kv/range", body, writes: false, read });

const writing = (name: "put" | "deleterange" | "txn", body: object, read: Call["read"]): Call => ({
  path: `/v3/kv/${name}`, body, writes: true, read,
});

/**
 * What etcd has no request for: reads the keys at one revision, works out what comes of them, and writes that if none of
 * them has changed meanwhile; else it begins again with what they are now, which the same answer tells.
 */
const optimistic = (operation: Operation, keys: readonly string[], prefix: string): Call => {
  const ranges = keys.map((key) => ({ request_range: rangeOf(prefix + key) }));

  const attempt = ({ responses = [] }: Answer): OperationResult | Call => {
    const found = keys.map((_, i) => responses[i]?.response_range?.kvs?.[0]);
    const store = new Store();
    const holds = (key: string): string | null => {
      const { value } = store.apply({ type: "get", key });
      return value && encoded(value);
    };
    const load = (key: string, value: Uint8Array | null): void => {
      if (value !== null) store.apply({ type: "put", key, value });
    };
    for (const [i, key] of keys.entries()) load(key, valueOf(found[i]));
    const before = keys.map(holds);
    const result = store.apply(operation);
    const changes = keys.flatMap((key, i) => {
      const value = holds(key);
      if (value === before[i]) return [];
      const where = rangeOf(prefix + key);
      return [value === null ? { request_delete_range: where } : { request_put: { ...where, value } }];
    });
    if (changes.length === 0) return result;
    const compare = keys.map((key, i) => ({ ...rangeOf(prefix + key), target: "MOD", mod_revision: found[i]?.mod_revision ?? "0" }));
    return writing("txn", { compare, success: changes, failure: ranges }, (answer) => (answer.succeeded === true ? result : attempt(answer)));
  };

  return { path: "/v3/kv/txn", body: { success: ranges }, writes: false, read: attempt };
};

const rangeOf = (key: string): { readonly key: string } => ({ key: encoded(key) });

const putOf = (prefix: string, { key, value }: Extract<KeyOperation, { value: Uint8Array }>): object => ({
  ...rangeOf(prefix + key), value: encoded(value),
});

const encoded = (content: string | Uint8Array): string =>
  (typeof content === "string" ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.length)).toString("base64");

const textOf = (base64: string): string => Buffer.from(base64, "base64").toString();

const valueOf = (found: KeyValue | undefined): Uint8Array | null => (found === undefined ? null : Buffer.from(found.value ?? "", "base64"));

/** The first key behind all that begin with the prefix. */
const endOf = (prefix: string): string => prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
