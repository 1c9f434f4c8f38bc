import type { Micros } from "../core/ids.ts";
import type { Faults } from "../experiment/result.ts";
import type { Fault } from "../faults/scenario.ts";
import { duration, percent } from "./text.ts";

/** "2 × crash, 1 × heal"; a dash for none. */
export function faultList(counts: Faults["injected"]): string {
  return Object.entries(counts).map(([type, count]) => `${count} × ${type}`).join(", ") || "–";
}

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
