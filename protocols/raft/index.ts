import { defineProtocol, flag, mebibytes, milliseconds, number, UsageError, wholeNumber } from "paxbench";
import { messages, records } from "./messages.ts";
import { RaftReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "raft",
  title: "Raft",
  summary: "a strong leader, elected for a term, replicates its log; optional PreVote and CheckQuorum",
  papers: [
    "D. Ongaro, J. Ousterhout: In Search of an Understandable Consensus Algorithm (Extended Version), 2014",
    "D. Ongaro: Consensus: Bridging Theory and Practice, PhD thesis, Stanford University, 2014",
  ],
  messages,
  records,
  timers: ["heartbeat", "election"],
  options: {
    heartbeat: milliseconds(100, 1, 60_000, "the leader's sign of life, ms"),
    electionTimeout: milliseconds(1000, 2, 600_000, "silence after which a replica campaigns, ms, drawn anew each time from that on"),
    electionSpread: number(1, 0, 100, "up to which share of electionTimeout is drawn to be added to it"),
    preVote: flag(false, "ask whether an election could be won before raising the term"),
    checkQuorum: flag(false, "a leader without answers from a majority steps down; while it leads, others get no votes"),
    trim: wholeNumber(512, 1, 1_000_000_000, "executed entries after which a replica tells the others, so that all forget what all have"),
    keep: mebibytes(1024, 0.01, 1_000_000, "executed commands kept for a replica that lacks them, MiB; with more, clients' commands are rejected"),
  },
  validate(_replicas, { heartbeat, electionTimeout }: Options) {
    if (electionTimeout > heartbeat) return;
    throw new UsageError(`raft: electionTimeout=${electionTimeout}: allowed is more than heartbeat=${heartbeat}`);
  },
  create: (env, effects, options: Options) => new RaftReplica(env, effects, options),
});
