import type { Mutant } from "./mutant.ts";

const file = "protocols/multipaxos/replica.ts";
const protocol = "multipaxos";
const order = ["agreement", "leaders", "durable", "ledger", "converged", "linearizable", "invariants"] as const;

export const multipaxos: readonly Mutant[] = [
  {
    id: "MP-1", protocol,
    what: "a new leader proposes a command of its own (a no-op) although promises report accepted ones",
    edits: [{ file, find: "accepted.get(slot)?.command ?? noop", replace: "noop" }],
    judges: order, bound: 100,
  },
  {
    id: "MP-2", protocol,
    what: "of the accepted commands that promises report, that of the lowest ballot is adopted",
    edits: [{ file, find: "entry.ballot > highest.ballot", replace: "entry.ballot < highest.ballot" }],
    judges: order, bound: 1000,
  },
  {
    id: "MP-3", protocol,
    what: "a promise reports the ballot that is promised in place of the one in which the command was accepted",
    edits: [{ file, find: "accepted.push({ slot, ...entry });", replace: "accepted.push({ slot, ...entry, ballot });" }],
    judges: order, bound: 1000,
  },
  {
    id: "MP-4", protocol,
    what: "a promise is not journaled",
    edits: [{ file, find: `    this.#effects.persist({ type: "promised", ballot });\n`, replace: "" }],
    judges: [...order, "leaders", "exactlyOnce"], bound: 300,
  },
  {
    id: "MP-4a", protocol,
    what: "a promise is journaled for a prepare, and not when an accept or a heartbeat brings the ballot",
    edits: [{ file, find: "if (ballot > this.#promised) this.#promise(ballot);\n    else this.#setElectionTimer();\n    if (this.#leader", replace: "this.#promised = ballot;\n    this.#setElectionTimer();\n    if (this.#leader" }],
    judges: order, bound: 300,
  },
  {
    id: "MP-5", protocol,
    what: "an acceptor takes an accept of any ballot",
    edits: [{
      file,
      find: `MessageOf<"accept">): void {\n    if (ballot < this.#promised) return this.#effects.send(from, { type: "preempted", ballot: this.#promised });\n    this.#follow(ballot);`,
      replace: `MessageOf<"accept">): void {\n    if (ballot > this.#promised) this.#follow(ballot);`,
    }],
    judges: order, bound: 1000,
  },
  {
    id: "MP-6", protocol,
    what: "a candidate counts promises of its earlier ballots",
    edits: [{ file, find: "if (campaign === null || ballot !== this.#promised) return;", replace: "if (campaign === null) return;" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/multipaxos/phase1.test.ts", test: "promises of its present ballot alone" },
    why: "a promise must be late by an election timeout, and then be the one that was missing",
  },
  {
    id: "MP-7", protocol,
    what: "a proposer's own ballot is not journaled: after a restart it is used again",
    edits: [{
      file,
      find: `    this.#effects.persist({ type: "promised", ballot });\n`,
      replace: `    if (proposerOf(ballot) !== this.#env.self) this.#effects.persist({ type: "promised", ballot });\n`,
    }],
    judges: [...order, "leaders", "exactlyOnce"], bound: 300,
  },
  {
    id: "MP-8", protocol,
    what: "votes are counted by messages, not by acceptors",
    edits: [{ file, find: "leadership.votes.set(slot, withReplica(votes, from));", replace: "leadership.votes.set(slot, withReplica((votes * 2) as ReplicaSet, 0));" }],
    judges: order, bound: 1000,
  },
  {
    id: "MP-9", protocol,
    what: "word of a decision executes whatever was accepted in that slot",
    edits: [{ file, find: "this.#log.at(this.#decided)?.ballot === ballot", replace: "this.#log.at(this.#decided) !== undefined" }],
    judges: order, bound: 100,
  },
  {
    id: "MP-10", protocol,
    what: "a new leader leaves the gaps between accepted commands as they are",
    edits: [{
      file,
      find: "this.#propose(accepted.get(slot)?.command ?? noop);",
      replace: "if (accepted.has(slot)) this.#propose(accepted.get(slot)!.command);\n    else this.#leadership.nextSlot++;",
    }],
    judges: ["liveness"], bound: null,
  },
  {
    id: "MP-11", protocol,
    what: "a new leader proposes in slots from the end of its own log on, whatever its majority reports above",
    edits: [{
      file,
      find: "for (const slot of accepted.keys()) end = Math.max(end, slot + 1);",
      replace: "end = Math.max(end, this.#log.length);",
    }],
    judges: order, bound: 100,
  },
  {
    id: "MP-15", protocol,
    what: "phase 2 is content with one acceptor fewer than a majority",
    edits: [{ file, find: "sizeOf(votes) < this.#phase2Quorum", replace: "sizeOf(votes) < this.#phase2Quorum - 1" }],
    judges: order, bound: 100,
  },
  {
    id: "MP-16", protocol,
    what: "phase 1 is content with one acceptor fewer than a majority",
    edits: [{ file, find: "sizeOf(campaign.promises) >= this.#phase1Quorum", replace: "sizeOf(campaign.promises) >= this.#phase1Quorum - 1" }],
    judges: order, bound: 1000,
  },
  {
    id: "MP-17", protocol,
    what: "a vote overtakes its record on the way to disk",
    edits: [{ file, find: `this.#effects.send(from, { type: "accepted", ballot, slot });`, replace: `this.#effects.ahead.send(from, { type: "accepted", ballot, slot });` }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/multipaxos/phase1.test.ts", test: "before anybody hears of it: promise and vote wait for the journal, an accept does not" },
  },
  {
    id: "MP-18", protocol,
    what: "a replica tells that it has executed something before its journal has it",
    edits: [
      { file: "protocols/multipaxos/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file, find: `this.#effects.broadcast(this.#env.everyone, { type: "executed"`, replace: `this.#effects.ahead.broadcast(this.#env.everyone, { type: "executed"` },
    ],
    judges: [...order, "liveness"], bound: null,
    schedule: { file: "test/protocols/trimming.test.ts", test: "multipaxos what it tells waits for its journal" },
    why: "all replicas must have told, and one lose what it told, within the time that its disk takes",
  },
];
