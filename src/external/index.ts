import { etcd } from "./etcd/index.ts";
import type { ExternalSystem } from "./external.ts";

const externals: readonly ExternalSystem[] = [etcd];

export const listExternals = (): readonly ExternalSystem[] => externals;

export const externalNamed = (name: string): ExternalSystem | undefined => externals.find((system) => system.name === name);
