/**
 * What a command costs EPaxos when all commands are on one key, over what it costs when none share one, by how many are
 * outstanding: the dependency graph grows with them, its cost a command should not. CPU time of a simulated cluster, batches
 * of one; medians of interleaved rounds: `npm run bench -- epaxos-conflict`.
 */
import { millisecond, second } from "../../src/core/ids.ts";
import { figure, table } from "../../src/cli/table.ts";
import { evenTopology } from "../../src/network/topology.ts";
import { loadProtocol, resolvePlugin } from "../../src/runtime/modules.ts";
import { simulateProtocol } from "../../src/testing/simulation.ts";

const epaxos = await loadProtocol(resolvePlugin("protocol", "epaxos", "."));
const rounds = 3;
const rttMs = 20;
/** Round trips in which a run does its commands. */
const trips = (outstanding: number): number => Math.max(12, 12_000 / outstanding);

/** CPU, µs a command that took effect. */
const costOf = (replicas: number, outstanding: number, conflict: number): number => {
  const before = process.cpuUsage();
  const { recorder, violations } = simulateProtocol(epaxos, {
    replicas, conflict, topology: evenTopology(replicas, rttMs), jitter: 3000, batch: 1,
    clientsPerSite: Math.round(outstanding / replicas), warmup: 0, duration: trips(outstanding) * rttMs * millisecond, requestTimeout: 600 * second,
  });
  const { user, system } = process.cpuUsage(before);
  if (violations.length > 0) throw new Error(violations[0]!.detail);
  return (user + system) / recorder.counts.completed;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

const rows = [3, 5].flatMap((replicas) => [100, 1000, 2000].map((outstanding) => ({ replicas, outstanding, free: [] as number[], hot: [] as number[] })));
costOf(3, 100, 0.5); // compiled by then
for (let round = 0; round < rounds; round++) {
  for (const { replicas, outstanding, free, hot } of rows) {
    free.push(costOf(replicas, outstanding, 0));
    hot.push(costOf(replicas, outstanding, 1));
  }
}
console.log(table(
  ["replicas", "outstanding", "no conflict, µs", "one key, µs", "ratio", "smallest", "largest"],
  rows.map(({ replicas, outstanding, free, hot }) => {
    const ratios = hot.map((cost, round) => cost / free[round]!);
    const figures = [median(free), median(hot), median(ratios), Math.min(...ratios), Math.max(...ratios)];
    return [String(replicas), String(outstanding), ...figures.map((value) => figure(value))];
  }),
));
