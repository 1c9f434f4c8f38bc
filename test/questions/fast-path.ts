/**
 * A log with a fast path around its leader, as far as it must go to be measured while nobody fails: one leader for ever, no
 * journal, no recovery. After CURP (Park, Ousterhout, NSDI'19) and Fast Paxos: the replica that takes a command in asks all
 * at once. Each that has nothing under way that interferes takes the command into a set and says so. With ⌈3n/4⌉ who do, the
 * leader among them, it is executed there; its place in the log follows. Otherwise it is executed when the log says so.
 * Commands of one origin do not disturb each other: links keep order, so all take them in the same one (as in Generalized
 * Paxos); without that a client would be in the way of its own last command, which the others' sets still have.
 */
import {
  bool, command, conflicts, defineProtocol, majorityOf, originOf, uint, union,
  type Command, type Effects, type Env, type Infer, type Replica, type ReplicaId,
} from "paxbench";

const messages = union({
  /** To all, from whom took it in. */
  propose: { command },
  /** `free`: nothing of another origin that interferes with it is under way here. */
  answer: { id: uint, free: bool },
  /** The leader's order. */
  accept: { slot: uint, command },
  accepted: { slot: uint },
  /** Slots below are decided. */
  decide: { upTo: uint },
});
type Message = Infer<typeof messages>;
type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;

/** Never written. */
const records = union({ nothing: { of: uint } });
type JournalRecord = Infer<typeof records>;

/** A command that was taken in here and is not executed yet. */
interface Open {
  readonly command: Command;
  free: number;
  freeAtLeader: boolean;
}

class FastPathLog implements Replica<Message, JournalRecord, never> {
  readonly #env: Env;
  readonly #effects: Effects<Message, JournalRecord, never>;
  readonly #leader: ReplicaId;
  readonly #fastQuorum: number;
  readonly #log: Command[] = [];
  /** Slots that are executed here. */
  #executed = 0;
  /** At the leader: slots that are ordered, and by replica how many of them are accepted. */
  #ordered = 0;
  readonly #accepted: number[];
  /** Known and not executed by the log yet: what a new command may interfere with. */
  readonly #underWay = new Map<number, Command>();
  readonly #open = new Map<number, Open>();
  /** Executed before their slot. */
  readonly #early = new Set<number>();

  constructor(env: Env, effects: Effects<Message, JournalRecord, never>) {
    this.#env = env;
    this.#effects = effects;
    this.#leader = env.initialLeader;
    this.#fastQuorum = Math.ceil((3 * env.replicas) / 4);
    this.#accepted = Array.from({ length: env.replicas }, () => 0);
  }

  restore(): void {}

  start(): void {
    if (this.#env.self === this.#leader) this.#effects.note("leader", 1);
  }

  onTimer(): void {}

  onRequest(asked: Command): void {
    this.#open.set(asked.id, { command: asked, free: 0, freeAtLeader: false });
    this.#effects.broadcast(this.#env.everyone, { type: "propose", command: asked });
  }

  onMessage(from: ReplicaId, message: Message): void {
    switch (message.type) {
      case "propose": return this.#onPropose(from, message);
      case "answer": return this.#onAnswer(from, message);
      case "accept": return this.#onAccept(message);
      case "accepted": return this.#onAccepted(from, message);
      case "decide": return this.#execute(message.upTo);
    }
  }

  #onPropose(from: ReplicaId, { command: proposed }: MessageOf<"propose">): void {
    const leads = this.#env.self === this.#leader;
    const free = ![...this.#underWay.values()].some((other) => originOf(other.id) !== from && conflicts(other, proposed));
    // Who could not take it says so, and need not remember it; the leader has ordered it all the same.
    if (free || leads) this.#underWay.set(proposed.id, proposed);
    if (leads) this.#effects.broadcast(this.#env.everyone, { type: "accept", slot: this.#ordered++, command: proposed });
    this.#effects.send(from, { type: "answer", id: proposed.id, free });
  }

  /**
   * The leader found nothing of others that interferes: all that does, and was ordered before, is decided, and the word of that
   * came over the same link before this answer. So it is executed here already, as what was taken in here must be, too.
   */
  #onAnswer(from: ReplicaId, { id, free }: MessageOf<"answer">): void {
    const open = this.#open.get(id);
    if (open === undefined || !free) return;
    open.free++;
    if (from === this.#leader) open.freeAtLeader = true;
    if (open.free < this.#fastQuorum || !open.freeAtLeader) return;
    if ([...this.#open.values()].some((other) => other.command.id < id && conflicts(other.command, open.command))) return;
    this.#open.delete(id);
    this.#early.add(id);
    this.#effects.note("fast");
    this.#effects.execute(open.command);
  }

  #onAccept({ slot, command: ordered }: MessageOf<"accept">): void {
    this.#log[slot] = ordered;
    this.#effects.send(this.#leader, { type: "accepted", slot });
  }

  /** Links keep order: who has accepted a slot has accepted those before. */
  #onAccepted(from: ReplicaId, { slot }: MessageOf<"accepted">): void {
    this.#accepted[from] = slot + 1;
    const upTo = this.#accepted.toSorted((a, b) => b - a)[majorityOf(this.#env.replicas) - 1]!;
    if (upTo <= this.#executed) return;
    this.#effects.broadcast(this.#env.others, { type: "decide", upTo });
    this.#execute(upTo);
  }

  #execute(upTo: number): void {
    for (; this.#executed < upTo; this.#executed++) {
      const next = this.#log[this.#executed]!;
      this.#underWay.delete(next.id);
      if (this.#early.delete(next.id)) continue;
      if (this.#open.delete(next.id)) this.#effects.note("slow");
      this.#effects.execute(next);
    }
  }

  status(): { readonly executed: number } {
    return { executed: this.#executed };
  }
}

export default defineProtocol({
  name: "fast-path",
  title: "log with a fast path (prototype)",
  summary: "a leader's log, and a fast path around it for commands that commute; no fault is tolerated",
  papers: ["Park, Ousterhout: Exploiting Commutativity For Practical Fast Replication, NSDI 2019"],
  messages,
  records,
  timers: [],
  options: {},
  create: (env, effects) => new FastPathLog(env, effects),
});
