import { invariant } from "../../core/assert.ts";
import type { HistoryOperation, Value } from "../history.ts";
import { KvMachine } from "./kv-machine.ts";
import type { Model } from "./model.ts";

/**
 * A store of single keys, absent at first. Appends are to strings, or to an absent key, which counts as "": any other
 * value on a key that is appended to is the recorder's mistake.
 */
export const kv: Model<HistoryOperation> = {
  name: "kv",
  initial: null,
  keys: ({ key }) => [key],
  machine: (operations) => new KvMachine(operations),

  apply(state, { f, value, expected, result, returned }) {
    switch (f) {
      case "read":
        return returned === Infinity || state === result ? state : undefined;
      case "write":
        return value;
      case "delete":
        return null;
      case "swap":
        return returned === Infinity || state === result ? value : undefined;
      case "cas":
        if (state === expected) return value;
        return returned === Infinity ? state : undefined;
      case "append":
        invariant(state === null || typeof state === "string", "a key that is appended to holds strings");
        return (state ?? "") + String(value);
    }
  },

  describe({ f, value, expected, result, returned }) {
    const unknown = returned === Infinity;
    switch (f) {
      case "read":
        return unknown ? "read" : `read → ${show(result)}`;
      case "write":
      case "append":
        return `${f} ${show(value)}`;
      case "delete":
        return "delete";
      case "swap":
        return unknown ? `swap ${show(value)}` : `swap ${show(value)} → was ${show(result)}`;
      case "cas":
        return `cas ${show(expected)} → ${show(value)}`;
    }
  },

  describeState: (state) => show(state as Value),
};

const shown = 60;

/** As JSON; long strings by their ends, for what was appended last says most. */
const show = (value: Value): string => {
  if (value === null) return "absent";
  const text = JSON.stringify(value);
  return text.length <= shown ? text : `${text.slice(0, shown / 3)}…${text.slice((-2 * shown) / 3)}`;
};
