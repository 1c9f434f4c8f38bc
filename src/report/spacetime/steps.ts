/** What led to what: which messages mattered, and which are only the beat of a heart. */
import type { Lane, TraceEvent } from "../../sim/trace.ts";

export interface Causes {
  /** By event: whether its step, or what follows from it, did anything but pass the time. Others are quiet. */
  readonly matters: readonly boolean[];
  /** By a message's `sent`: the deliveries. */
  readonly deliveries: ReadonlyMap<number, readonly number[]>;
}

const inputs = new Set<TraceEvent["type"]>(["started", "synced", "delivered", "timer", "link"]);
const actions = new Set<TraceEvent["type"]>(["persisted", "decided", "executed", "noted", "violated"]);

/**
 * A step matters if it wrote, executed, decided or served a client, or sent a message to a step that matters. A message
 * matters if a step that did something of its own sent it, or if its delivery matters: of an idle leader's heartbeats
 * and their answers none does, of a round of votes all do.
 */
export const causesOf = (events: readonly TraceEvent[], replicas: number): Causes => {
  const stepOf = stepsOf(events, replicas);
  const deliveries = new Map<number, number[]>();
  events.forEach((event, index) => {
    if (event.type === "delivered") deliveries.set(event.message, [...(deliveries.get(event.message) ?? []), index]);
  });
  const isClient = (lane: Lane): boolean => lane >= replicas;
  const acted = new Set<number>();
  events.forEach((event, index) => {
    const withClient = event.type === "sent" && isClient(event.to);
    const ofClient = event.type === "delivered" && isClient((events[event.message] as { lane: Lane }).lane);
    if (actions.has(event.type) || event.type === "synced" || withClient || ofClient) acted.add(stepOf[index]!);
  });
  // Causes come before effects: from the end, each step is settled before those that led to it.
  const mattering = new Set(acted);
  for (let index = events.length - 1; index >= 0; index--) {
    const led = (deliveries.get(index) ?? []).some((delivery) => mattering.has(stepOf[delivery]!));
    if (led) mattering.add(stepOf[index]!);
  }
  const matters = events.map((event, index) => {
    const { lane, type } = event;
    if (lane < 0 || isClient(lane) || type === "crashed" || type === "started" || type === "violated") return true;
    if (type === "sent") {
      return acted.has(stepOf[index]!) || (deliveries.get(index) ?? []).some((delivery) => mattering.has(stepOf[delivery]!));
    }
    if (type === "delivered") return mattering.has(stepOf[index]!) || acted.has(stepOf[event.message]!);
    return mattering.has(stepOf[index]!);
  });
  return { matters, deliveries };
};

/** By event: the place of the input that began its step; itself where it belongs to none. */
const stepsOf = (events: readonly TraceEvent[], replicas: number): number[] => {
  let input = -1;
  return events.map(({ type, lane }, index) => {
    if (lane < 0 || lane >= replicas) return index;
    if (inputs.has(type)) input = index;
    return input === -1 || events[input]!.lane !== lane ? index : input;
  });
};
