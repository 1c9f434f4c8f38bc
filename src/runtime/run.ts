import { lead, type RunHooks, type RunOutcome } from "./lead.ts";
import type { RunSettings } from "./settings.ts";
import { ThreadCluster } from "./threads/thread-cluster.ts";

export const runInThreads = (settings: RunSettings, hooks?: RunHooks, signal?: AbortSignal): Promise<RunOutcome> =>
  lead((settings, listener) => new ThreadCluster(settings, listener), settings, hooks, signal);
