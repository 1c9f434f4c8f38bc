import type { RunFlags } from "../../src/experiment/plan.ts";
import { runDefaults } from "../../src/experiment/run-defaults.ts";

/** As the command line fills them in; simulated, where nothing else is given. */
export const flagsOf = (given: Partial<RunFlags> = {}): RunFlags => ({ ...runDefaults, protocol: ["raft"], transport: "sim", set: [], ...given });
