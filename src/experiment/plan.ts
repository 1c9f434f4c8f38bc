/** From what was typed to what will be run. Every mistake is found here, before anything starts. */
import { join, resolve } from "node:path";
import type { OpenLoopSettings } from "../client/open-loop.ts";
import { UsageError } from "../core/errors.ts";
import { maxReplicas, millisecond, second, type Micros, type ReplicaId } from "../core/ids.ts";
import { parseDuration, parseOptions, parseSettings, share, type Options, type OptionValue } from "../core/option.ts";
import { listPlugins, loadProtocol, loadWorkload, resolvePlugin, validateOptions } from "../runtime/modules.ts";
import { withFiles, withPaths } from "../runtime/option-files.ts";
import { durabilities, type Durability } from "../runtime/settings.ts";
import type { Scenario } from "../faults/scenario.ts";
import type { Topology } from "../network/topology.ts";
import type { ExternalUse } from "../external/external.ts";
import type { ClusterConfig } from "../runtime/processes/config.ts";
import { readCluster } from "./cluster-file.ts";
import { loadCosts, type CostFile } from "./cost-file.ts";
import { externalOf, subjectOf, type External } from "./external-use.ts";
import { harnessOptions, type HarnessOptions } from "./harness-options.ts";
import { refuseUnlessLive } from "./live-scenario.ts";
import { loadScenario } from "./scenario.ts";
import { parseThreshold, type Threshold } from "./threshold.ts";
import { lan, topologyFor, unnamedSites } from "./topology.ts";

/** ops/s. */
export const mostRate = 10_000_000;

export const transports = ["inproc", "tcp", "sim"] as const;
export type Transport = (typeof transports)[number];

/** The flags of `run` as they were typed, defaults filled in; undefined where there is none. */
export interface RunFlags {
  readonly protocol: readonly string[];
  readonly workload: string;
  readonly conflict?: string | undefined;
  readonly replicas?: string | undefined;
  readonly clients: string;
  readonly rate?: string | undefined;
  /** By default `inproc`, with an external system `tcp`. */
  readonly transport?: string | undefined;
  readonly endpoints?: string | undefined;
  readonly topology?: string | undefined;
  readonly leader: string;
  readonly duration: string;
  readonly warmup: string;
  readonly seed: string;
  readonly repeat: string;
  readonly scenario?: string | undefined;
  /** Name or file. */
  readonly costs?: string | undefined;
  readonly durability: string;
  readonly history?: boolean | undefined;
  /** A folder. */
  readonly cpuProf?: string | undefined;
  readonly set: readonly string[];
  readonly threshold?: readonly string[] | undefined;
  /** A file; it stands for protocol, replicas, transport and leader. */
  readonly cluster?: string | undefined;
}

type Values = Readonly<Record<string, OptionValue>>;

/** A protocol or workload, its module named by URL so that any thread can load it, and its options in force. */
export interface PluginUse {
  /** As typed. */
  readonly spec: string;
  readonly name: string;
  readonly title: string;
  readonly url: string;
  readonly options: Values;
}

/** What a run puts under load: a protocol of ours, or a system that has no module but runs by itself. */
export interface SubjectUse extends PluginUse {
  readonly external: ExternalUse | null;
  /** False: its runs are not judged by order. */
  readonly orders: boolean;
}

/** An experiment: each protocol under the same load, `repeats` times. Plain data. */
export interface Plan {
  readonly typed: RunFlags;
  readonly protocols: readonly SubjectUse[];
  readonly workload: PluginUse;
  readonly transport: Transport;
  /** Null: replicas stand side by side, links are as fast as the machine makes them. */
  readonly topology: Topology | null;
  /** A name for each replica's place, then for those that have clients alone. */
  readonly sites: readonly string[];
  readonly replicas: number;
  readonly initialLeader: ReplicaId;
  readonly clientsPerSite: number;
  /** Null: a closed loop. */
  readonly openLoop: OpenLoopSettings | null;
  /** Of one that ends when throughput is steady, the longest. */
  readonly warmup: Micros;
  readonly untilSteady: boolean;
  readonly duration: Micros;
  /** Of the first repeat; each further one takes the next. */
  readonly seed: number;
  readonly repeats: number;
  readonly scenario: Scenario | null;
  /** What a replica's work takes in virtual time. Null: nothing. */
  readonly costs: CostFile | null;
  readonly durability: Durability;
  /** Take down what clients see, and judge it. */
  readonly history: boolean;
  /** A folder for CPU profiles; null: none are taken. */
  readonly profiles: string | null;
  readonly harness: HarnessOptions;
  readonly thresholds: readonly Threshold[];
  /** A cluster that runs already, wherever it is. Null: each run brings its own. */
  readonly cluster: RunningCluster | null;
}

