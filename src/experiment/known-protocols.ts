import { listExternals } from "../external/index.ts";
import { listPlugins } from "../runtime/modules.ts";

/** Names of the protocols that come with paxbench, and then of the external systems, in an order that stays. */
export const knownProtocols = (): string[] => [...listPlugins("protocol"), ...listExternals().map(({ name }) => name)];
