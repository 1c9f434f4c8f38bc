import { defineProtocol, mebibytes, milliseconds, wholeNumber } from "paxbench";
import { messages, records } from "./messages.ts";
import { OmniPaxosReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "omnipaxos",
  title: "Omni-Paxos",
  summary: "a leader orders all commands in one log; whoever is connected to a majority can lead, however far behind its log",
  papers: ["H. Ng, S. Haridi, P. Carbone: Omni-Paxos: Breaking the Barriers of Partial Connectivity, EuroSys 2023"],
  messages,
  records,
  timers: ["round"],
  options: {
    electionTimeout: milliseconds(1000, 2, 600_000, "one round of heartbeats, ms; must exceed the round trip to a majority"),
    trim: wholeNumber(512, 1, 1_000_000_000, "executed slots after which a replica tells the others, so that all forget what all have"),
    keep: mebibytes(1024, 0.01, 1_000_000, "executed commands kept for a replica that lacks them, MiB; with more, clients' commands are rejected"),
  },
  // Links are sessions (PrepareReq mends a broken one): what a session that stands would lose is not made up for.
  excludes: ["loss", "wipe"],
  create: (env, effects, options: Options) => new OmniPaxosReplica(env, effects, options),
});