export interface RunningCluster {
  readonly file: string;
  readonly config: ClusterConfig;
}

/** One run of a plan. */
export interface PlannedRun {
  readonly protocol: SubjectUse;
  readonly repeat: number;
  readonly seed: number;
}

/** In the order in which they run: protocols alternate, so that a drift of the machine hits them all alike. */
export const runsOf = ({ protocols, repeats, seed }: Plan): PlannedRun[] =>
  Array.from({ length: repeats }, (_, repeat) =>
    protocols.map((protocol) => ({ protocol, repeat, seed: seed + repeat })),
  ).flat();

/** Path, and the beginning of the name, of a run's CPU profiles. Null: none are taken. */
export const profilePrefix = ({ profiles, repeats }: Plan, { protocol, repeat }: PlannedRun): string | null =>
  profiles === null ? null : join(profiles, `${protocol.name}${repeats === 1 ? "" : `-${repeat}`}`.replaceAll(/[^\w.-]/g, "_"));

/** Throws a `UsageError`. Relative paths are relative to `cwd`. */
export const planOf = async (flags: RunFlags, cwd: string): Promise<Plan> => {
  const cluster = flags.cluster === undefined ? null : await runningCluster(flags, resolve(cwd, flags.cluster));
  const specs = flags.protocol.flatMap((spec) => spec.split(",")).flatMap((spec) => (spec === "all" ? listPlugins("protocol") : [spec]));
  const external = await externalOf(flags, specs);
  const transport = oneOf("--transport", cluster !== null ? "tcp" : (flags.transport ?? (external === null ? "inproc" : "tcp")), transports);
  const asked = flags.replicas === undefined ? null : wholeNumber("--replicas", flags.replicas, 1, maxReplicas);
  const given = cluster?.config.replicas.length ?? external?.use.endpoints?.length ?? asked;
  const durability = cluster?.config.durability ?? oneOf("--durability", flags.durability, durabilities);
  refuseWhatIsMissing(transport, durability, flags.costs);
  // Only the simulator needs distances: live links take the time they take.
  const spread = flags.topology ?? (transport === "sim" ? lan : null);
  const { topology, replicas } = spread === null ? { topology: null, replicas: given ?? 3 } : topologyFor(spread, given);
  if (topology !== null && topology.clients !== undefined && transport !== "sim") {
    throw new UsageError(`--topology ${spread}: says which sites have clients; allowed with --transport sim, live clients stand beside each replica`);
  }
  const sites = topology?.sites ?? unnamedSites(replicas);
  const places = sites.slice(0, replicas);
  const settings = settingsOf(flags);
  const protocols = cluster === null ? await protocolsOf(specs, external, settings, replicas, cwd) : [await protocolOf(cluster.config)];
  const workload = await workloadOf(flags.workload, settings, cwd);
  const harness = parseOptions("run", harnessOptions, settings);
  refuseUnclaimed(settings, [...protocols, workload].map(({ options }) => options).concat([{ ...harness }]));
  if (harness.cores > 0 && flags.costs === undefined) throw new UsageError(`--set cores=${harness.cores}: without costs work takes no core; allowed with --costs`);
  const clientsPerSite = wholeNumber("--clients", flags.clients, 1, 100_000);
  const openLoop = openLoopOf(flags.rate, harness, settings, (topology?.clients?.length ?? replicas) * clientsPerSite);
  const scenario = flags.scenario === undefined ? null : loadScenario(flags.scenario, places);
  if (scenario !== null && external !== null) refuseUnlessLive(scenario, "an external system", true);
  if (scenario !== null && transport !== "sim" && protocols.some((each) => each.external === null)) refuseUnlessLive(scenario, transport, durability !== "none");
  return {
    typed: flags,
    protocols,
    workload,
    transport,
    topology,
    sites,
    replicas,
    initialLeader: cluster?.config.initialLeader ?? leaderOf(flags.leader, places),
    clientsPerSite,
    openLoop,
    ...warmupOf(flags.warmup),
    duration: duration("--duration", flags.duration, millisecond),
    seed: wholeNumber("--seed", flags.seed, 0, Number.MAX_SAFE_INTEGER),
    repeats: wholeNumber("--repeat", flags.repeat, 1, 1000),
    scenario,
    costs: flags.costs === undefined ? null : loadCosts(flags.costs),
    durability,
    history: flags.history ?? false,
    profiles: profilesOf(flags, protocols, cwd),
    harness,
    thresholds: (flags.threshold ?? []).map(parseThreshold),
    cluster,
  };
};

