import type { Mutant } from "./mutant.ts";

const replica = "protocols/epaxos/replica.ts";
const recovery = "protocols/epaxos/recovery.ts";
const execution = "protocols/epaxos/execution.ts";
const protocol = "epaxos";
const order = ["agreement", "durable", "ledger", "converged", "linearizable", "invariants"] as const;

export const epaxos: readonly Mutant[] = [
  {
    id: "E-1", protocol,
    what: "one ballot variable: an answer to Prepare reports the ballot joined last as that of the vote",
    edits: [
      {
        file: recovery,
        find: `    this.#protocol.join(leader, number, ballot);
    const instance = this.#log.at(leader, number);
    this.#effects.send(from, { type: "prepareOk", leader, number, ballot, vote: instance === undefined ? null : priorVote(instance) });`,
        replace: `    const instance = this.#log.at(leader, number);
    const vote = instance === undefined ? null : priorVote(instance);
    this.#protocol.join(leader, number, ballot);
    this.#effects.send(from, { type: "prepareOk", leader, number, ballot, vote });`,
      },
      { file: replica, find: "else instance.ballot = ballot;", replace: "else instance.ballot = instance.votedBallot = ballot;" },
    ],
    judges: order, bound: 1000,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "three ballots of one instance, votes of two of them left (Sutra's counter-example)" },
  },
  {
    id: "E-2", protocol, limits: { replicas: 7 },
    what: "a simple majority is a fast quorum; not the same from seven replicas on",
    edits: [{
      file: replica,
      find: "Math.floor(env.replicas / 2) + Math.max(1, Math.floor((tolerated + 1) / 2))",
      replace: "majorityOf(env.replicas)",
    }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/commit.test.ts", test: "of seven, the replies of a majority that differ are enough; a later one is ignored" },
    why: "the command leader must be cut off within the round trip in which it commits, and stay away until others have recovered its command",
  },
  {
    id: "E-3", protocol,
    what: "recovery trusts the pre-accepts that it finds, without TryPreAccept",
    edits: [{ file: recovery, find: "        if (!final) return;\n", replace: "        if (final) return this.#propose(attempt, finding.vote);\n        return;\n" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "a rival is committed that the rest of the fast quorum would have known: who recovers gives up the reply that it found" },
    why: "the command leader must be cut off within the round trip in which it commits, and stay away until others have recovered its command",
  },
  {
    id: "E-4b", protocol,
    what: "an answer that reports a conflict counts as consent to TryPreAccept",
    edits: [{
      file: recovery,
      find: "for (const other of others) this.recover(other.leader, other.number);",
      replace: `if (others.length > 0) this.onTryPreAcceptOk(_from, { type: "tryPreAcceptOk", leader, number, ballot });`,
    }],
    judges: order, bound: null,
    schedule: { file: "test/mutants/schedules.test.ts", test: "word of another command that is undecided is no consent to TryPreAccept" },
    why: "two command leaders must be cut off within the round trip in which one of them commits, and both commands be recovered at once",
  },
  {
    id: "E-6", protocol,
    what: "the fast path is taken though nobody in the quorum knows a dependency as committed",
    edits: [{ file: replica, find: "if (fastPossible && this.#everyDependencyCovered(proposal))", replace: "if (fastPossible)" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/commit.test.ts", test: "nobody knows that it is committed: slow" },
    why: "the command leader must be cut off within the round trip in which it commits, and stay away until others have recovered its command; and the dependency must get a higher seq later",
  },
  {
    id: "E-7", protocol,
    what: "execution does not look at dependencies",
    edits: [{ file: execution, find: "dependencies: this.#interference.openDependencies(instance)", replace: "dependencies: []" }],
    judges: order, bound: 20,
  },
  {
    id: "E-7a", protocol,
    what: "commands of one seq within a component are executed as they were found",
    edits: [{ file: execution, find: "a.seq - b.seq || a.leader - b.leader || a.number - b.number", replace: "a.seq - b.seq" }],
    judges: order, bound: 30,
  },
  {
    id: "E-7c", protocol,
    what: "a command is executed behind its direct dependencies, and those without looking at their own",
    edits: [{
      file: execution,
      find: "dependencies: this.#interference.openDependencies(instance)",
      replace: "dependencies: path.length === 0 ? this.#interference.openDependencies(instance) : []",
    }],
    judges: order, bound: 30,
  },
  {
    id: "E-7d", protocol,
    what: "execution waits for an instance without ever starting its recovery",
    edits: [{ file: replica, find: "    for (const { leader, number } of this.#overdue.mine()) this.#recovery.recover(leader, number);\n", replace: "" }],
    judges: ["liveness", "converged"], bound: 100,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "votes of two interfering commands survive, each with one of the others: both are recovered, one behind the other" },
  },
  {
    id: "E-9a", protocol,
    what: "the ballot joined for an instance that is not known is not recorded",
    edits: [{ file: replica, find: "if (instance === undefined) this.#joined.set(instanceKey(leader, number), ballot);", replace: "if (instance === undefined) return;" }],
    judges: [...order, "liveness"], bound: 1000,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "a ballot joined for an instance that is not known keeps its leader's PreAccept out; the command gets another instance" },
  },
  {
    id: "E-9b", protocol,
    what: "a command leader goes on counting replies after it answered a higher Prepare",
    edits: [{ file: replica, find: "proposal.vote.ballot === ballot && this.#isLeading(proposal) ? proposal", replace: "proposal.vote.ballot === ballot ? proposal" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "a command leader that answered a Prepare counts no more replies" },
    why: "a reply must be late by the time after which others recover",
  },
  {
    id: "E-9c", protocol,
    what: "phase 1 that recovery began again may take the fast path",
    edits: [{ file: "protocols/epaxos/proposal.ts", find: "thrifty: quorum !== noReplicas", replace: "thrifty: true" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "phase 1 that is begun again never takes the fast path, however alike the replies are" },
    why: "two recoveries of one instance, the first of which commits and is not heard",
  },
  {
    id: "E-9e", protocol,
    what: "a replica that hears of a commit takes the attributes, and keeps its own command or none",
    edits: [{
      file: replica,
      find: "const vote = { leader, number, ballot: this.ballotOf(leader, number), command, seq, deps };",
      replace: "const vote = { leader, number, ballot: this.ballotOf(leader, number), command: instance?.command ?? noop, seq, deps };",
    }],
    judges: order, bound: 20,
  },
  {
    id: "E-9f", protocol,
    what: "recovery proposes what it has voted for itself, though an answer reports something accepted",
    edits: [{ file: recovery, find: "        return this.#propose(attempt, finding.vote);\n      case \"unknown\"", replace: "        return this.#propose(attempt, this.#log.at(leader, number) ?? finding.vote);\n      case \"unknown\"" }],
    judges: order, bound: null,
    schedule: { file: "test/mutants/schedules.test.ts", test: "who recovers proposes what another has accepted, not the older vote of its own" },
    why: "who recovers must have an older vote than one of those that answer: two recoveries of one instance, the first not heard to its end",
  },
  {
    id: "E-10", protocol,
    what: "an acceptor takes the leader's dependencies over and adds none",
    edits: [{ file: replica, find: "const updatedDeps = unionOfDeps(deps, here.deps);", replace: "const updatedDeps = deps;" }],
    judges: order, bound: 20,
  },
  {
    id: "E-11", protocol,
    what: "the fast path is taken though replies differ",
    edits: [{ file: replica, find: "proposal.identical = false;", replace: "proposal.identical = true;" }],
    judges: order, bound: 500,
    schedule: { file: "test/protocols/epaxos/commit.test.ts", test: "replies differ: their union is accepted by a majority, then committed" },
  },
  {
    id: "E-12", protocol,
    what: "a pre-accept is not journaled",
    edits: [{
      file: replica,
      find: `      this.#effects.persist({ type: "preAccepted", ...vote, quorum });\n      instance =`,
      replace: "      instance =",
    }],
    judges: order, bound: 1000,
    schedule: { file: "test/protocols/epaxos/catch-up.test.ts", test: "what was pre-accepted before the crash is a dependency after it, and is answered with the same attributes" },
  },
  {
    id: "E-13", protocol,
    what: "the slow path is content with one acceptor fewer than a majority",
    edits: [{ file: replica, find: "sizeOf(proposal.replies) >= this.#slowQuorum", replace: "sizeOf(proposal.replies) >= this.#slowQuorum - 1" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/commit.test.ts", test: "replies differ: their union is accepted by a majority, then committed" },
    why: "the command leader must be cut off within the round trip in which it commits, and stay away until others have recovered its command",
  },
  {
    id: "E-18", protocol,
    what: "a replica tells that it has executed something before its journal has it",
    edits: [
      { file: "protocols/epaxos/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file: replica, find: `this.#effects.broadcast(this.#env.everyone, { type: "executed"`, replace: `this.#effects.ahead.broadcast(this.#env.everyone, { type: "executed"` },
    ],
    judges: [...order, "liveness"], bound: null,
    schedule: { file: "test/protocols/trimming.test.ts", test: "epaxos what it tells waits for its journal" },
    why: "all replicas must have told, and one lose what it told, within the time that its disk takes",
  },
  {
    id: "E-19", protocol,
    what: "a rival that everybody has executed and forgotten refutes nothing",
    edits: [
      { file: "protocols/epaxos/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file: "protocols/epaxos/recovery.ts", find: `.some((last, q) => last > deps[q]!)`, replace: `.some(() => false)` },
    ],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "another, executed by all and forgotten: refuted" },
    why: "the command leader must be down for longer than it takes to forget, and its fast quorum must have answered it alike",
  },
  {
    id: "E-20", protocol,
    what: "who asks late about an instance that everybody has executed and forgotten is answered as if it had never been",
    edits: [
      { file: "protocols/epaxos/index.ts", find: "trim: wholeNumber(512,", replace: "trim: wholeNumber(1," },
      { file: replica, find: `    if (this.#log.isTrimmed(leader, number)) return true;\n`, replace: "" },
    ],
    judges: order, bound: null,
    schedule: { file: "test/protocols/trimming.test.ts", test: "epaxos messages that come again when what they are about is forgotten change nothing" },
    why: "a message must be late by as much as it takes to forget",
  },
  {
    id: "E-21", protocol,
    what: "execution goes past an instance for which a no-op is proposed, as if it were chosen",
    edits: [{ file: execution, find: "if (undecided !== undefined) return undecided.key;", replace: "" }],
    judges: order, bound: null,
    schedule: { file: "test/protocols/epaxos/recovery.test.ts", test: "what a no-op is proposed for is waited for until it is one: it may come to be a command after all" },
    why: "the no-op must be accepted by a minority and not chosen, and there the commit of what depends on the command come before the command's",
  },
];
