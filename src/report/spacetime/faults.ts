import type { Micros, ReplicaId } from "../../core/ids.ts";
import type { Fault } from "../../faults/scenario.ts";
import type { TraceEvent } from "../../sim/trace.ts";
import { duration, percent } from "../text.ts";

/** A fault and how long it lasts. */
export interface Band {
  readonly text: string;
  readonly kind: Fault["type"];
  /** Place of the fault among the events. */
  readonly event: number;
  readonly from: Micros;
  /** As `from` for what happens in a moment. */
  readonly until: Micros;
  /** Whom it befalls. */
  readonly replicas: readonly ReplicaId[];
}

const lasting: ReadonlySet<Fault["type"]> = new Set(["cut", "isolate", "only", "loss", "duplicate", "reorder", "delay", "slow", "slowDisk", "clock", "pause"]);

/** In the order in which they came. Until a heal comes, or to the end of the run, if nothing else ends them. */
export const bandsOf = (events: readonly TraceEvent[], replicas: number): Band[] => {
  const faults = events.flatMap((event, place) => (event.type === "fault" ? [{ ...event, event: place }] : []));
  const end = events.at(-1)?.at ?? 0;
  return faults.map(({ at, fault, event }, place) => {
    const healed = faults.slice(place + 1).find((later) => heals(later.fault, fault))?.at ?? end;
    const until = fault.type === "pause" ? Math.min(at + fault.for, healed) : healed;
    const lasts = lasting.has(fault.type) ? until : at;
    return { text: faultText(fault), kind: fault.type, event, from: at, until: lasts, replicas: befallen(fault, replicas) };
  });
};

/** A heal without ends heals all, one with ends the same link. */
const heals = (heal: Fault, fault: Fault): boolean =>
  heal.type === "heal" && (heal.from === undefined || ("from" in fault && heal.from === fault.from && heal.to === fault.to));

/** `cut 0 → 2`, `loss 30 % all → 1`, `pause 1 for 2 s`. */
export const faultText = (fault: Fault): string => {
  switch (fault.type) {
    case "crash": return `crash ${fault.replica}${fault.unsynced === undefined ? "" : `, unsynced ${fault.unsynced}`}`;
    case "crashBeforeSync": return `crash ${fault.replica} before its next sync`;
    case "restart":
    case "wipe":
    case "isolate": return `${fault.type} ${fault.replica}`;
    case "pause": return `pause ${fault.replica} for ${ms(fault.for)}`;
    case "slow": return `slow ${fault.replica}: ${ms(fault.each)} an input`;
    case "clock": return `clock of ${fault.replica}: × ${fault.rate}, + ${ms(fault.jump)}`;
    case "cut": return `cut ${fault.from} → ${fault.to}`;
    case "loss":
    case "duplicate":
    case "reorder": return `${fault.type} ${percent(fault.share)} ${fault.from} → ${fault.to}`;
    case "delay": return `delay ${ms(fault.extra)} ${fault.from} → ${fault.to}`;
    case "only": return `only ${fault.pairs.map(([a, b]) => `${a}–${b}`).join(", ")}`;
    case "slowDisk": return `disk of ${fault.replica}: ${ms(fault.sync)} a sync`;
    case "heal": return fault.from === undefined ? "heal" : `heal ${fault.from} → ${fault.to!}`;
  }
};

const ms = (time: Micros): string => duration(time / 1000);

/** Of a link that all have an end of, the other end. */
const befallen = (fault: Fault, replicas: number): ReplicaId[] => {
  const all = Array.from({ length: replicas }, (_, replica) => replica);
  if ("replica" in fault) return typeof fault.replica === "number" ? [fault.replica] : all;
  if ("from" in fault) {
    const ends = [fault.from, fault.to].filter((end) => typeof end === "number");
    return ends.length === 0 ? all : ends;
  }
  return fault.type === "only" ? all : [];
};
