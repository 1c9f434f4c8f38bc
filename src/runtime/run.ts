import { fileURLToPath } from "node:url";
import { lead, type ClusterFactory, type RunHooks, type RunOutcome } from "./lead.ts";
import type { ClusterConfig } from "./processes/config.ts";
import { ProcessCluster, type Launch } from "./processes/process-cluster.ts";
import { RemoteCluster } from "./processes/remote-cluster.ts";
import type { RunSettings } from "./settings.ts";
import { ThreadCluster } from "./threads/thread-cluster.ts";

export const threads: ClusterFactory = (settings, listener) => new ThreadCluster(settings, listener);

/** All nodes of the cluster that `file` describes, as it was read into `config`. */
export const processes = (file: string, config: ClusterConfig): ClusterFactory => {
  const launch = (command: "replica" | "load") => (_: unknown, id: number): Launch => ({
    name: `${command} ${id}`,
    file: fileURLToPath(new URL("../../bin/run.js", import.meta.url)),
    args: [command, "--cluster", file, "--id", String(id)],
  });
  const launches = [...config.replicas.map(launch("replica")), ...config.loads.map(launch("load"))];
  return (settings, listener) => new ProcessCluster(settings, config, launches, listener);
};

export const runInThreads = (settings: RunSettings, hooks?: RunHooks, signal?: AbortSignal): Promise<RunOutcome> =>
  lead(threads, settings, hooks, signal);

export const runInProcesses = (
  file: string,
  config: ClusterConfig,
  settings: RunSettings,
  hooks?: RunHooks,
  signal?: AbortSignal,
): Promise<RunOutcome> => lead(processes(file, config), settings, hooks, signal);
/** On a cluster that runs already. */
export const runOnCluster = (config: ClusterConfig, settings: RunSettings, hooks?: RunHooks, signal?: AbortSignal): Promise<RunOutcome> =>
  lead((settings, listener) => new RemoteCluster(settings, config, listener), settings, hooks, signal);
