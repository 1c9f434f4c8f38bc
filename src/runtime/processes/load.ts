import { ClientsHost, inFrames } from "../clients-host.ts";
import { loadWorkload, resolvePlugin } from "../modules.ts";
import type { RunSettings } from "../settings.ts";
import type { ClusterConfig } from "./config.ts";
import { ProcessPlace } from "./process-place.ts";

/** Serves as load node `number` until the process ends: holds its share of a run's clients. Rejects if it cannot listen. */
export const serveLoad = async (config: ClusterConfig, number: number): Promise<void> => {
  const replicas = config.replicas.map((_, replica) => replica);
  let host: ClientsHost | null = null;
  /** Of the run that is attached; another may follow before its modules are loaded. */
  let current: RunSettings | null = null;
  const attach = async (settings: RunSettings): Promise<void> => {
    const workload = await loadWorkload(resolvePlugin("workload", settings.workload, process.cwd()));
    await place.gather(replicas);
    if (settings !== current) return;
    host = new ClientsHost(place, number, settings, workload, inFrames(place));
    place.open(host);
    place.report({ type: "loaded" });
  };
  const place: ProcessPlace = new ProcessPlace(config, config.replicas.length + number, (order) => {
    if (order === null) {
      current = null;
      host?.abandon();
    }
    if (order?.type !== "attach") return;
    const { settings } = order;
    current = settings;
    attach(settings).catch((error: unknown) => {
      if (settings === current) place.decline(error instanceof Error ? error.message : String(error));
    });
  });
  await place.endpoint.listen();
  place.endpoint.dial(replicas);
};
