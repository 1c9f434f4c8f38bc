/** The thread of all clients. */
import { workerData } from "node:worker_threads";
import { ClientsHost, inFrames } from "../clients-host.ts";
import { loadWorkload } from "../modules.ts";
import type { RunSettings } from "../settings.ts";
import { Thread, type Wiring } from "./thread.ts";

const { settings, wiring } = workerData as { readonly settings: RunSettings; readonly wiring: Wiring };
const workload = await loadWorkload(settings.workload);
const thread = new Thread(wiring, settings);
const clients = new ClientsHost(thread, 0, settings, workload, inFrames(thread));
thread.report({ type: "loaded" });
await thread.run(clients);
