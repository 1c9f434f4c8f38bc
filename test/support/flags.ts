import type { RunFlags } from "../../src/experiment/plan.ts";

/** As the command line fills them in. */
export const flagsOf = (given: Partial<RunFlags> = {}): RunFlags => ({
  protocol: ["raft"],
  workload: "conflict",
  clients: "10",
  transport: "sim",
  leader: "0",
  duration: "10s",
  warmup: "2s",
  seed: "1",
  repeat: "1",
  durability: "none",
  set: [],
  ...given,
});