/** Throws a `UsageError`. What the cluster has decided, no flag can. */
const runningCluster = async (flags: RunFlags, file: string): Promise<RunningCluster> => {
  const decided: readonly (readonly [string, boolean])[] = [
    ["protocol", flags.protocol.length > 0],
    ["replicas", flags.replicas !== undefined],
    ["leader", flags.leader !== "0"],
    ["transport", flags.transport === "sim"],
    ["durability", flags.durability !== "none"],
    ["topology", flags.topology !== undefined],
    ["scenario", flags.scenario !== undefined],
    ["cpu-prof", flags.cpuProf !== undefined],
  ];
  const refused = decided.find(([, given]) => given);
  if (refused !== undefined) throw new UsageError(`--${refused[0]} with --cluster: ${file} and its machines decide that; allowed without --cluster`);
  const config = await readCluster(file);
  if (flags.history === true && config.loads.length > 1) {
    throw new UsageError(`--history: ${file} has ${config.loads.length} loads, whose clocks nobody compares; allowed with one`);
  }
  return { file, config };
};

/** As a running cluster has it. */
const protocolOf = async ({ protocol: url, protocolOptions }: ClusterConfig): Promise<SubjectUse> => {
  const { name, title, orders = true } = await loadProtocol(url);
  return { spec: url, name, title, url, options: protocolOptions as Values, external: null, orders };
};

const oneOf = <const T extends string>(flag: string, text: string, allowed: readonly T[]): T => {
  const found = allowed.find((name) => name === text);
  if (found === undefined) throw new UsageError(`${flag} ${text}: allowed: ${allowed.join(", ")}`);
  return found;
};

const wholeNumber = (flag: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`${flag} ${text}: allowed is a whole number in ${min}..${max}`);
};

const longestTime = 86_400 * second;
const longestWarmup = 30 * second;

const duration = (flag: string, text: string, min: Micros): Micros => {
  const micros = parseDuration(text);
  if (micros !== undefined && micros >= min && micros <= longestTime) return micros;
  throw new UsageError(`${flag} ${text}: allowed is a time such as 500ms, 10s or 2m${min > 0 ? ", above 0" : ""}, at most a day`);
};

/** `auto`, or `auto:` and the longest that it may take. */
const warmupOf = (text: string): Pick<Plan, "warmup" | "untilSteady"> => {
  if (text === "auto") return { warmup: longestWarmup, untilSteady: true };
  const [, longest] = /^auto:(.*)$/.exec(text) ?? [];
  if (longest !== undefined) return { warmup: duration("--warmup auto:", longest, millisecond), untilSteady: true };
  const micros = parseDuration(text);
  if (micros !== undefined && micros <= longestTime) return { warmup: micros, untilSteady: false };
  throw new UsageError(`--warmup ${text}: allowed is a time such as 500ms, 10s or 2m, at most a day, or auto, or auto:TIME`);
};

/** Throws a `UsageError`. Nodes write profiles themselves. */
const profilesOf = ({ cpuProf }: RunFlags, protocols: readonly SubjectUse[], cwd: string): string | null => {
  if (cpuProf === undefined) return null;
  if (protocols.every(({ external }) => external !== null)) throw new UsageError(`--cpu-prof ${cpuProf}: no protocol here is one that can be profiled; allowed with one of paxbench's`);
  return resolve(cwd, cpuProf);
};

const refuseWhatIsMissing = (transport: Transport, durability: Durability, costs: string | undefined): void => {
  if (costs !== undefined && transport !== "sim") {
    throw new UsageError(`--costs ${costs}: in ${transport} work takes what it takes; allowed with --transport sim`);
  }
  if (transport === "inproc" && durability !== "none") {
    throw new UsageError(`--durability ${durability}: inproc keeps no journal; allowed with --transport tcp or sim`);
  }
};

