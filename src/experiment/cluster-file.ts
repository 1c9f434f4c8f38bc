/** `cluster.yaml`: what `paxbench replica` and `paxbench load` are started with, on this machine or on many. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { UsageError } from "../core/errors.ts";
import { maxReplicas } from "../core/ids.ts";
import { parseOptions, type OptionValue } from "../core/option.ts";
import { loadProtocol, resolvePlugin, validateOptions } from "../runtime/modules.ts";
import { durabilities } from "../runtime/settings.ts";
import { fingerprintBytes } from "../transport/tcp/hello.ts";
import type { Address } from "../transport/tcp/endpoint.ts";
import type { ClusterConfig } from "../runtime/processes/config.ts";
import { version } from "./environment.ts";
import { fields, readShaped } from "./input.ts";

const address = z.string().transform((text, context): Address => {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d+)$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) return { host, port: Number(port) };
  context.addIssue({ code: "custom", message: `${text} is no address; allowed is host:port, with a port in 1..65535` });
  return z.NEVER;
});

const shape = fields({
  name: z.string().min(1),
  /** Built-in name, path or package; a path is relative to the file. */
  protocol: z.string().min(1),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  replicas: z.array(address).min(1).max(maxReplicas),
  loads: z.array(address).min(1).max(64),
  leader: z.number().int().min(0).default(0),
  seed: z.number().int().min(0).default(1),
  batch: z.number().int().min(1).max(65_536).default(1024),
  durability: z.enum(durabilities).default("none"),
  /** Where journals are kept, replica n's in `replica-n`; relative to the file. */
  data: z.string().min(1).default("data"),
  /** PEM files for mutual TLS, relative to the file. */
  tls: fields({ ca: z.string(), cert: z.string(), key: z.string() }).optional(),
  /** Without TLS, addresses other than loopback are refused unless this says yes. */
  insecure: z.boolean().default(false),
});

/** What such a file holds, as it is typed. */
export type ClusterFile = z.input<typeof shape>;

/** Throws a `UsageError`, with line and column where the file itself is wrong. */
export const readCluster = async (file: string): Promise<ClusterConfig> => {
  const { name, protocol: spec, options, replicas, loads, leader, seed, batch, durability, data, tls, insecure } = readShaped(file, shape);
  const exposed = [...replicas, ...loads].find(({ host }) => !isLoopback(host));
  if (exposed !== undefined && tls === undefined && !insecure) {
    throw new UsageError(`${file}: ${exposed.host} is not this machine, and what goes there is in the clear; allowed with tls, or with insecure: true`);
  }
  if (leader >= replicas.length) throw new UsageError(`${file}: leader ${leader}: allowed is a replica in 0..${replicas.length - 1}`);
  const addresses = [...replicas, ...loads].map(({ host, port }) => `${host}:${port}`);
  const twice = addresses.find((address, node) => addresses.indexOf(address) < node);
  if (twice !== undefined) throw new UsageError(`${file}: ${twice} stands there twice; allowed is one node an address`);
  const { url, protocol, protocolOptions } = await protocolOf(spec, options, replicas.length, dirname(file)).catch((error: unknown) => {
    throw error instanceof UsageError ? new UsageError(`${file}: ${error.message}`) : error;
  });
  const shared = [version, name, protocol.name, protocolOptions, replicas.length, loads.length];
  return {
    name,
    protocol: url,
    protocolOptions,
    replicas,
    loads,
    initialLeader: leader,
    seed,
    batch,
    durability,
    data: resolve(dirname(file), data),
    secure: tls === undefined ? null : { ca: pem(file, "ca", tls.ca), cert: pem(file, "cert", tls.cert), key: pem(file, "key", tls.key) },
    fingerprint: createHash("sha256").update(JSON.stringify(shared)).digest().subarray(0, fingerprintBytes),
  };
};

const protocolOf = async (spec: string, options: Readonly<Record<string, OptionValue>>, replicas: number, folder: string) => {
  const url = resolvePlugin("protocol", spec, folder);
  const protocol = await loadProtocol(url);
  const given = new Map(Object.entries(options).map(([key, value]) => [key, String(value)]));
  for (const key of given.keys()) {
    if (key in protocol.options) continue;
    throw new UsageError(`options: ${protocol.name} has no ${key}; allowed: ${Object.keys(protocol.options).join(", ") || "none"}`);
  }
  const protocolOptions: Readonly<Record<string, OptionValue>> = parseOptions(protocol.name, protocol.options as never, given);
  validateOptions(protocol, replicas, protocolOptions);
  return { url, protocol, protocolOptions };
};

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));

const pem = (file: string, name: string, path: string): string => {
  const resolved = resolve(dirname(file), path);
  try {
    return readFileSync(resolved, "utf8");
  } catch (error) {
    throw new UsageError(`${file}: tls.${name}: cannot read ${resolved}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);
  }
};

/** The place of a node among its kind, as typed after `--id`. Throws a `UsageError`. */
export const memberOf = (id: string, members: readonly Address[]): number => {
  if (/^\d+$/.test(id) && Number(id) < members.length) return Number(id);
  throw new UsageError(`--id ${id}: allowed is a whole number in 0..${members.length - 1}, as the cluster has`);
};
