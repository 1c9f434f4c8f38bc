/**
 * kill -9 of a follower, the leader, a majority, all, in each protocol, under load with fsync: progress or a clean stall,
 * a linearizable history, every acknowledged write there afterwards. About 15 seconds a run:
 *
 *     node test/campaigns/kill.ts [--protocols raft,epaxos] [--victims leader,all] [--rounds 20] [--seed 1] [--down 8000]
 */
import { parseArgs } from "node:util";
import { figure, table } from "../../src/cli/table.ts";
import { listPlugins } from "../../src/runtime/modules.ts";
import { killRound, victims, type Round, type Victims } from "./killing.ts";

const { values } = parseArgs({
  options: {
    protocols: { type: "string", default: listPlugins("protocol").join(",") },
    victims: { type: "string", default: Object.keys(victims).join(",") },
    rounds: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
    /** ms. EPaxos takes five seconds over what a dead replica had begun, if all depends on it. */
    down: { type: "string", default: "8000" },
  },
});

/** Rounds of each protocol in turn, so that whatever was done when it is broken off was done for all. */
const rounds = new Map<string, Round[]>();
for (let seed = Number(values.seed); seed < Number(values.seed) + Number(values.rounds); seed++) {
  for (const protocol of values.protocols.split(",")) {
    for (const whom of values.victims.split(",") as Victims[]) {
      const round = await killRound(protocol, whom, seed, Number(values.down));
      rounds.set(`${protocol}, ${whom}`, [...(rounds.get(`${protocol}, ${whom}`) ?? []), round]);
      const bad = round.complaints.length > 0;
      console.log(`seed ${seed}: ${protocol}, ${whom}: ${bad ? "✗" : "✓"}`);
      for (const complaint of round.complaints) console.log(`  ${complaint}`);
      if (bad) process.exitCode = 1;
    }
  }
}

const range = (figures: readonly number[]): string =>
  figures.length === 0 ? "–" : `${figure(Math.min(...figures))} … ${figure(Math.max(...figures))}`;
const rows = [...rounds].map(([name, all]) => [
  name,
  String(all.length),
  String(all.filter(({ complaints }) => complaints.length > 0).length),
  range(all.map(({ result }) => result.completed)),
  range(all.map(({ answeredMeanwhile }) => answeredMeanwhile)),
  range(all.map(({ result }) => result.longestStallMs)),
  range(all.flatMap(({ result }) => result.faults!.recoveredAfterMs ?? [])),
]);
console.log(`\n${table(["killed", "rounds", "failed", "answered", "while down", "longest stall, ms", "recovered after, ms"], rows)}`);
