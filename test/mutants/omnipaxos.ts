import type { Mutant } from "./mutant.ts";

const file = "protocols/omnipaxos/sequence-paxos.ts";
const ble = "protocols/omnipaxos/ble.ts";
const protocol = "omnipaxos";
const order = ["agreement", "leaders", "durable", "ledger", "converged", "linearizable", "invariants"] as const;

export const omnipaxos: readonly Mutant[] = [
  {
    id: "O-1", protocol,
    what: "the longest of the promised logs is adopted, whatever their accepted rounds",
    edits: [{
      file,
      find: "a.acceptedRound > b.acceptedRound || (a.acceptedRound === b.acceptedRound && a.length > b.length);",
      replace: "a.length > b.length;",
    }],
    judges: order, bound: null,
  },
  {
    id: "O-2", protocol,
    what: "of the promised logs of the highest accepted round the shortest is adopted",
    edits: [{ file, find: "a.acceptedRound === b.acceptedRound && a.length > b.length", replace: "a.acceptedRound === b.acceptedRound && a.length < b.length" }],
    judges: order, bound: 1000,
  },
  {
    id: "O-3", protocol,
    what: "a replica that restarts asks nobody for a Prepare",
    edits: [{ file, find: `    this.#effects.broadcast(this.#env.others, { type: "prepareRequest" });\n`, replace: "" }],
    judges: ["converged", "liveness", "durable"], bound: 50,
  },
  {
    id: "O-4", protocol,
    what: "a follower's promise is not journaled",
    edits: [{
      file,
      find: `this.#promised = ballot;\n      this.#effects.persist({ type: "promised", ballot });`,
      replace: "this.#promised = ballot;",
    }],
    judges: order, bound: 50,
  },
  {
    id: "O-5", protocol,
    what: "a replica is elected though it hears no majority",
    edits: [{ file: ble, find: "if (quorumConnected && ballot > this.#highestCandidate)", replace: "if (ballot > this.#highestCandidate)" }],
    judges: ["liveness"], bound: null,
    schedule: { file: "test/protocols/omnipaxos/ble.test.ts", test: "a leader that is heard but has lost its majority is no candidate: who hears a majority takes over" },
    why: "all is mended in the end, and nobody judges how long a cut is survived",
  },
  {
    id: "O-6", protocol,
    what: "a vote overtakes its record on the way to disk",
    edits: [{
      file,
      find: `this.#effects.send(from, { type: "accepted", ballot, length: slot + 1 });`,
      replace: `this.#effects.ahead.send(from, { type: "accepted", ballot, length: slot + 1 });`,
    }],
    judges: order, bound: null,
  },
  {
    id: "O-7", protocol,
    what: "a follower appends an accept behind a gap",
    edits: [{ file, find: "    if (slot !== this.#log.length) return this.#recover(from);\n", replace: "" }],
    judges: order, bound: 300,
    schedule: { file: "test/protocols/omnipaxos/sequence-paxos.test.ts", test: "a gap in the accepts shows that something was lost, before the link says so" },
  },
  {
    id: "O-8", protocol,
    what: "a follower takes accepts of a round that is over",
    edits: [{
      file,
      find: `MessageOf<"accept">): void {\n    if (ballot !== this.#promised || this.#state !== accepting) return;`,
      replace: `MessageOf<"accept">): void {\n    if (this.#state !== accepting) return;`,
    }],
    judges: [...order, "liveness"], bound: null,
  },
  {
    id: "O-9", protocol,
    what: "a follower's log of an older round is kept as far as it is long, not as far as it is decided",
    edits: [{ file, find: "  return promise.decided;", replace: "  return Math.min(promise.length, adopted.length);" }],
    judges: order, bound: 1000,
  },
  {
    id: "O-10", protocol,
    what: "a slot is decided with one acceptor fewer than a majority",
    edits: [{ file, find: "if (replicas >= this.#majority) chosen = length;", replace: "if (replicas >= this.#majority - 1) chosen = length;" }],
    judges: order, bound: 100,
  },
  {
    id: "O-11", protocol,
    what: "a follower that has promised a round in its recovery still takes that round's accepts, and then an AcceptSync without them",
    edits: [
      {
        file,
        find: `MessageOf<"accept">): void {\n    if (ballot !== this.#promised || this.#state !== accepting) return;`,
        replace: `MessageOf<"accept">): void {\n    if (ballot !== this.#promised || this.#state.role !== "follower") return;`,
      },
      { file, find: "Math.max(0, this.#log.length - start)", replace: "0" },
    ],
    judges: order, bound: 100,
  },
  {
    id: "O-12", protocol,
    what: "a leader is content with the promises of one replica fewer than a majority",
    edits: [{ file, find: "state.promises.size >= this.#majority", replace: "state.promises.size >= this.#majority - 1" }],
    judges: order, bound: 1000,
  },
  {
    id: "O-13", protocol,
    what: "an AcceptSync to an earlier promise takes back what was accepted in its round since",
    edits: [{ file, find: "Math.max(0, this.#log.length - start)", replace: "0" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/omnipaxos/sequence-paxos.test.ts", test: "an AcceptSync to an earlier promise of the round takes nothing back" },
    why: "a promise that is late by seconds, and two more in its place; found once in 10,000 runs of five replicas, in the protocol as it was",
  },
  {
    id: "O-14", protocol,
    what: "a leader counts acceptances of its earlier rounds",
    edits: [{
      file,
      find: `MessageOf<"accepted">): void {\n    const state = this.#state;\n    if (ballot !== this.#promised || state.phase`,
      replace: `MessageOf<"accepted">): void {\n    const state = this.#state;\n    if (state.phase`,
    }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/omnipaxos/sequence-paxos.test.ts", test: "acceptances of another round do not count" },
    why: "an answer must be late by two changes of leader, and then be the one that was missing",
  },
  {
    id: "O-15", protocol,
    what: "a replica tells that it has executed something before its journal has it",
    edits: [
      { file: "protocols/omnipaxos/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file: "protocols/omnipaxos/sequence-paxos.ts", find: `this.#effects.broadcast(this.#env.everyone, { type: "executed"`, replace: `this.#effects.ahead.broadcast(this.#env.everyone, { type: "executed"` },
    ],
    judges: [...order, "liveness"], bound: null,
    schedule: { file: "test/protocols/trimming.test.ts", test: "omnipaxos what it tells waits for its journal" },
    why: "all replicas must have told, and one lose what it told, within the time that its disk takes",
  },
];
