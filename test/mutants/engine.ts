import type { Mutant } from "./mutant.ts";

const file = "src/engine/engine.ts";
const order = ["agreement", "durable", "ledger", "converged", "linearizable", "invariants"] as const;

/** What every protocol relies on, and no protocol's test can show to be right. */
export const engine: readonly Mutant[] = [
  {
    id: "R-18", protocol: "multipaxos",
    what: "a retry that comes through the log again takes effect again",
    edits: [{ file, find: "    if (session.executed(sequence)) return;\n", replace: "" }],
    judges: ["exactlyOnce", "ledger", "linearizable"], bound: 100,
  },
  {
    id: "R-18a", protocol: "raft",
    what: "sessions are forgotten where a retry is answered: it is proposed again, and executed",
    edits: [
      { file, find: "    if (session.executed(sequence)) return;\n", replace: "" },
      { file, find: "    if (session?.executed(sequence)) {\n", replace: "    if (false) {\n" },
    ],
    judges: ["exactlyOnce", "ledger", "linearizable"], bound: 100,
  },
  {
    id: "E-17", protocol: "epaxos",
    what: "of a client only the largest executed sequence is remembered, and smaller ones count as executed",
    edits: [{
      file: "src/engine/sessions.ts",
      find: "return this.#executed.has(sequence);",
      replace: "return this.#latest >= sequence;",
    }],
    judges: ["converged", "linearizable", "ledger", "liveness"], bound: 200,
  },
  {
    id: "X-1", protocol: "multipaxos",
    what: "no message waits for the journal",
    edits: [
      { file, find: "    if (this.#persisted === this.#durable) {\n", replace: "    if (true) {\n" },
      { file, find: "if (this.#persisted === this.#durable) return this.ahead", replace: "return this.ahead" },
    ],
    judges: order, bound: 1000,
    schedule: { file: "test/engine/engine.test.ts", test: "what is sent after a record waits for it; `ahead` does not" },
  },
  {
    id: "X-2", protocol: "raft",
    what: "a message leaves when all records but the last before it are durable",
    edits: [{ file, find: "this.#held[released]!.barrier <= this.#durable", replace: "this.#held[released]!.barrier <= this.#durable + 1" }],
    judges: order, bound: null,
    schedule: { file: "test/engine/engine.test.ts", test: "each message leaves when the records before it are durable, in the order of sending" },
  },
  {
    id: "X-3", protocol: "multipaxos",
    what: "what a restarted replica executes from its journal does not reach the store",
    edits: [
      { file, find: "    this.#replica.restore(decode());\n", replace: "    this.restoring = true;\n    this.#replica.restore(decode());\n    this.restoring = false;\n" },
      { file, find: "    if (command.id === noop.id) return;\n", replace: "    if (this.restoring || command.id === noop.id) return;\n" },
    ],
    judges: ["converged", "linearizable", "ledger"], bound: 100,
  },
  {
    id: "X-4", protocol: "raft",
    what: "a restarted replica names its commands from 1 on again",
    edits: [{ file, find: "settings.incarnation * commandsPerIncarnation + 1", replace: "1" }],
    judges: ["exactlyOnce", "converged", "invariants"], bound: 100,
  },
  {
    id: "R-13", protocol: "multipaxos",
    what: "a read is answered from the state of the replica that it reaches",
    edits: [
      { file, find: "    this.#batch.add(request, now);\n", replace: "    if (isReadOnly(request.operation)) return this.#host.respond(client, sequence, this.#store.apply(request.operation));\n    this.#batch.add(request, now);\n" },
    ],
    judges: ["linearizable"], bound: 20,
  },
  {
    id: "R-20", protocol: "raft",
    what: "a write is answered when it is proposed",
    edits: [
      { file, find: "    this.#batch.add(request, now);\n", replace: "    if (request.operation.type === \"put\") this.#host.respond(client, sequence, { ok: true, value: null });\n    this.#batch.add(request, now);\n" },
    ],
    judges: ["linearizable"], bound: 20,
  },
  {
    id: "X-5", protocol: "raft",
    what: "a compare-and-swap swaps whatever is there",
    edits: [{ file: "src/engine/store.ts", find: "        if (!sameBytes(this.#values.get(key) ?? null, operation.expected)) return notSwapped;\n", replace: "" }],
    judges: ["linearizable"], bound: 20,
  },
  ...["raft", "epaxos"].map((protocol, i): Mutant => ({
    id: `X-6${"ab"[i]}`, protocol,
    what: "what all but one replica have executed is forgotten",
    edits: [
      { file: `protocols/${protocol}/index.ts`, find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file: "src/core/watermark.ts", find: "for (const reached of this.#reached) if", replace: "for (const reached of this.#reached.toSorted((a, b) => a - b).slice(1)) if" },
    ],
    judges: [...order, "liveness"], bound: 100,
  })),
];
