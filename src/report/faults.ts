import type { Faults } from "../experiment/result.ts";

/** "2 × crash, 1 × heal"; a dash for none. */
export function faultList(counts: Faults["injected"]): string {
  return Object.entries(counts).map(([type, count]) => `${count} × ${type}`).join(", ") || "–";
}
