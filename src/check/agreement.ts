/** What every position of a log or instance space was decided to be: one command with its attributes, everywhere and for ever. */
import { commandName, type CommandId } from "../core/command.ts";
import { firstReplicas, noReplicas, withReplica, type ReplicaId, type ReplicaSet } from "../core/ids.ts";
import type { Violation } from "./violation.ts";

/** A broken protocol disagrees at every position: more would only bury the first. */
const reported = 10;

interface Decision {
  readonly command: CommandId;
  readonly attributes: readonly number[];
  /** Who told it first, for the message. */
  readonly by: ReplicaId;
  toldBy: ReplicaSet;
}

/** Knows no protocol: positions and attributes are numbers that are the same or not. */
export class Agreement {
  readonly violations: Violation[] = [];
  readonly #everyone: ReplicaSet;
  readonly #keepAll: boolean;
  readonly #decisions = new Map<number, Decision>();
  #judged = false;

  /** `restarts`: replicas may decide everything again from the start, so nothing can be dropped on the way. */
  constructor(replicas: number, { restarts }: { readonly restarts: boolean }) {
    this.#everyone = firstReplicas(replicas);
    this.#keepAll = restarts;
  }

  /** False: no replica told of a decision, there was nothing to judge. */
  get judged(): boolean {
    return this.#judged;
  }

  decided(replica: ReplicaId, position: number, command: CommandId, attributes: readonly number[]): void {
    this.#judged = true;
    let decision = this.#decisions.get(position);
    if (decision === undefined) {
      decision = { command, attributes, by: replica, toldBy: noReplicas };
      this.#decisions.set(position, decision);
    } else if (command !== decision.command || !same(attributes, decision.attributes)) {
      this.#violated(
        `position ${position}: replica ${replica} decided ${nameOf(command, attributes)}, ` +
          `but replica ${decision.by} decided ${nameOf(decision.command, decision.attributes)} there before`,
      );
    }
    decision.toldBy = withReplica(decision.toldBy, replica);
    if (decision.toldBy === this.#everyone && !this.#keepAll) this.#decisions.delete(position);
  }

  #violated(detail: string): void {
    if (this.violations.length < reported) this.violations.push({ check: "agreement", detail });
  }
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((number, i) => number === b[i]);

const nameOf = (command: CommandId, attributes: readonly number[]): string =>
  attributes.length === 0 ? commandName(command) : `${commandName(command)} (${attributes.join(",")})`;
