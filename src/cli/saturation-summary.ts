import type { Knee, ResultFile, RunResult } from "../experiment/result.ts";
import { virtualTime } from "../report/simulated.ts";
import { violations } from "./summary.ts";
import { figure, percent, table } from "./table.ts";

/** What a ramp shows in the terminal: its steps by protocol and rate, then the knees and the rule. */
export const saturationSummary = ({ runs, knees = [] }: ResultFile): string =>
  [...virtualTime(runs), steps(runs, knees), knees.map(kneeText).join("\n"), ...rules(knees), ...violations(runs)].join("\n\n");

const steps = (runs: readonly RunResult[], knees: readonly Knee[]): string => {
  const live = runs.some(({ nodes }) => nodes !== null);
  const header = ["protocol", "offered ops/s", "answered", "dropped", "response p50, ms", "p99, ms", ...(live ? ["load busy", "replica busy"] : []), "rule"];
  const rows = knees.flatMap(({ protocol, steps: taken }) =>
    runs
      .filter((run) => run.protocol === protocol)
      // Runs of one protocol are in the order in which its steps were taken.
      .map((run, index) => ({ run, broke: taken[index]!.broke }))
      .toSorted((a, b) => Number(a.run.varied!["rate"]) - Number(b.run.varied!["rate"]))
      .map(({ run, broke }) => [protocol, ...measured(run), ...(live ? [busiest(run, "load"), busiest(run, "replica")] : []), broke === null ? "✓" : `✗ ${broke}`]),
  );
  return table(header, rows);
};

const measured = ({ openLoop, throughputOpsPerSec, latencyMs: { response } }: RunResult): string[] => [
  figure(openLoop!.offeredOpsPerSec),
  figure(throughputOpsPerSec),
  openLoop!.dropped === 0 ? "0" : percent(openLoop!.dropped / openLoop!.arrived),
  figure(response.p50),
  figure(response.p99),
];

const busiest = ({ nodes }: RunResult, role: string): string => {
  const own = (nodes ?? []).filter(({ node }) => node.startsWith(role));
  return own.length === 0 ? "–" : `${Math.round(Math.max(...own.map(({ busy }) => busy)) * 100)} %`;
};

const kneeText = ({ protocol, rateOpsPerSec, answeredOpsPerSec, responseP99Ms, brokeAtOpsPerSec, broke }: Knee): string => {
  if (rateOpsPerSec === null) return `${protocol}: no knee: the rule broke at each rate tried`;
  const knee = `${figure(rateOpsPerSec)} ops/s (answered ${figure(answeredOpsPerSec!)}, response p99 ${figure(responseP99Ms!)} ms)`;
  if (brokeAtOpsPerSec === null) return `${protocol}: no knee up to ${knee}`;
  return `${protocol}: knee at ${knee}; at ${figure(brokeAtOpsPerSec)} ops/s ${broke}`;
};

const rules = (knees: readonly Knee[]): string[] => [...new Set(knees.map(({ rule }) => `rule: ${rule}`))];
