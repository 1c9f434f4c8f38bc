import { IntervalSet } from "../core/interval-set.ts";
import type { OperationResult } from "../core/operation.ts";

/** A client has at most this many requests open; older results are forgotten. */
export const sessionWindow = 64;

interface Session {
  readonly executed: IntervalSet;
  /** At place `sequence` mod `sessionWindow`: whose result stands there, and the result. */
  readonly sequences: number[];
  readonly results: OperationResult[];
}

/**
 * Which requests took effect, and with what result, so that a retry is answered and not executed again. Part of the
 * replicated state: it changes only by executing, in the order in which the protocol executes.
 */
export class Sessions {
  readonly #sessions = new Map<number, Session>();

  executed(client: number, sequence: number): boolean {
    return this.#sessions.get(client)?.executed.has(sequence) ?? false;
  }

  /** Undefined when the request has not been executed, or so long ago that its client cannot be waiting. */
  result(client: number, sequence: number): OperationResult | undefined {
    const session = this.#sessions.get(client);
    const place = sequence % sessionWindow;
    return session !== undefined && session.sequences[place] === sequence ? session.results[place] : undefined;
  }

  record(client: number, sequence: number, result: OperationResult): void {
    let session = this.#sessions.get(client);
    if (session === undefined) {
      session = { executed: new IntervalSet(), sequences: [], results: [] };
      this.#sessions.set(client, session);
    }
    session.executed.add(sequence);
    const place = sequence % sessionWindow;
    session.sequences[place] = sequence;
    session.results[place] = result;
  }
}
