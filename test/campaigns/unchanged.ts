/**
 * The protocols as they are: nobody may complain of them, and a run must be the same whenever it is run. Thousand seeds
 * of each protocol and cluster in turn, so that whatever was done when it is broken off was done for all; of each
 * thousand the first one is run again in a thread of its own, and its whole trace compared. Hours of a core:
 *
 *     node test/campaigns/unchanged.ts [--protocols raft,epaxos] [--replicas 3,5,7] [--seeds 20000] [--seed 1] [--set trim=1]
 */
import { createHash } from "node:crypto";
import { parseArgs } from "node:util";
import { parseOptions, parseSettings } from "../../src/core/option.ts";
import { fuzz, type FuzzOutcome } from "../../src/fuzz/fuzz.ts";
import { listPlugins, loadProtocol, loadWorkload, resolvePlugin } from "../../src/runtime/modules.ts";

const { values } = parseArgs({
  options: {
    protocols: { type: "string", default: listPlugins("protocol").join(",") },
    replicas: { type: "string", default: "3,5,7" },
    seeds: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    set: { type: "string", multiple: true, default: [] },
  },
});
const thousand = 1000;
/** ms of real time for a run: only against what hangs. */
const patience = 600_000;

const workload = resolvePlugin("workload", "mixed", ".");
const { options: workloadOptions } = await loadWorkload(workload);

const subjectOf = async (name: string) => {
  const protocol = resolvePlugin("protocol", name, ".");
  const { options } = await loadProtocol(protocol);
  return {
    protocol, options: parseOptions<object>(name, options, parseSettings(values.set)),
    workload, workloadOptions: parseOptions<object>("mixed", workloadOptions, new Map()),
  };
};

const run = async (name: string, replicas: number, firstSeed: number, seeds: number): Promise<FuzzOutcome> =>
  fuzz({ subject: await subjectOf(name), firstSeed, seeds, limits: { replicas }, patience, trace: true }, () => undefined, new AbortController().signal);

const digestOf = ({ traced }: FuzzOutcome): string => createHash("sha256").update(JSON.stringify(traced)).digest("hex");

const last = Number(values.seed) + Number(values.seeds);
for (let first = Number(values.seed); first < last; first += thousand) {
  const seeds = Math.min(thousand, last - first);
  for (const replicas of values.replicas.split(",").map(Number)) {
    for (const name of values.protocols.split(",")) {
      const outcome = await run(name, replicas, first, seeds);
      const again = await run(name, replicas, outcome.failures[0]?.seed ?? first, 1);
      const same = digestOf(outcome) === digestOf(again);
      console.log(`${name}, ${replicas} replicas, seeds ${first}..${first + seeds - 1}: ${outcome.commands} commands, ${outcome.failures.length} failures, ${outcome.undecided} undecided, replay ${same ? "identical" : "DIFFERS"}`);
      for (const { seed, finding } of outcome.failures) console.log(`  seed ${seed}: ${finding.kind}: ${finding.detail}`);
      if (!same || outcome.failures.length > 0) process.exitCode = 1;
    }
  }
}
