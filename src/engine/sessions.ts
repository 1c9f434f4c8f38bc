import { IntervalSet } from "../core/interval-set.ts";
import type { OperationResult } from "../core/operation.ts";

/** A client has at most this many requests open; older results are forgotten. */
export const sessionWindow = 64;

/** Which requests of one client took effect, and with what result. */
export class Session {
  readonly #executed = new IntervalSet();
  /** At place `sequence` mod `sessionWindow`: whose result stands there, and the result. */
  readonly #sequences: number[] = [];
  readonly #results: OperationResult[] = [];

  executed(sequence: number): boolean {
    return this.#executed.has(sequence);
  }

  /** Undefined when the request has not been executed, or so long ago that its client cannot be waiting. */
  result(sequence: number): OperationResult | undefined {
    const place = sequence % sessionWindow;
    return this.#sequences[place] === sequence ? this.#results[place] : undefined;
  }

  record(sequence: number, result: OperationResult): void {
    this.#executed.add(sequence);
    const place = sequence % sessionWindow;
    this.#sequences[place] = sequence;
    this.#results[place] = result;
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
