import type { Mutant } from "./mutant.ts";

const file = "protocols/raft/replica.ts";
const protocol = "raft";
const order = ["agreement", "leaders", "durable", "ledger", "converged", "linearizable", "invariants"] as const;

export const raft: readonly Mutant[] = [
  {
    id: "R-1", protocol,
    what: "entries of earlier terms are committed by counting replicas (Figure 8)",
    edits: [{ file, find: " || this.#log.termAt(index) !== this.#currentTerm) return;", replace: ") return;" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/raft/replication.test.ts", test: "(c), (d): on a majority, yet not committed, and overwritten by S5" },
    why: "five leaders in the right order; and a leader here sends its no-op along with what it inherited, so that (c) needs an old entry that travels alone",
  },
  {
    id: "R-3", protocol,
    what: "a vote is not journaled",
    edits: [{ file, find: "this.#votedFor = from;\n      this.#persistTerm();", replace: "this.#votedFor = from;" }],
    judges: [...order, "leaders"], bound: null,
    schedule: { file: "test/protocols/raft/election.test.ts", test: "a vote is remembered across a restart" },
    why: "two candidates of one term, and a voter that restarts between them",
  },
  {
    id: "R-3b", protocol,
    what: "a vote is forgotten when a leader of the same term is heard",
    edits: [{ file, find: "this.#candidacy = null;\n    this.#leaderHeard", replace: "this.#candidacy = null;\n    this.#votedFor = null;\n    this.#leaderHeard" }],
    judges: [...order, "leaders"], bound: null,
    schedule: { file: "test/protocols/raft/election.test.ts", test: "a candidate that gives up for the leader of its term does not vote again in that term" },
    why: "who heard the leader of a term is asked for a vote in it by a candidate that has not",
  },
  {
    id: "R-4", protocol,
    what: "votes are given without a look at the candidate's log",
    edits: [{ file, find: "&& // 2. (§5.2)\n      !this.#log.isMoreUpToDateThan(lastLogIndex, lastLogTerm);", replace: "&& // 2. (§5.2)\n      true;" }],
    judges: order, bound: 100,
  },
  {
    id: "R-4a", protocol,
    what: "which log is more up-to-date is decided by length alone",
    edits: [{
      file: "protocols/raft/log.ts",
      find: "this.lastTerm > lastLogTerm || (this.lastTerm === lastLogTerm && this.lastIndex > lastLogIndex)",
      replace: "this.lastIndex > lastLogIndex",
    }],
    judges: order, bound: null,
  },
  {
    id: "R-5", protocol,
    what: "a follower truncates its log behind what an AppendEntries brings, though nothing conflicts",
    edits: [{ file: "protocols/raft/log.ts", find: "      if (this.matches(index, entries[i]!.term)) continue;\n", replace: "" }],
    judges: order, bound: 50,
  },
  {
    id: "R-6", protocol,
    what: "a conflicting entry is replaced in its place, and those behind it stay",
    edits: [{
      file: "protocols/raft/log.ts",
      find: "this.#entries.truncate(index);\n    for (let i = 0; i < entries.length; i++) this.#entries.push(entries[i]!);",
      replace: "for (let i = 0; i < entries.length; i++) index + i > this.lastIndex ? this.#entries.push(entries[i]!) : this.#entries.replace(index + i, entries[i]!);",
    }],
    judges: order, bound: 300,
  },
  {
    id: "R-7", protocol,
    what: "a follower commits what it has up to leaderCommit, past what the message showed to be the same",
    edits: [{ file, find: "Math.min(leaderCommit, matchIndex)", replace: "Math.min(leaderCommit, this.#log.lastIndex)" }],
    judges: order, bound: 300,
  },
  {
    id: "R-17", protocol,
    what: "AppendEntries is acknowledged before the entries are durable",
    edits: [{
      file,
      find: `this.#effects.send(from, { type: "appended", term, matchIndex });`,
      replace: `this.#effects.ahead.send(from, { type: "appended", term, matchIndex });`,
    }],
    judges: order, bound: 300,
  },
  {
    id: "R-17a", protocol,
    what: "the leader counts its own copy before it is durable",
    edits: [{ file, find: "this.#effects.send(this.#env.self,", replace: "this.#effects.ahead.send(this.#env.self," }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/raft/replication.test.ts", test: "the leader's own copy counts when it is durable, a follower's is durable before it is acknowledged" },
    why: "the leader must lose what a follower has acknowledged, and that follower be away while the others elect",
  },
  {
    id: "R-19", protocol,
    what: "a candidate counts votes of earlier terms",
    edits: [{ file, find: "candidacy.trial || term !== this.#currentTerm || !voteGranted", replace: "candidacy.trial || !voteGranted" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/raft/election.test.ts", test: "votes of an older term do not count" },
    why: "a vote must be late by an election timeout, and then be the one that was missing",
  },
  {
    id: "R-21", protocol,
    what: "an entry is committed with one replica fewer than a majority",
    edits: [{ file, find: "progress.majorityMatch(this.#majority)", replace: "progress.majorityMatch(this.#majority - 1)" }],
    judges: order, bound: 300,
  },
  {
    id: "R-22", protocol,
    what: "AppendEntries of earlier terms are taken",
    edits: [{ file, find: `if (term < this.#currentTerm) return this.#effects.send(from, { type: "staleTerm", term: this.#currentTerm });\n    this.#follow(from);`, replace: "if (term === this.#currentTerm) this.#follow(from);" }],
    judges: order, bound: 300,
  },
  {
    id: "R-23", protocol,
    what: "a leader counts acknowledgements of its earlier terms",
    edits: [{
      file,
      find: "if (leadership === null || term !== this.#currentTerm) return;\n    const { progress, answered }",
      replace: "if (leadership === null) return;\n    const { progress, answered }",
    }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/raft/replication.test.ts", test: "acknowledgements of an older term do not count" },
    why: "an answer must be late by two changes of leader, and then be the one that was missing",
  },
  {
    id: "R-24", protocol,
    what: "a replica tells that it has executed something before its journal has it",
    edits: [
      { file: "protocols/raft/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file, find: `this.#effects.broadcast(this.#env.everyone, { type: "executed"`, replace: `this.#effects.ahead.broadcast(this.#env.everyone, { type: "executed"` },
    ],
    judges: [...order, "liveness"], bound: null,
    schedule: { file: "test/protocols/trimming.test.ts", test: "raft what it tells waits for its journal" },
    why: "all replicas must have told, and one lose what it told, within the time that its disk takes",
  },
];
