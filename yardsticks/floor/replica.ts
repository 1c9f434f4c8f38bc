/**
 * What any protocol does that keeps commands at a majority, and nothing else: each replica sends its clients' commands to
 * all others, which keep and execute them in the order of arrival, and answers when a majority has them. README.md says
 * what follows from that.
 */
import {
  counterOf, hasReplica, IntervalSet, majorityOf, millisecond, noReplicas, originOf, replicaSetOf, sizeOf, withReplica,
  type Command, type CommandId, type Effects, type Env, type Micros, type Replica, type ReplicaId, type ReplicaSet, type Status,
} from "paxbench";
import { idOf, type JournalRecord, type Message } from "./messages.ts";

export interface Options {
  readonly retry: number;
}

export type Timer = "retry";

/** An own command that some replica has not acknowledged. */
interface Open {
  readonly command: Command;
  readonly since: Micros;
  kept: ReplicaSet;
}

export class FloorReplica implements Replica<Message, JournalRecord, Timer> {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, Timer>;
  readonly #retry: Micros;
  readonly #majority: number;
  readonly #open = new Map<CommandId, Open>();
  /** Counters of kept commands, by origin. */
  readonly #kept: readonly IntervalSet[];

  constructor(env: Env, effects: Effects<Message, JournalRecord, Timer>, options: Options) {
    this.#env = env;
    this.#effects = effects;
    this.#retry = options.retry * millisecond;
    this.#majority = majorityOf(env.replicas);
    this.#kept = Array.from({ length: env.replicas }, () => new IntervalSet());
  }

  restore(journal: Iterable<JournalRecord>): void {
    for (const { command } of journal) {
      if (!this.#isNew(command)) continue;
      if (originOf(command.id) === this.#env.self) this.#opened(command);
      else this.#effects.execute(command);
    }
  }

  start(): void {
    // Who has them is not known any more.
    for (const { command } of this.#open.values()) this.#replicate(command);
    this.#effects.setTimer("retry", this.#retry);
  }

  onRequest(command: Command): void {
    this.#isNew(command);
    this.#opened(command);
    this.#effects.persist({ type: "kept", command });
    this.#replicate(command);
  }

  #opened(command: Command): void {
    this.#open.set(command.id, { command, since: this.#env.now, kept: noReplicas });
  }

  #replicate(command: Command): void {
    const { self, others } = this.#env;
    // Ahead of the journal: what others keep does not rest on what this replica does. Its own copy counts once it is durable.
    this.#effects.ahead.broadcast(others, { type: "replicate", command });
    this.#effects.send(self, { type: "replicated", id: command.id });
  }

  onMessage(from: ReplicaId, message: Message): void {
    if (message.type === "replicated") return this.#onReplicated(from, idOf(message));
    const { command } = message;
    if (this.#isNew(command)) {
      this.#effects.persist({ type: "kept", command });
      this.#effects.execute(command);
    }
    this.#effects.send(from, { type: "replicated", id: command.id });
  }

  #onReplicated(from: ReplicaId, id: CommandId): void {
    const open = this.#open.get(id);
    if (open === undefined || hasReplica(open.kept, from)) return;
    open.kept = withReplica(open.kept, from);
    const replicas = sizeOf(open.kept);
    if (replicas === this.#majority) this.#effects.execute(open.command);
    if (replicas === this.#env.replicas) this.#open.delete(id);
  }

  /** What was lost is sent again. */
  onTimer(): void {
    for (const { command, since, kept } of this.#open.values()) {
      if (this.#env.now - since < this.#retry) break;
      const silent = this.#env.nearest.filter((replica) => replica !== this.#env.self && !hasReplica(kept, replica));
      this.#effects.ahead.broadcast(replicaSetOf(silent), { type: "replicate", command });
    }
    this.#effects.setTimer("retry", this.#retry);
  }

  #isNew({ id }: Command): boolean {
    return this.#kept[originOf(id)]!.add(counterOf(id));
  }

  status(): Status {
    return { open: this.#open.size };
  }
}
