import { defineProtocol, milliseconds, UsageError } from "paxbench";
import { messages, records } from "./messages.ts";
import { MultiPaxosReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "multipaxos",
  title: "MultiPaxos",
  summary: "a leader orders all commands in one log; phase 1 once, phase 2 pipelined",
  papers: ["L. Lamport: Paxos Made Simple, ACM SIGACT News 32(4), 2001"],
  messages,
  records,
  timers: ["heartbeat", "election"],
  options: {
    heartbeat: milliseconds(100, 1, 60_000, "the leader's sign of life, ms"),
    electionTimeout: milliseconds(1000, 2, 600_000, "silence after which a replica campaigns, ms, drawn from once to twice that"),
  },
  validate(_replicas, { heartbeat, electionTimeout }: Options) {
    if (electionTimeout > heartbeat) return;
    throw new UsageError(`multipaxos: electionTimeout=${electionTimeout}: allowed is more than heartbeat=${heartbeat}`);
  },
  create: (env, effects, options: Options) => new MultiPaxosReplica(env, effects, options),
});
