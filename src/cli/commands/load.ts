import { Flags } from "@oclif/core";
import { Command } from "../command.ts";

export default class Load extends Command {
  static override summary = "Clients as a process: takes its share of the load of every run on the cluster.";
  static override examples = ["paxbench load --cluster cluster.yaml --id 0"];
  static override flags = {
    cluster: Flags.string({ required: true, helpValue: "FILE", description: "the cluster: addresses, protocol, options; the same at every node" }),
    id: Flags.string({ required: true, helpValue: "N", description: "which of its loads this is, from 0" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Load);
    const { readCluster, memberOf } = await import("../../experiment/cluster-file.ts");
    const config = await readCluster(flags.cluster);
    const { serveLoad } = await import("../../runtime/processes/load.ts");
    const { serving } = await import("../serving.ts");
    const id = memberOf(flags.id, config.loads);
    await serving(() => serveLoad(config, id));
  }
}
