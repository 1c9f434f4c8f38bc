import type { ReplicaId } from "../../core/ids.ts";
import { loadProtocol } from "../modules.ts";
import { ReplicaHost } from "../replica-host.ts";
import type { ClusterConfig } from "./config.ts";
import { ProcessPlace } from "./process-place.ts";

/** Serves as replica `self` until the process ends. Resolves when it takes requests; rejects if it cannot listen. */
export const serveReplica = async (config: ClusterConfig, self: ReplicaId): Promise<void> => {
  const protocol = await loadProtocol(config.protocol);
  let started = false;
  const loaded = (): void => {
    if (started) place.report({ type: "loaded" });
  };
  const place: ProcessPlace = new ProcessPlace(config, self, loaded);
  const { replicas, loads } = config;
  await place.endpoint.listen();
  place.endpoint.dial(Array.from({ length: self }, (_, lower) => lower));
  const peers = replicas.map((_, peer) => peer).filter((peer) => peer !== self);
  await place.gather(peers);
  const settings = { ...config, replicas: replicas.length, loads: loads.length, topology: place.settings?.topology ?? null };
  const host = new ReplicaHost(place, self, settings, protocol);
  place.open(host, () => {
    started = true;
    host.start();
    for (const peer of peers) if (!place.reaches(peer)) host.linked(peer, false);
    loaded();
  });
};
