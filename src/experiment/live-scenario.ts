import { UsageError } from "../core/errors.ts";
import { millisecond } from "../core/ids.ts";
import type { Fault, Scenario } from "../faults/scenario.ts";

const links: readonly Fault["type"][] = ["cut", "loss", "duplicate", "reorder", "delay", "isolate", "only"];
const possible = {
  inproc: ["pause", ...links, "heal"],
  tcp: ["crash", "restart", "pause", ...links, "heal"],
  "an external system": ["crash", "restart", "pause", "heal"],
} as const satisfies Readonly<Record<string, readonly Fault["type"][]>>;

/** Throws a `UsageError` that names the first step which nobody can carry out in real time, and says what is allowed. */
export const refuseUnlessLive = ({ name, steps }: Scenario, where: keyof typeof possible, journal: boolean): void => {
  const allowed: readonly Fault["type"][] = possible[where];
  for (const [place, { at, fault }] of steps.entries()) {
    const reason =
      !allowed.includes(fault.type) ? `${where} cannot do that; it can ${allowed.join(", ")}`
      : fault.type === "restart" && !journal ? "a replica comes back on its journal; allowed with --durability wal or fsync"
      : fault.type === "crash" && fault.unsynced !== undefined ? "what a kill leaves is not ours to choose; allowed without unsynced, or with --transport sim"
      : namesAsked(fault) ? "who was asked last, only the simulator knows; allowed: leader, follower, a number"
      : null;
    if (reason !== null) throw new UsageError(`--scenario ${name}: step ${place + 1}, ${fault.type} at ${at / millisecond}ms: ${reason}`);
  }
};

const namesAsked = (fault: Fault): boolean => {
  const named = fault.type === "only" ? fault.pairs.flat() : "replica" in fault ? [fault.replica] : "from" in fault ? [fault.from, fault.to] : [];
  return named.includes("asked");
};
