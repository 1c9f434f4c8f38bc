import type { ReplicaId } from "../../core/ids.ts";
import { loadProtocol } from "../modules.ts";
import { ReplicaHost } from "../replica-host.ts";
import type { Shared } from "../settings.ts";
import type { ClusterConfig } from "./config.ts";
import { ProcessPlace } from "./process-place.ts";

const nobody: Shared = { firstClient: Infinity, keyPrefix: "" };

/** Serves as replica `self` until the process ends. Resolves when it takes requests; rejects if it cannot listen. */
export const serveReplica = async (config: ClusterConfig, self: ReplicaId): Promise<void> => {
  const protocol = await loadProtocol(config.protocol);
  let host: ReplicaHost | null = null;
  const loaded = (): void => {
    if (host !== null) place.report({ type: "loaded" });
  };
  const place: ProcessPlace = new ProcessPlace(config, self, (order) => {
    if (order?.type !== "attach") return;
    if (order.settings.shared !== null) host?.attach(order.settings.shared);
    loaded();
  });
  const { replicas, loads } = config;
  await place.endpoint.listen();
  place.endpoint.dial(Array.from({ length: self }, (_, lower) => lower));
  const peers = replicas.map((_, peer) => peer).filter((peer) => peer !== self);
  await place.gather(peers);
  const settings = { ...config, replicas: replicas.length, loads: loads.length, topology: place.settings?.topology ?? null };
  const own = new ReplicaHost(place, self, settings, protocol);
  // A replica that no run started serves many: what it executes before one attaches is none of theirs.
  if ((process.connected as boolean | undefined) === undefined) own.attach(place.settings?.shared ?? nobody);
  host = own;
  place.open(own, () => {
    own.start();
    for (const peer of peers) if (!place.reaches(peer)) own.linked(peer, false);
    loaded();
  });
};
