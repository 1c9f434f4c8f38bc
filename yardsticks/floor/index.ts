import { defineProtocol, milliseconds } from "paxbench";
import { messages, records } from "./messages.ts";
import { FloorReplica, type Options } from "./replica.ts";

export default defineProtocol({
  name: "floor",
  title: "Floor",
  summary: "replicates to a majority and orders nothing: what consensus costs is what it costs above this",
  papers: [],
  orders: false,
  messages,
  records,
  timers: ["retry"],
  options: {
    retry: milliseconds(1000, 1, 600_000, "a command that was not acknowledged is sent again after this time, ms"),
  },
  create: (env, effects, options: Options) => new FloorReplica(env, effects, options),
});
