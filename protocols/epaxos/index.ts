import { defineProtocol, mebibytes, milliseconds, wholeNumber } from "paxbench";
import { messages, records } from "./messages.ts";
import { EPaxosReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "epaxos",
  title: "EPaxos",
  summary: "no leader: every replica commits its own clients' commands, in one round trip where they do not interfere",
  papers: ["I. Moraru, D. Andersen, M. Kaminsky: There Is More Consensus in Egalitarian Parliaments, SOSP 2013"],
  messages,
  records,
  timers: ["sweep"],
  options: {
    retry: milliseconds(1000, 1, 600_000, "silence after which a command leader asks again, and beyond the fast quorum, ms"),
    trim: wholeNumber(512, 1, 1_000_000_000, "executed instances after which a replica tells the others, so that all forget what all have"),
    keep: mebibytes(1024, 0.01, 1_000_000, "executed commands kept for a replica that lacks them, MiB; with more, clients' commands are rejected"),
  },
  create: (env, effects, options: Options) => new EPaxosReplica(env, effects, options),
});
