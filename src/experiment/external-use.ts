/** An external system as what a run puts under load. */
import { UsageError } from "../core/errors.ts";
import { maxReplicas } from "../core/ids.ts";
import type { ExternalSystem, ExternalUse } from "../external/external.ts";
import { externalNamed } from "../external/index.ts";
import type { RunFlags, SubjectUse } from "./plan.ts";

export interface External extends Pick<ExternalSystem, "name"> {
  readonly use: ExternalUse;
}

/** The one that is named among the protocols, if any. Throws a `UsageError`: not there, or flags that mean nothing to it. */
export const externalOf = async (flags: RunFlags, specs: readonly string[]): Promise<External | null> => {
  const system = specs.map(externalNamed).find((found) => found !== undefined);
  const { endpoints, transport, topology, scenario, replicas } = flags;
  if (system === undefined) {
    if (endpoints !== undefined) throw new UsageError(`--endpoints ${endpoints}: no external system is named; allowed with -p etcd`);
    return null;
  }
  const { name } = system;
  if (transport !== undefined && transport !== "tcp") refuse(`--transport ${transport}: ${name} is external and has its own processes and sockets`, "with it is tcp");
  if (topology !== undefined) refuse(`--topology ${topology}: ${name} is external, paxbench delays no messages of its members`, "without it");
  if (scenario !== undefined && endpoints !== undefined) refuse(`--scenario ${scenario}: the members at --endpoints are not paxbench's to harm`, "without --endpoints");
  const urls = endpoints === undefined ? null : urlsOf(endpoints);
  if (urls !== null && replicas !== undefined && replicas !== String(urls.length)) refuse(`--replicas ${replicas}: --endpoints names ${urls.length}`, `is ${urls.length}`);
  return { name, use: await system.find(urls) };
};

export const subjectOf = ({ name, use }: External): SubjectUse => ({
  spec: name,
  name,
  title: `${name} ${use.version} (external${use.durability === "unknown" ? "" : `, ${use.durability}`})`,
  url: `external:${name}`,
  options: {},
  external: use,
  orders: true,
});

const refuse = (what: string, allowed: string): never => {
  throw new UsageError(`${what}; allowed ${allowed}`);
};

const urlsOf = (endpoints: string): readonly string[] => {
  const urls = endpoints.split(",").map((text) => {
    const url = URL.parse(text);
    if (url?.protocol === "http:" && url.pathname === "/" && url.search === "" && url.username === "") return url.origin;
    throw new UsageError(`--endpoints ${text}: allowed is http://HOST:PORT, more of them after a comma`);
  });
  const twice = urls.find((url, i) => urls.indexOf(url) < i);
  if (twice !== undefined) throw new UsageError(`--endpoints ${twice}: it is named twice`);
  if (urls.length <= maxReplicas) return urls;
  throw new UsageError(`--endpoints: ${urls.length} are named; allowed are at most ${maxReplicas}`);
};
