/** When a rate is too much: the rule in words, and what broke it. */
import type { RunResult } from "../result.ts";
import { judgeThresholds, type Threshold } from "../threshold.ts";

export interface Rule {
  /** Most that response p99 may be, as a multiple of that at the lowest rate. */
  readonly factor: number;
  /** In place of that, where any is given. */
  readonly thresholds: readonly Threshold[];
}

const leastAnswered = 0.95;
const mostDropped = 0.001;

export const ruleText = ({ factor, thresholds }: Rule): string => {
  const latency = thresholds.length > 0 ? thresholds.map(({ text }) => text).join(" and ") : `response p99 is at most ${factor} times that at the lowest rate`;
  return `at least ${leastAnswered * 100} % of what is offered is answered in time, at most ${mostDropped * 100} % is dropped, and ${latency}`;
};

/** `unloaded`: of the lowest rate; null: this is it. Answers what broke, null if all held. */
export const brokenBy = (run: RunResult, unloaded: RunResult | null, { factor, thresholds }: Rule): string | null => {
  const { offeredOpsPerSec: offered, arrived, dropped } = run.openLoop!;
  if (run.violations.length > 0) return "a check failed";
  if (run.throughputOpsPerSec < leastAnswered * offered) return `${percent(run.throughputOpsPerSec / offered)} answered in time`;
  if (dropped > mostDropped * arrived) return `${percent(dropped / arrived)} dropped`;
  const missed = judgeThresholds(thresholds, run).find(({ held }) => !held);
  if (missed !== undefined) return `${missed.threshold}: ${missed.measured === null ? "not measured" : `${figure(missed.measured)} ${missed.unit}`.trim()}`;
  if (thresholds.length > 0 || unloaded === null) return null;
  const [p99, least] = [run.latencyMs.response.p99, unloaded.latencyMs.response.p99];
  return p99 > factor * least ? `response p99 ${figure(p99)} ms, ${figure(p99 / least)} times the ${figure(least)} ms at the lowest rate` : null;
};

const percent = (share: number): string => `${figure(share * 100)} %`;
const figure = (value: number): string => Number(value.toPrecision(3)).toLocaleString("en-US");