/** `--set name=value`, and `--conflict`, which sets the workload's option of that name. */
const settingsOf = ({ set, conflict }: RunFlags): Map<string, string> => {
  const settings = parseSettings(set);
  if (conflict === undefined) return settings;
  const probability = share(0, "");
  if (probability.parse(conflict) === undefined) throw new UsageError(`--conflict ${conflict}: allowed is ${probability.allowed}`);
  if (settings.has("conflict")) throw new UsageError(`--conflict ${conflict}: conflict is given twice`);
  return settings.set("conflict", conflict);
};

/** Of sessions, as many as a ledger knows, with room for those that numbers are rounded up by. */
const mostSessions = 2 ** 20;

/** Throws a `UsageError`. `clients`: at all sites. */
const openLoopOf = (
  flag: string | undefined,
  { arrivals, outstanding }: HarnessOptions,
  settings: ReadonlyMap<string, string>,
  clients: number,
): OpenLoopSettings | null => {
  if (flag === undefined) {
    const idle = ["arrivals", "outstanding"].find((name) => settings.has(name));
    if (idle !== undefined) throw new UsageError(`--set ${idle}=${settings.get(idle)}: of an open loop; allowed with --rate`);
    return null;
  }
  const rate = Number(flag);
  if (!/^\d+(\.\d+)?$/.test(flag) || rate <= 0 || rate > mostRate) {
    throw new UsageError(`--rate ${flag}: allowed is a number of operations a second over all clients, above 0, at most ${mostRate}`);
  }
  if (clients * outstanding > mostSessions) {
    throw new UsageError(`--rate ${flag}: ${clients} clients with up to ${outstanding} open requests each; allowed are ${mostSessions} in all: fewer --clients, or a smaller --set outstanding`);
  }
  return { rate, arrivals, outstanding };
};

interface Plugin {
  readonly name: string;
  readonly title: string;
  readonly options: Options<object>;
}

const use = (spec: string, url: string, module: Plugin, settings: ReadonlyMap<string, string>): PluginUse => ({
  spec,
  name: module.name,
  title: module.title,
  url,
  options: parseOptions(module.name, module.options as Options<Values>, settings),
});

const protocolsOf = async (
  specs: readonly string[],
  external: External | null,
  settings: ReadonlyMap<string, string>,
  replicas: number,
  cwd: string,
): Promise<SubjectUse[]> => {
  if (specs.length === 0) throw new UsageError(`--protocol is missing: allowed: ${listPlugins("protocol").join(", ")}, all, a path or a package; or --cluster FILE`);
  const uses: SubjectUse[] = [];
  for (const spec of specs) {
    if (spec === external?.name) continue;
    const url = resolvePlugin("protocol", spec, cwd);
    if (uses.some((other) => other.url === url)) continue;
    const protocol = await loadProtocol(url);
    const plugin = use(spec, url, protocol, settings);
    validateOptions(protocol, replicas, plugin.options);
    uses.push({ ...plugin, external: null, orders: protocol.orders ?? true });
  }
  return external === null ? uses : [...uses, subjectOf(external)];
};

const workloadOf = async (spec: string, settings: ReadonlyMap<string, string>, cwd: string): Promise<PluginUse> => {
  const url = resolvePlugin("workload", spec, cwd);
  const workload = await loadWorkload(url);
  const plugin = use(spec, url, { ...workload, title: workload.name }, settings);
  const options = withPaths(workload, plugin.options, cwd);
  withFiles(workload, options); // Read for the mistakes in them.
  return { ...plugin, options };
};

/** A setting that nobody takes is a mistake: the run would not be the one that was meant. */
const refuseUnclaimed = (settings: ReadonlyMap<string, string>, takers: readonly object[]): void => {
  const taken = new Set(takers.flatMap((options) => Object.keys(options)));
  for (const name of settings.keys()) {
    if (!taken.has(name)) throw new UsageError(`--set ${name}: nothing here has this option; allowed: ${[...taken].sort().join(", ")}`);
  }
};

const leaderOf = (text: string, sites: readonly string[]): ReplicaId => {
  const bySite = sites.indexOf(text);
  if (bySite >= 0) return bySite;
  const id = Number(text);
  if (/^\d+$/.test(text) && id < sites.length) return id;
  throw new UsageError(`--leader ${text}: allowed: a site (${sites.join(", ")}) or a replica in 0..${sites.length - 1}`);
};
