import { ClientsHost, inFrames } from "../clients-host.ts";
import { loadWorkload } from "../modules.ts";
import type { RunSettings } from "../settings.ts";
import type { ClusterConfig } from "./config.ts";
import { ProcessPlace } from "./process-place.ts";

/** Serves as load node `number` until the process ends: holds its share of a run's clients. Rejects if it cannot listen. */
export const serveLoad = async (config: ClusterConfig, number: number): Promise<void> => {
  const replicas = config.replicas.map((_, replica) => replica);
  let host: ClientsHost | null = null;
  const attach = async (settings: RunSettings): Promise<void> => {
    const workload = await loadWorkload(settings.workload);
    await place.gather(replicas);
    host = new ClientsHost(place, number, settings, workload, inFrames(place));
    place.open(host);
    place.report({ type: "loaded" });
  };
  const place: ProcessPlace = new ProcessPlace(config, config.replicas.length + number, (order) => {
    if (order === null) host?.abandon();
    else if (order.type === "attach") void attach(order.settings);
  });
  await place.endpoint.listen();
  place.endpoint.dial(replicas);
};
