import { defineProtocol, uint, union, command, type Command, type Effects, type Env, type Infer } from "paxbench";
import type { AnyProtocol } from "paxbench/testing";

const messages = union({ written: { command } });
const records = union({ line: { number: uint } });

/** A replica alone that writes `lines` records for each command, and executes it when they are durable. */
export const createScribe = (lines: number): AnyProtocol =>
  defineProtocol({
    name: "scribe",
    title: "Scribe",
    summary: "",
    papers: [],
    messages,
    records,
    timers: [],
    options: {},
    create: (env: Env, effects: Effects<Infer<typeof messages>, Infer<typeof records>, never>) => ({
      restore() {},
      start() {},
      onRequest(command: Command) {
        for (let number = 0; number < lines; number++) effects.persist({ type: "line", number });
        effects.send(env.self, { type: "written", command });
      },
      onMessage: (_from: number, { command }: Infer<typeof messages>) => effects.execute(command),
      onTimer() {},
      status: () => ({}),
    }),
  });
