import { join } from "node:path";
import type { ReplicaId } from "../../core/ids.ts";
import { Journal, type OpenedJournal } from "../../storage/journal.ts";
import { loadProtocol } from "../modules.ts";
import { ReplicaHost } from "../replica-host.ts";
import type { Shared } from "../settings.ts";
import type { ClusterConfig } from "./config.ts";
import { ProcessPlace } from "./process-place.ts";

const nobody: Shared = { firstClient: Infinity, keyPrefix: "" };

/**
 * Serves as replica `self` until the process ends. Resolves when it takes requests; rejects if it cannot listen, or cannot
 * go on from its journal. `fail`: it cannot go on.
 */
export const serveReplica = async (config: ClusterConfig, self: ReplicaId, fail: (error: Error) => void): Promise<void> => {
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
  await place.endpoint.listen(); // from here on no other process opens the journal
  let opened: OpenedJournal | null;
  try {
    opened = openJournal(config, self, (records) => place.turn(() => host!.durable(records)), fail);
  } catch (error) {
    place.endpoint.close();
    throw error;
  }
  place.endpoint.dial(Array.from({ length: self }, (_, lower) => lower));
  const peers = replicas.map((_, peer) => peer).filter((peer) => peer !== self);
  await place.gather(peers);
  const settings = { ...config, replicas: replicas.length, loads: loads.length, topology: place.settings?.topology ?? null };
  const own = new ReplicaHost(place, self, settings, protocol, opened);
  // A replica that no run started serves many: what it executes before one attaches is none of theirs.
  if ((process.connected as boolean | undefined) === undefined) own.attach(place.settings?.shared ?? nobody);
  host = own;
  place.open(own, () => {
    own.start();
    for (const peer of peers) if (!place.reaches(peer)) own.linked(peer, false);
    loaded();
  });
};

const openJournal = (
  { durability, data, fingerprint }: ClusterConfig,
  replica: ReplicaId,
  durable: (records: number) => void,
  failed: (error: Error) => void,
): OpenedJournal | null => {
  if (durability === "none") return null;
  const settings = { folder: join(data, `replica-${replica}`), sync: durability === "fsync", fingerprint, replica };
  return Journal.open(settings, { durable, failed });
};
