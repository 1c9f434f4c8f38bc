import { firstReplicas, membersOf, type Micros, type ReplicaId } from "../core/ids.ts";
import type { Fault } from "./scenario.ts";

/** A fault that was injected, with replicas by number. */
export interface FaultEvent {
  /** µs, from wherever its recorder counts. */
  readonly at: Micros;
  readonly fault: Fault;
}

/** A fault and how long it lasts. */
export interface Band {
  readonly fault: Fault;
  /** Place of the fault among the events. */
  readonly event: number;
  readonly from: Micros;
  /** As `from` for what happens in a moment. */
  readonly until: Micros;
}

const links: ReadonlySet<Fault["type"]> = new Set(["cut", "isolate", "only", "loss", "duplicate", "reorder", "delay"]);
const machines: ReadonlySet<Fault["type"]> = new Set(["slow", "slowDisk", "clock", "pause"]);

/**
 * In the order in which they came. What befalls links and machines lasts until a heal, a crash until all that it took are
 * back; what nothing ends lasts to `end`.
 */
export const bandsOf = (events: readonly FaultEvent[], replicas: number, end: Micros): Band[] =>
  events.map(({ at, fault }, event) => ({ fault, event, from: at, until: endOf(fault, at, events.slice(event + 1), replicas, end) }));

const endOf = (fault: Fault, at: Micros, later: readonly FaultEvent[], replicas: number, end: Micros): Micros => {
  if (fault.type === "crash" || fault.type === "crashBeforeSync") {
    const back = crashed(fault.replica, replicas).map((replica) => later.find((other) => restarts(other.fault, replica))?.at ?? end);
    return Math.max(at, ...back);
  }
  if (!links.has(fault.type) && !machines.has(fault.type)) return at;
  const healed = later.find((other) => heals(other.fault, fault))?.at ?? end;
  return fault.type === "pause" ? Math.min(at + fault.for, healed) : healed;
};

const crashed = (replica: unknown, replicas: number): ReplicaId[] =>
  typeof replica === "number" ? [replica] : membersOf(firstReplicas(replicas));

const restarts = (fault: Fault, replica: ReplicaId): boolean =>
  fault.type === "restart" && (fault.replica === "all" || fault.replica === replica);

/** A heal without ends heals all, one with ends the same link. */
const heals = (heal: Fault, fault: Fault): boolean =>
  heal.type === "heal" && (heal.from === undefined || ("from" in fault && heal.from === fault.from && heal.to === fault.to));
