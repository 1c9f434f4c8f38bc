/** The thread of one replica. */
import { workerData } from "node:worker_threads";
import { loadProtocol } from "../modules.ts";
import { ReplicaHost } from "../replica-host.ts";
import type { RunSettings } from "../settings.ts";
import { Thread, type Wiring } from "./thread.ts";

const { settings, wiring } = workerData as { readonly settings: RunSettings; readonly wiring: Wiring };
const protocol = await loadProtocol(settings.protocol);
const thread = new Thread(wiring, settings);
const replica = new ReplicaHost(thread, wiring.self, settings, protocol, null);
thread.report({ type: "loaded" });
await thread.run(replica);
