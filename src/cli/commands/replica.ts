import { Flags } from "@oclif/core";
import { Command } from "../command.ts";

export default class Replica extends Command {
  static override summary = "One replica as a process: serves its cluster over TCP until it is told to end.";
  static override examples = ["paxbench replica --cluster cluster.yaml --id 0"];
  static override flags = {
    cluster: Flags.string({ required: true, helpValue: "FILE", description: "the cluster: addresses, protocol, options; the same at every node" }),
    id: Flags.string({ required: true, helpValue: "N", description: "which of its replicas this is, from 0" }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Replica);
    const { readCluster, memberOf } = await import("../../experiment/cluster-file.ts");
    const config = await readCluster(flags.cluster);
    const { serveReplica } = await import("../../runtime/processes/replica.ts");
    const { serving } = await import("../serving.ts");
    const id = memberOf(flags.id, config.replicas);
    await serving((fail) => serveReplica(config, id, fail));
  }
}
