/**
 * Carries requests of clients to members, and makes no promise that etcd does not make. It knows no sessions: what was
 * asked twice may take effect twice. So a write that may have been taken is never sent again; its client gives it up.
 */
import type { Micros, ReplicaId } from "../../core/ids.ts";
import type { OperationResult } from "../../core/operation.ts";
import type { Request } from "../../engine/requests.ts";
import type { Reply } from "../../transport/replies.ts";
import type { Gateway, Outcome } from "./gateway.ts";
import { callOf, isCall, type Answer, type Call } from "./operations.ts";

export interface CourierListener {
  readonly now: Micros;
  /** As a replica answers; `result` null: ask another member. */
  answered(reply: Reply): void;
  /** What became of the client's open request will not be known. */
  abandoned(client: number): void;
  /** The run makes no sense: a member will never take such a request. */
  refused(member: ReplicaId, reason: string): void;
}

/** How long a member that broke a connection is left alone. */
const pause: Micros = 500_000;

interface Errand {
  readonly request: Request;
  readonly to: ReplicaId;
  /** A call that writes is under way. */
  writing: boolean;
  giveUp: () => void;
}

export class Courier {
  readonly #gateways: readonly Gateway[];
  readonly #prefix: string;
  readonly #listener: CourierListener;
  /** By client. */
  readonly #errands = new Map<number, Errand>();
  readonly #leftAloneUntil: Micros[];

  constructor(gateways: readonly Gateway[], prefix: string, listener: CourierListener) {
    this.#gateways = gateways;
    this.#prefix = prefix;
    this.#listener = listener;
    this.#leftAloneUntil = gateways.map(() => 0);
  }

  reaches(member: ReplicaId): boolean {
    return this.#listener.now >= this.#leftAloneUntil[member]!;
  }

  /** A client that sends its request again has lost patience with the one that is under way. */
  readonly carry = (to: ReplicaId, request: Request): void => {
    const earlier = this.#errands.get(request.client);
    if (earlier !== undefined) {
      this.#errands.delete(request.client);
      earlier.giveUp();
      if (earlier.writing) return this.#listener.abandoned(request.client);
    }
    const errand: Errand = { request, to, writing: false, giveUp: () => {} };
    this.#errands.set(request.client, errand);
    this.#call(errand, callOf(request.operation, this.#prefix));
  };

  #call(errand: Errand, call: Call): void {
    errand.writing = call.writes;
    errand.giveUp = this.#gateways[errand.to]!.post<Answer>(call.path, call.body, (outcome) => this.#take(errand, call, outcome));
  }

  #take(errand: Errand, call: Call, outcome: Outcome<Answer>): void {
    if (outcome.type === "answered") {
      const next = call.read(outcome.answer);
      return isCall(next) ? this.#call(errand, next) : this.#answer(errand, next);
    }
    if (outcome.type === "refused") return this.#listener.refused(errand.to, outcome.reason);
    this.#leftAloneUntil[errand.to] = this.#listener.now + pause;
    if (outcome.type === "untaken" || !call.writes) return this.#answer(errand, null);
    this.#errands.delete(errand.request.client);
    this.#listener.abandoned(errand.request.client);
  }

  #answer({ request: { client, sequence } }: Errand, result: OperationResult | null): void {
    this.#errands.delete(client);
    this.#listener.answered({ client, sequence, result });
  }
}
