import type { RunFlags } from "./plan.ts";

/** What flags of `run` are where nobody says otherwise; those that are absent have none. */
export const runDefaults = {
  workload: "conflict",
  clients: "10",
  leader: "0",
  duration: "10s",
  warmup: "2s",
  seed: "1",
  repeat: "1",
  durability: "none",
} as const satisfies Partial<RunFlags>;
