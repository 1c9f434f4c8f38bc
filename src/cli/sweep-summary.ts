import type { ResultFile, RunResult } from "../experiment/result.ts";
import { virtualTime } from "../report/simulated.ts";
import { fewestForInterval, spread, spreadName } from "../report/spread.ts";
import { comparedKeys, sweepCells, type SweepCell } from "../report/sweep.ts";
import { checksThat, checkTitle } from "../report/verdict.ts";
import { violations } from "./summary.ts";
import { figure, percent, table } from "./table.ts";

/** What a sweep shows in the terminal: a row a point and protocol, then what went wrong. */
export const sweepSummary = (result: ResultFile): string => {
  const cells = sweepCells(result);
  const keys = comparedKeys(result);
  const header = [...keys, "protocol", "ops/s", "response p50, ms", "p99, ms", "fast path", "checks"];
  const rows = cells.map((cell) => [...keys.map((key) => String(cell.varied[key])), cell.protocol, ...measured(cell)]);
  return [...remarks(result.runs, cells), table(header, rows), ...warnings(result.runs), ...violations(result.runs)].join("\n\n");
};

const measured = ({ runs }: SweepCell): string[] => {
  const figures = (of: (run: RunResult) => number): string => told(runs.map(of), figure);
  const rates = runs.flatMap(({ paths }) => (paths === null ? [] : [paths.fastRate]));
  return [
    figures((run) => run.throughputOpsPerSec),
    figures((run) => run.latencyMs.response.p50),
    figures((run) => run.latencyMs.response.p99),
    rates.length === 0 ? "–" : told(rates, percent),
    verdict(runs),
  ];
};

/** By rule: how many runs, and what was seen at one. */
const warnings = (runs: readonly RunResult[]): string[] => {
  const told = runs.flatMap((run) => run.warnings.map((warning) => ({ run, ...warning })));
  const lines = [...Map.groupBy(told, ({ rule }) => rule)].map(([rule, group]) => {
    const { run, detail } = group[0]!;
    const at = Object.entries(run.varied ?? {}).map(([key, value]) => ` ${key}=${value}`).join("");
    return `! ${rule}: ${group.length} of ${runs.length} runs, first ${run.protocol}${at}: ${detail}`;
  });
  return lines.length === 0 ? [] : [lines.join("\n")];
};

/** "482", or of several "482 [470, 490]". */
const told = (values: readonly number[], text: (value: number) => string): string => {
  const { median, low, high } = spread(values);
  return text(low) === text(high) ? text(median) : `${text(median)} [${text(low)}, ${text(high)}]`;
};

/** ✓: of what was judged, all held, and so did thresholds. */
const verdict = (runs: readonly RunResult[]): string => {
  const missed = runs.flatMap(({ thresholds }) => thresholds.filter(({ held }) => !held).map(({ threshold }) => threshold));
  const broken = [...checksThat("failed", runs).map(checkTitle), ...new Set(missed)];
  return broken.length === 0 ? "✓" : `✗ ${broken.join(", ")}`;
};

const remarks = (runs: readonly RunResult[], cells: readonly SweepCell[]): string[] => {
  const counts = cells.map((cell) => cell.runs.length).sort((a, b) => a - b);
  const [least, most] = [counts[0]!, counts.at(-1)!];
  const same = least < fewestForInterval === most < fewestForInterval;
  const bounds = same ? spreadName(most) : `${spreadName(most)}, with fewer than ${fewestForInterval} runs ${spreadName(least)}`;
  const lines = [
    ...virtualTime(runs),
    ...(most > 1 ? [`medians of ${least === most ? most : `${least} to ${most}`} runs [${bounds}]`] : []),
  ];
  return lines.length === 0 ? [] : [lines.join("\n")];
};
