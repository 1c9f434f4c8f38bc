import { defineProtocol, mebibytes, milliseconds, UsageError, wholeNumber } from "paxbench";
import { messages, records } from "./messages.ts";
import { MultiPaxosReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "multipaxos",
  title: "MultiPaxos",
  summary: "a leader orders all commands in one log; phase 1 once, phase 2 pipelined",
  papers: [
    "L. Lamport: Paxos Made Simple, ACM SIGACT News 32(4), 2001",
    "H. Howard, D. Malkhi, A. Spiegelman: Flexible Paxos: Quorum Intersection Revisited, OPODIS 2016",
  ],
  messages,
  records,
  timers: ["heartbeat", "election"],
  options: {
    heartbeat: milliseconds(100, 1, 60_000, "the leader's sign of life, ms"),
    electionTimeout: milliseconds(1000, 2, 600_000, "silence after which a replica campaigns, ms, drawn from once to twice that"),
    phase2Quorum: wholeNumber(0, 0, 31, "acceptors that decide; so many fewer than all, and one, must then promise (Flexible Paxos); 0: a majority"),
    trim: wholeNumber(512, 1, 1_000_000_000, "executed slots after which a replica tells the others, so that all forget what all have"),
    keep: mebibytes(1024, 0.01, 1_000_000, "executed commands kept for a replica that lacks them, MiB; with more, clients' commands are rejected"),
  },
  validate(replicas, { heartbeat, electionTimeout, phase2Quorum }: Options) {
    if (phase2Quorum > replicas) throw new UsageError(`multipaxos: phase2Quorum=${phase2Quorum}: allowed are at most the ${replicas} replicas`);
    if (electionTimeout > heartbeat) return;
    throw new UsageError(`multipaxos: electionTimeout=${electionTimeout}: allowed is more than heartbeat=${heartbeat}`);
  },
  create: (env, effects, options: Options) => new MultiPaxosReplica(env, effects, options),
});
