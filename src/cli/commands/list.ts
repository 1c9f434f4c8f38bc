import { Args } from "@oclif/core";
import type { Option, OptionValue } from "../../core/option.ts";
import type { ExternalSystem } from "../../external/external.ts";
import { Command } from "../command.ts";

const kinds = ["protocols", "external", "workloads", "yardsticks", "topologies", "scenarios", "costs", "plans", "options"] as const;
type Kind = (typeof kinds)[number];

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly options?: readonly { readonly name: string; readonly default: OptionValue; readonly allowed: string; readonly doc: string }[];
}

export default class List extends Command {
  static override summary = "What there is: protocols, external systems, workloads, yardsticks, topologies, scenarios, CPU costs, plans of sweeps, and the options that --set takes.";
  static override enableJsonFlag = true;
  static override args = {
    kind: Args.string({ description: "only these", options: [...kinds] }),
  };

  async run(): Promise<Partial<Record<Kind, readonly Entry[]>>> {
    const { args } = await this.parse(List);
    const chosen = kinds.filter((kind) => args.kind === undefined || args.kind === kind);
    const found: Partial<Record<Kind, readonly Entry[]>> = {};
    for (const kind of chosen) {
      const entries = await entriesOf(kind);
      found[kind] = entries;
      this.log(`${kind}\n${entries.map(describe).join("\n")}\n`);
    }
    return found;
  }
}

const describe = ({ name, summary, options = [] }: Entry): string =>
  [
    `  ${name.padEnd(24)} ${summary}`,
    ...options.map((option) => `      --set ${`${option.name}=${option.default}`.padEnd(24)} ${option.doc} (${option.allowed})`),
  ].join("\n");

const entriesOf = async (kind: Kind): Promise<readonly Entry[]> => {
  switch (kind) {
    case "protocols":
    case "yardsticks": {
      const { listPlugins, loadProtocol, resolvePlugin } = await import("../../runtime/modules.ts");
      const load = async (name: string): Promise<Entry> => {
        const { title, summary, options } = await loadProtocol(resolvePlugin("protocol", name, "."));
        return { name, summary: `${title}: ${summary}`, options: optionsOf(options) };
      };
      return Promise.all(listPlugins(kind === "protocols" ? "protocol" : "yardstick").map(load));
    }
    case "external": {
      const { listExternals } = await import("../../external/index.ts");
      const { UsageError } = await import("../../core/errors.ts");
      const entryOf = async ({ name, summary, find }: ExternalSystem): Promise<Entry> => {
        const here = await find(null).then(
          ({ version, file }) => `${version}, ${file}`,
          (error: unknown) => {
            if (error instanceof UsageError) return error.message;
            throw error;
          },
        );
        return { name, summary: `${summary}; ${here}` };
      };
      return Promise.all(listExternals().map(entryOf));
    }
    case "workloads": {
      const { listPlugins, loadWorkload, resolvePlugin } = await import("../../runtime/modules.ts");
      const load = async (name: string): Promise<Entry> => {
        const { summary, source, options } = await loadWorkload(resolvePlugin("workload", name, "."));
        return { name, summary: `${summary}; ${source}`, options: optionsOf(options) };
      };
      return Promise.all(listPlugins("workload").map(load));
    }
    case "topologies": {
      const { lan, loadTopology, topologyNames } = await import("../../experiment/topology.ts");
      return topologyNames().map((name) => {
        if (name === lan) return { name, summary: "any number of replicas in one data centre (0.427 ms round trip)" };
        const { sites, replicas, clients, source } = loadTopology(name);
        const at = (what: string, places: readonly string[] | undefined): string => (places === undefined ? "" : `; ${what} at ${places.length === sites.length ? "all" : places.join(", ")}`);
        return { name, summary: `${sites.length} sites: ${sites.join(", ")}${at("replicas", replicas)}${at("clients", clients)}; ${source}` };
      });
    }
    case "scenarios": {
      const { scenarioNames, scenarioSummary } = await import("../../experiment/scenario.ts");
      return scenarioNames().map((name) => ({ name, summary: scenarioSummary(name) }));
    }
    case "costs": {
      const { costNames, loadCosts } = await import("../../experiment/cost-file.ts");
      return costNames().map((name) => ({ name, summary: loadCosts(name).source }));
    }
    case "plans": {
      const { planNames, planSummary } = await import("../../experiment/sweep/plan-file.ts");
      return planNames().map((name) => ({ name, summary: planSummary(name) }));
    }
    case "options": {
      const { harnessOptions } = await import("../../experiment/harness-options.ts");
      return [{ name: "run", summary: "of the harness itself", options: optionsOf(harnessOptions) }];
    }
  }
};

const optionsOf = (options: object): NonNullable<Entry["options"]> =>
  Object.entries(options as Readonly<Record<string, Option>>).map(([name, option]) => ({
    name,
    default: option.default,
    allowed: option.allowed,
    doc: option.doc,
  }));
