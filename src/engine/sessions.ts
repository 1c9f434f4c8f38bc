import { IntervalSet } from "../core/interval-set.ts";
import type { OperationResult } from "../core/operation.ts";

/** Which requests of one client took effect. A client has one of them open at a time: only the latest result is kept. */
export class Session {
  readonly #executed = new IntervalSet();
  #latest = -1;
  #result: OperationResult | undefined;

  executed(sequence: number): boolean {
    return this.#executed.has(sequence);
  }

  /** Undefined when the request has not been executed, or a later one has: then its client is not waiting for it. */
  result(sequence: number): OperationResult | undefined {
    return sequence === this.#latest ? this.#result : undefined;
  }

  record(sequence: number, result: OperationResult): void {
    this.#executed.add(sequence);
    if (sequence < this.#latest) return;
    this.#latest = sequence;
    this.#result = result;
  }
}

/**
 * By client, so that a retry is answered and not executed again. Part of the replicated state: it changes only by
 * executing, in the order in which the protocol executes.
 */
export class Sessions {
  readonly #sessions = new Map<number, Session>();

  /** Undefined while nothing of the client was executed. */
  find(client: number): Session | undefined {
    return this.#sessions.get(client);
  }

  of(client: number): Session {
    let session = this.#sessions.get(client);
    if (session === undefined) this.#sessions.set(client, (session = new Session()));
    return session;
  }
}
