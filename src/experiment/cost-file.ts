/** Files that say what a replica's work takes, for runs in virtual time. docs/costs.md. */
import { z } from "zod";
import { noCosts, type Costs } from "../sim/costs.ts";
import type { MachineSettings } from "../sim/machine.ts";
import type { Durability } from "../runtime/settings.ts";
import { builtIn, fields, fileOf, readShaped } from "./input.ts";

export interface CostFile {
  readonly name: string;
  /** Where the numbers come from. */
  readonly source: string;
  /** Of any protocol that is not named; what is left out costs nothing. */
  readonly costs: Partial<Costs>;
  /** By protocol: what differs. */
  readonly protocols: Readonly<Record<string, Partial<Costs>>>;
  /** Of the node that has all clients, and of who leads a run and judges it: where they share cores with replicas. */
  readonly load: Partial<Costs>;
  readonly judge: Partial<Costs>;
}

const micros = z.number({ error: "allowed is a number of µs" }).min(0, { error: "a cost is at least 0 µs" }).max(1e6, { error: "a cost is at most a second, 1000000 µs" });
const inputs = z.int({ error: "allowed is a whole number of inputs, 0 for all that wait" }).min(0, { error: "allowed is a whole number of inputs, 0 for all that wait" });
/** Those in µs. */
export const costKinds = Object.keys(noCosts).filter((kind) => kind !== "inputs") as Exclude<keyof Costs, "inputs">[];
const costs = fields({
  ...(Object.fromEntries(costKinds.map((kind) => [kind, micros.exactOptional()])) as Record<(typeof costKinds)[number], z.ZodExactOptional<typeof micros>>),
  inputs: inputs.exactOptional(),
});
const text = z.string({ error: "allowed is a text" }).min(1, { error: "allowed is a text" });
const shape = fields({
  name: text,
  source: text,
  costs,
  protocols: z.record(z.string(), costs, { error: "is no mapping of protocols to costs" }).default({}),
  load: costs.default({}),
  judge: costs.default({}),
  /** What `calibrate` tells of how it was fitted. */
  calibration: z.unknown().optional(),
});

export const costNames = (): string[] => [...builtIn("costs").keys()];

/** Built-in by name, or a file. Throws a `UsageError`. */
export const loadCosts = (spec: string): CostFile => {
  const { calibration: _, ...file } = readShaped(fileOf("--costs", spec, builtIn("costs")), shape);
  return file;
};

/** A protocol's, by name. Without durability there is no journal. */
export const costsOf = (file: CostFile, protocol: string, durability: Durability): Costs => ({
  ...noCosts,
  ...file.costs,
  ...file.protocols[protocol],
  ...(durability === "none" ? { record: 0, sync: 0 } : {}),
});

/** Replicas, clients and judge on one machine of so many cores; 0: each replica has one of its own, and the others are free. */
export const machineOf = ({ load, judge }: CostFile, cores: number): MachineSettings | null =>
  cores === 0 ? null : { cores, load: { ...noCosts, ...load }, judge: { ...noCosts, ...judge } };
