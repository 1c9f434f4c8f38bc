import type { Edit } from "./mutant.ts";

/** A mistake in the linearizability checker, or in the reader of its histories. */
export interface CheckerMutant {
  readonly id: string;
  readonly what: string;
  readonly edits: readonly Edit[];
}

const at = (file: string, find: string, replace: string): Edit => ({ file: `src/check/${file}`, find, replace });
const judge = (file: string, find: string, replace: string): Edit => at(`linearizability/${file}`, find, replace);

export const checkerMutants: readonly CheckerMutant[] = [
  { id: "L-1", what: "operations that never return are dropped", edits: [at("history-reader.ts", "for (const operation of this.#open.values()) this.#record(operation);", "")] },
  { id: "L-2", what: "an operation that failed counts as done", edits: [at("history-reader.ts", '    if (type === "fail") return;\n    if (type === "ok") {', "    {")] },
  { id: "L-3", what: "an operation that failed counts as of unknown outcome", edits: [at("history-reader.ts", '    if (type === "fail") return;\n', "")] },
  { id: "L-4", what: "info counts as failed", edits: [at("history-reader.ts", 'if (type === "fail") return;', 'if (type !== "ok") return;')] },
  { id: "L-5", what: "info counts as returned", edits: [at("history-reader.ts", "      operation.returned = this.#line;\n", ""), at("history-reader.ts", "    this.#open.delete(client);\n", "    this.#open.delete(client);\n    operation.returned = this.#line;\n")] },
  { id: "L-6", what: "real time is ignored: everything was called at the beginning", edits: [judge("timeline.ts", "calls < returned && closed[byCall[calls]!]!.called < at; calls++", "calls < returned; calls++")] },
  { id: "L-7", what: "what was visited is told without the state", edits: [judge("memo.ts", "rows[at] !== state || ", ""), judge("memo.ts", "Math.imul(state, 0xcc9e2d51)", "0")] },
  { id: "L-8", what: "what was visited is told without the operations open", edits: [judge("memo.ts", " || !this.#equals(at + 1, words)", " || rows[at + 1] !== words[0]"), judge("memo.ts", "i < from + this.#words", "i < from + 1")] },
  { id: "L-9", what: "a configuration covers those that used fewer unknown outcomes", edits: [judge("memo.ts", "if (this.#within(rows, used, unknown, 0)) return false;", "if (this.#within(unknown, 0, rows, used)) return false;")] },
  { id: "L-10", what: "going back leaves what was let in", edits: [judge("frontier.ts", "        this.occupant[slot[called]!] = before[called]!;\n", "")] },
  { id: "L-11", what: "a cas swaps whatever is there", edits: [judge("kv-machine.ts", "      return expected;\n", "      return undefined;\n")] },
  { id: "L-12", what: "a cas with unknown outcome swaps whatever is there", edits: [judge("kv-machine.ts", "      return expected;\n", "      return returned < Infinity ? expected : undefined;\n")] },
  { id: "L-13", what: "what a swap found is not looked at", edits: [judge("kv-machine.ts", '    case "read":\n    case "swap":\n', '    case "swap":\n      return undefined;\n    case "read":\n')] },
  { id: "L-14", what: "a state that one remaining operation asks for is merged with those nobody asks for", edits: [judge("kv-machine.ts", "this.#wanted[state]! > fewer", "this.#wanted[state]! > fewer + 1")] },
  { id: "L-15", what: "a state still asked for may not be left, even if it can be made again", edits: [judge("kv-machine.ts", " && this.#makers[state] === 0) return refused", ") return refused")] },
  { id: "L-16", what: "a cas that fits goes first, and nothing else is tried", edits: [judge("kv-machine.ts", "return guard === state && this.#onlyLooks(operation);", "return guard === state;")] },
  { id: "L-17", what: "of alike operations the first goes first, called or not", edits: [judge("search.ts", "    if (twin < 0) return false;\n    return twin <", "    if (twin >= 0) return this.#frontier.taken[twin] === 0;\n    return twin <")] },
  { id: "L-18", what: "an unknown outcome is left out unless it helps the operation due", edits: [judge("search.ts", "if (next >= due && taken[next] === 0) helps", "if (next === due && taken[next] === 0) helps")] },
  { id: "L-19", what: "two unknown outcomes that touch nothing in common never stand side by side", edits: [judge("search.ts", "operation < this.#timeline.returned && this.#machine.independent", "this.#machine.independent")] },
  { id: "L-20", what: "of two ways in which a string can have come about the first is taken for the only one", edits: [judge("kv-appends.ts", "if (text === undefined || another !== undefined) continue;", "if (text === undefined) continue;")] },
  { id: "L-21", what: "a string that begins with an append was absent before, never empty", edits: [judge("kv-appends.ts", 'return written.has(empty) || appended.has("") ? undefined : states.of(null);', "return states.of(null);")] },
  { id: "L-22", what: "a transaction is judged with its first key alone", edits: [judge("kv.ts", "stepsOf(operation).map(({ key }) => key)", "stepsOf(operation).slice(0, 1).map(({ key }) => key)")] },
  { id: "L-23", what: "where operations join keys, each key is judged by itself and no more", edits: [judge("check.ts", "    ...partitions.map((partition) =>", "    ...partitions.filter(({ operations }) => model.projections(operations).length === 0).map((partition) =>")] },
  { id: "L-24", what: "what a transaction reads, its own writes before it have no part in", edits: [judge("store-machine.ts", "      store = this.#states.set(store, key, after);\n      if (repeats)", "      store = this.#states.set(store, key, repeats ? this.#states.get(state, key) : after);\n      if (repeats)")] },
  { id: "L-25", what: "a scan does not tell what is absent", edits: [judge("kv-steps.ts", "[...inRange.map((key) => ({ ...read, key, result: null })), ...operation", "[...operation")] },
  { id: "L-26", what: "a scan with a full result tells what is absent behind it", edits: [judge("kv-steps.ts", "result!.length < limit ? undefined : result!.at(-1)![0]", "undefined as string | undefined")] },
  { id: "L-27", what: "a scan may have more in it than was asked for, in any order", edits: [judge("store-machine.ts", "    if (impossible) return refused;\n", "")] },
  { id: "L-28", what: "when the time is up, what is not refuted holds", edits: [judge("check.ts", '        return { linearizable: "unknown", reason: "time"', '        if (left.length > 0) return { linearizable: true };\n        return { linearizable: "unknown", reason: "time"')] },
  { id: "L-29", what: "what does not fit into memory holds", edits: [judge("check.ts", 'if (task.whole && outcome === "more") outOfMemory', 'if (task.whole && outcome !== "more") outOfMemory')] },
];
