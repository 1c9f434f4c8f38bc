import type { Micros, ReplicaId } from "../core/ids.ts";
import type { OperationResult } from "../core/operation.ts";
import { WorkCounter } from "../measure/work.ts";
import { costOf, type Costs } from "./costs.ts";

interface OutgoingFrame {
  readonly to: ReplicaId;
  readonly frame: Uint8Array;
}

interface OutgoingReply {
  readonly client: number;
  readonly sequence: number;
  readonly result: OperationResult | null;
}

/** The turns of a replica whose work takes time: what the one under way costs, and what is to leave when it is over. */
export class Turn {
  readonly work: WorkCounter;
  readonly #costs: Costs;
  #frames: OutgoingFrame[] = [];
  #replies: OutgoingReply[] = [];
  /** Requests up to the last turn that is over. */
  #executed = 0;
  /** Of all turns so far. */
  #charged: Micros = 0;

  constructor(costs: Costs, replicas: number) {
    this.work = new WorkCounter(replicas);
    this.#costs = costs;
  }

  get charged(): Micros {
    return this.#charged;
  }

  send(to: ReplicaId, frame: Uint8Array): void {
    this.#frames.push({ to, frame });
    this.work.sent(to, frame.length);
  }

  reply(client: number, sequence: number, result: OperationResult | null): void {
    this.#replies.push({ client, sequence, result });
    this.work.replied();
  }

  /** No more is done in it: how long it takes. In whole µs; what is left over is the next turn's. */
  charge(): Micros {
    this.work.endTurn();
    const before = this.#charged;
    this.#charged = Math.floor(costOf(this.#costs, this.work.done));
    return this.#charged - before;
  }

  /** It is over: what is to leave now, and how many requests it executed. */
  takeOutgoing(): { readonly frames: readonly OutgoingFrame[]; readonly replies: readonly OutgoingReply[]; readonly executed: number } {
    const { execute } = this.work.done;
    const outgoing = { frames: this.#frames, replies: this.#replies, executed: execute - this.#executed };
    this.#executed = execute;
    this.#frames = [];
    this.#replies = [];
    return outgoing;
  }

  /** The machine crashed: what had not left never will. */
  abort(): void {
    this.charge();
    this.takeOutgoing();
  }
}
