import type { CheckName } from "../check/violation.ts";
import type { RunResult, Verdict } from "../experiment/result.ts";
import { distinct } from "./list.ts";

export type Outcome = "held" | "failed" | "unknown";

/** Those of the checks that came out so in at least one of the runs. */
export function checksThat(outcome: Outcome, runs: readonly RunResult[]): CheckName[] {
  return checkNames(runs).filter((name) => runs.some((run) => outcomeOf(run.checks[name]) === outcome));
}

export function checkNames(runs: readonly RunResult[]): CheckName[] {
  return distinct(runs.flatMap((run) => Object.keys(run.checks) as CheckName[]));
}

/** As a person writes it: `exactlyOnce` is "exactly once". */
export function checkTitle(name: CheckName): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** What is neither true nor false was not decided: a result of an older version may lack a check altogether. */
export function outcomeOf(verdict: Verdict): Outcome {
  if (verdict === true) return "held";
  return verdict === false ? "failed" : "unknown";
}
