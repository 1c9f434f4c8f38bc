import type { Micros, ReplicaId } from "../../core/ids.ts";
import { bandsOf as faultBands } from "../../faults/bands.ts";
import type { Fault } from "../../faults/scenario.ts";
import type { TraceEvent } from "../../sim/trace.ts";
import { faultText } from "../faults.ts";

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

/** In the order in which they came. A crash is a moment here: that the replica is down is drawn at its line. */
export const bandsOf = (events: readonly TraceEvent[], replicas: number): Band[] => {
  const faults = events.flatMap((event, place) => (event.type === "fault" ? [{ at: event.at, fault: event.fault, place }] : []));
  return faultBands(faults, replicas, events.at(-1)?.at ?? 0).map(({ fault, event, from, until }) => ({
    text: faultText(fault),
    kind: fault.type,
    event: faults[event]!.place,
    from,
    until: fault.type === "crash" || fault.type === "crashBeforeSync" ? from : until,
    replicas: befallen(fault, replicas),
  }));
};

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
