import type { Micros, ReplicaId } from "../core/ids.ts";
import { requestBytes, type Request } from "../engine/requests.ts";
import { WorkCounter } from "../measure/work.ts";
import { Cores } from "./cores.ts";
import { costOf, type Costs } from "./costs.ts";
import type { EventQueue } from "./event-queue.ts";
import { Inbox } from "./inbox.ts";
import type { SimulatedClient } from "./simulated-client.ts";

/** One machine for all nodes of a run, as a live run on a laptop has it. */
export interface MachineSettings {
  readonly cores: number;
  /** Of the node that has all clients. */
  readonly load: Costs;
  /** Of who leads the run and reads what replicas executed. */
  readonly judge: Costs;
}

interface Sending {
  readonly client: SimulatedClient;
  readonly to: ReplicaId;
  readonly request: Request;
}

/** What replicas share their cores with: clients, who take turns as replicas do, and the judge. */
export class Machine {
  readonly cores: Cores;
  readonly #load: Inbox;
  readonly #loadWork: WorkCounter;
  readonly #judge: Inbox;
  readonly #judgeWork: WorkCounter;
  #sending: Sending[] = [];

  constructor({ cores, load, judge }: MachineSettings, replicas: number, queue: EventQueue) {
    this.cores = new Cores(cores);
    this.#loadWork = new WorkCounter(replicas);
    this.#judgeWork = new WorkCounter(replicas);
    this.#load = new Inbox(queue, (kind, a, b, payload) => this.#take(kind, a, b, payload as LoadInput), {
      wake: load.wake, inputs: load.inputs, cores: this.cores, work: charging(load, this.#loadWork), end: () => this.#leave(),
    });
    this.#judge = new Inbox(queue, (_, executed) => this.#judgeWork.executed(executed), {
      wake: judge.wake, inputs: judge.inputs, cores: this.cores, work: charging(judge, this.#judgeWork), end() {},
    });
  }

  /** Something happens at a client: in its node's next turn. `from`: the replica that sent it. */
  put(client: Pick<SimulatedClient, "take">, from: ReplicaId | null, kind: number, a: number, b: number, payload: unknown): void {
    this.#load.put(kind, a, b, { client, from, payload });
  }

  send(client: SimulatedClient, to: ReplicaId, request: Request): void {
    this.#sending.push({ client, to, request });
    this.#loadWork.sent(to, requestBytes(request));
  }

  /** A replica tells the judge how many requests it executed. */
  executed(requests: number): void {
    if (requests > 0) this.#judge.put(0, requests, 0, null);
  }

  #take(kind: number, a: number, b: number, { client, from, payload }: LoadInput): void {
    if (from !== null) this.#loadWork.received(from, 0);
    client.take(kind, a, b, payload);
  }

  #leave(): void {
    const sending = this.#sending;
    this.#sending = [];
    for (const { client, to, request } of sending) client.leaves(to, request);
  }
}

interface LoadInput {
  readonly client: Pick<SimulatedClient, "take">;
  readonly from: ReplicaId | null;
  readonly payload: unknown;
}

/** What each turn costs, in whole µs; what is left over is the next one's. */
const charging = (costs: Costs, work: WorkCounter): (() => Micros) => {
  let charged = 0;
  return () => {
    work.endTurn();
    const before = charged;
    charged = Math.floor(costOf(costs, work.done));
    return charged - before;
  };
};
