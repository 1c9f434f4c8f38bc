import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import type { Topology } from "../network/topology.ts";
import { builtIn, fileOf, readShaped } from "./input.ts";

/** Round trip between two machines of one data centre, ms: mean of A. Charapko's ppm, its LAN model. */
const lanRttMs = 0.427;

/** A topology without sites of its own: any number of replicas. */
export const lan = "lan";

const siteName = z.string().regex(/^\S+$/, "a site's name has no spaces");
const shape = z
  .object({
    name: z.string().min(1),
    source: z.string().optional(),
    cloudRegions: z.array(z.string()).optional(),
    sites: z.array(siteName).min(1),
    replicas: z.array(z.string()).min(1).optional(),
    clients: z.array(z.string()).min(1).optional(),
    rttMs: z.array(z.array(z.number().min(0, "a round trip is at least 0 ms").max(60_000, "a round trip is at most 60000 ms"))),
  })
  .strict()
  .superRefine(({ sites, replicas, clients, rttMs }, context) => {
    const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: "custom", path, message });
    for (const [field, names] of Object.entries({ sites, replicas, clients })) {
      for (const [i, name] of (names ?? []).entries()) {
        if (!sites.includes(name)) complain([field, i], `no site ${name}; allowed: ${sites.join(", ")}`);
        else if (names!.indexOf(name) < i) complain([field, i], `site ${name} stands there twice`);
      }
    }
    const idle = replicas === undefined ? undefined : sites.find((site) => !replicas.includes(site) && clients?.includes(site) !== true);
    if (idle !== undefined) complain(["sites", sites.indexOf(idle)], `site ${idle} has neither a replica nor clients; allowed is to name it in replicas, clients or both`);
    if (rttMs.length !== sites.length) {
      complain(["rttMs"], `the matrix is not square: ${rttMs.length} rows for ${sites.length} sites`);
    }
    for (const [row, entries] of rttMs.entries()) {
      if (entries.length === sites.length) continue;
      complain(["rttMs", row], `the matrix is not square: ${entries.length} entries in this row for ${sites.length} sites`);
      break;
    }
  });

/** Names of replicas that stand nowhere in particular. */
export const unnamedSites = (replicas: number): string[] => Array.from({ length: replicas }, (_, site) => `S${site}`);

/** Built-in names, `lan` first. */
export const topologyNames = (): string[] => [lan, ...builtIn("topologies").keys()];

/** As it is written. */
export type TopologyFile = z.infer<typeof shape>;

/** A built-in topology by name, or a file. Not for `lan`. Throws a `UsageError`. */
export const loadTopology = (spec: string): TopologyFile =>
  readShaped(fileOf("--topology", spec, builtIn("topologies"), [lan]), shape);

/**
 * The topology of a run and its number of replicas: as given, else all that the file names, else one a site, else 3.
 * Throws a `UsageError`.
 */
export const topologyFor = (spec: string, given: number | null): { topology: Topology; replicas: number } => {
  if (spec === lan) {
    const replicas = given ?? 3;
    const row = (a: number): number[] => Array.from({ length: replicas }, (_, b) => (a === b ? 0 : lanRttMs));
    return { topology: { name: lan, sites: unnamedSites(replicas), rttMs: Array.from({ length: replicas }, (_, a) => row(a)) }, replicas };
  }
  const { name, sites, replicas: places = sites, clients, rttMs } = loadTopology(spec);
  const replicas = given ?? places.length;
  if (replicas > places.length) {
    throw new UsageError(`--replicas ${replicas}: topology ${name} has ${places.length} sites for them, and a replica has one of its own`);
  }
  // The first ones, then what else has clients; other sites are not part of the run.
  const withReplica = places.slice(0, replicas);
  const used = [...withReplica, ...(clients ?? []).filter((site) => !withReplica.includes(site))];
  const rows = used.map((site) => sites.indexOf(site));
  const topology = { name, sites: used, rttMs: rows.map((a) => rows.map((b) => rttMs[a]![b]!)) };
  return { topology: clients === undefined ? topology : { ...topology, clients: clients.map((site) => used.indexOf(site)) }, replicas };
};
