import { quoted } from "../core/shell.ts";
import type { Failure } from "./task.ts";

/** The command line that runs a seed again within its limits; `protocol`, `workload` and `set` as they were typed. */
export const replayOf = (
  { protocol, workload, set }: { readonly protocol: string; readonly workload: string; readonly set: readonly string[] },
  { seed, limits }: Pick<Failure, "seed" | "limits">,
): string => {
  const words = ["paxbench fuzz", `-p ${quoted(protocol)}`, `--seed ${seed} --seeds 1`];
  if (limits.replicas !== undefined) words.push(`--replicas ${limits.replicas}`);
  if (limits.clients !== undefined) words.push(`--clients ${limits.clients}`);
  if (limits.duration !== undefined) words.push(`--duration ${limits.duration / 1000}ms`);
  if (limits.commands !== undefined) words.push(`--commands ${limits.commands}`);
  if (limits.faults !== undefined) words.push(`--faults ${limits.faults.length === 0 ? "none" : limits.faults.join(",")}`);
  if (workload !== "mixed") words.push(`--workload ${quoted(workload)}`);
  for (const setting of set) words.push(`--set ${quoted(setting)}`);
  return words.join(" ");
};
