/**
 * A protocol in a few lines, for judging the judges: replica 0 numbers all commands, everybody executes them by number.
 * Right while nobody crashes; `Flaw` makes replica 2 break one rule.
 */
import {
  command, defineProtocol, invariant, noop, uint, union,
  type Command, type Effects, type Env, type Infer, type ReplicaId,
} from "paxbench";
import type { AnyProtocol } from "paxbench/testing";

const messages = union({ ordered: { number: uint, command } });
type Message = Infer<typeof messages>;

const sequencer = 0;
const offender = 2;

export type Flaw =
  | "none" | "swaps pairs" | "executes twice" | "executes nothing" | "executes one too few"
  | "breaks its invariant" | "never replies" | "decides otherwise" | "leads as well";

export const createSequencer = (flaw: Flaw): AnyProtocol =>
  defineProtocol({
    name: "sequencer",
    title: "Sequencer",
    summary: "",
    papers: [],
    messages,
    records: messages,
    timers: [],
    options: {},
    create: (env: Env, effects: Effects<Message, Message, never>) => new Sequencer(env, effects, env.self === offender ? flaw : "none"),
  });

class Sequencer {
  readonly #env: Env;
  readonly #effects: Effects<Message, Message, never>;
  readonly #flaw: Flaw;
  #next = 0;
  readonly #log: Command[] = [];

  constructor(env: Env, effects: Effects<Message, Message, never>, flaw: Flaw) {
    this.#env = env;
    this.#effects = effects;
    this.#flaw = flaw;
  }

  restore(): void {}

  start(): void {
    if (this.#env.self === sequencer || this.#flaw === "leads as well") this.#effects.note("leader", 1);
  }

  onRequest(command: Command): void {
    if (this.#flaw === "never replies") return;
    if (this.#env.self !== sequencer) return this.#effects.forward(sequencer, command);
    this.#effects.broadcast(this.#env.everyone, { type: "ordered", number: this.#next++, command });
  }

  onMessage(_from: ReplicaId, { number, command }: Message): void {
    this.#log.push(command);
    this.#effects.commit(number, this.#flaw === "decides otherwise" ? noop : command);
    const executed = this.#log.length;
    switch (this.#flaw) {
      case "none":
      case "breaks its invariant":
      case "decides otherwise":
      case "leads as well":
      case "never replies":
        return this.#effects.execute(command);
      case "swaps pairs":
        if (executed % 2 === 1) return;
        this.#effects.execute(command);
        return this.#effects.execute(this.#log[executed - 2]!);
      case "executes twice":
        this.#effects.execute(command);
        return this.#effects.execute(command);
      case "executes nothing":
        return;
      case "executes one too few":
        if (executed !== 10) this.#effects.execute(command);
    }
  }

  onTimer(): void {}

  assertInvariants(): void {
    invariant(this.#flaw !== "breaks its invariant" || this.#log.length < 20, "nobody counts to twenty");
  }

  status() {
    return {};
  }
}
