import { quoted } from "../core/shell.ts";
import type { Plan, PlannedRun } from "./plan.ts";

/**
 * The command line that runs one run of a plan again. A topology or scenario from a file is named as it was typed; its
 * content stands in the manifest.
 */
export const replayOf = ({ typed, workload, harness }: Plan, { protocol, seed }: PlannedRun): string => {
  const words = ["paxbench", "run"];
  const flag = (name: string, value: string | undefined): void => {
    if (value !== undefined) words.push(`--${name}`, quoted(value));
  };
  if (typed.cluster === undefined) flag("protocol", protocol.spec);
  else flag("cluster", typed.cluster);
  if (protocol.external !== null) flag("endpoints", typed.endpoints);
  flag("seed", String(seed));
  for (const name of ["transport", "topology", "replicas", "leader", "clients", "rate", "workload", "conflict"] as const) flag(name, typed[name]);
  for (const name of ["duration", "warmup", "scenario", "costs", "durability"] as const) flag(name, typed[name]);
  for (const threshold of typed.threshold ?? []) flag("threshold", threshold);
  if (typed.history === true) words.push("--history");
  const taken = { ...protocol.options, ...workload.options, ...harness };
  for (const setting of typed.set) {
    const [name] = setting.split("=") as [string];
    if (name in taken) flag("set", setting);
  }
  return words.join(" ");
};
