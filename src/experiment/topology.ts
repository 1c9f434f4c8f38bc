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
    rttMs: z.array(z.array(z.number().min(0, "a round trip is at least 0 ms").max(60_000, "a round trip is at most 60000 ms"))),
  })
  .strict()
  .superRefine(({ sites, rttMs }, context) => {
    const complain = (path: (string | number)[], message: string): void => context.addIssue({ code: "custom", path, message });
    const repeated = sites.findIndex((site, i) => sites.indexOf(site) !== i);
    if (repeated >= 0) complain(["sites", repeated], `site ${sites[repeated]} stands there twice`);
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

/** A built-in topology by name, or a file. Not for `lan`. Throws a `UsageError`. */
export const loadTopology = (spec: string): Topology & { readonly source?: string | undefined } =>
  readShaped(fileOf("--topology", spec, builtIn("topologies"), [lan]), shape);

/** The topology of a run and its number of replicas: as given, else one a site, else 3. Throws a `UsageError`. */
export const topologyFor = (spec: string, given: number | null): { topology: Topology; replicas: number } => {
  if (spec === lan) {
    const replicas = given ?? 3;
    const row = (a: number): number[] => Array.from({ length: replicas }, (_, b) => (a === b ? 0 : lanRttMs));
    return { topology: { name: lan, sites: unnamedSites(replicas), rttMs: Array.from({ length: replicas }, (_, a) => row(a)) }, replicas };
  }
  const { name, sites, rttMs } = loadTopology(spec);
  const replicas = given ?? sites.length;
  if (replicas > sites.length) {
    throw new UsageError(`--replicas ${replicas}: topology ${name} has ${sites.length} sites, and a replica has one of its own`);
  }
  // The first sites; the others are not part of the run.
  const used = rttMs.slice(0, replicas).map((row) => row.slice(0, replicas));
  return { topology: { name, sites: sites.slice(0, replicas), rttMs: used }, replicas };
};
