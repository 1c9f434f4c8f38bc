/** Ramps the load of each protocol to saturation. Protocols take steps in turn, so that a drift of the machine hits them all. */
import type { Job } from "../experiment.ts";
import type { Outcome } from "../outcome.ts";
import { planOf, type Plan, type RunFlags } from "../plan.ts";
import type { Knee, RunResult } from "../result.ts";
import { brokenBy, ruleText, type Rule } from "./rule.ts";
import { boundsOf, nextRate, type Search } from "./search.ts";

interface Step {
  readonly rate: number;
  readonly held: boolean;
  readonly broke: string | null;
  readonly result: RunResult;
}

/** A run of the ramp. */
export interface StepJob extends Job {
  readonly rate: number;
}

export interface Ramp {
  /** Without a rate. */
  readonly flags: RunFlags;
  readonly rule: Rule;
  readonly search: Search;
}

/** Carries jobs out, and tells `finished` of each; false: cut short. */
export type Carry = (jobs: readonly StepJob[], finished: (job: StepJob, result: RunResult, outcome: Outcome) => void) => Promise<boolean>;

export const planAt = (flags: RunFlags, rate: number, cwd: string): Promise<Plan> => planOf({ ...flags, rate: String(rate) }, cwd);

/** Answers whether all knees were looked for to the end. `kept` gets every run, with what it came to so far. */
export const saturate = async (
  { flags, rule, search }: Ramp,
  cwd: string,
  carry: Carry,
  kept: (job: StepJob, result: RunResult, outcome: Outcome, knees: readonly Knee[]) => void,
): Promise<boolean> => {
  const { protocols } = await planAt(flags, search.from, cwd);
  const steps = new Map<string, Step[]>(protocols.map(({ name }) => [name, []]));
  const knees = (): Knee[] => protocols.map(({ name }) => kneeOf(name, steps.get(name)!, rule, search));
  for (let index = 0; ; ) {
    const jobs: StepJob[] = [];
    for (const protocol of protocols) {
      const taken = steps.get(protocol.name)!;
      const rate = taken.some(({ result }) => result.violations.length > 0) ? null : nextRate(taken, search);
      if (rate === null) continue;
      const plan = await planAt(flags, rate, cwd);
      const attempt = taken.filter((step) => step.rate === rate).length;
      jobs.push({ index: index++, plan, rate, run: { protocol, repeat: attempt, seed: plan.seed + attempt } });
    }
    if (jobs.length === 0) return true;
    const completed = await carry(jobs, (job, result, outcome) => {
      if (outcome.interrupted) return;
      const taken = steps.get(job.run.protocol.name)!;
      const broke = brokenBy(result, unloadedOf(taken, job.rate), rule);
      taken.push({ rate: job.rate, held: broke === null, broke, result });
      kept(job, result, outcome, knees());
    });
    if (!completed) return false;
  }
};

/** The run at the lowest rate that held, if that is below `rate`. */
const unloadedOf = (steps: readonly Step[], rate: number): RunResult | null =>
  steps.filter((step) => step.held && step.rate < rate).toSorted((a, b) => a.rate - b.rate)[0]?.result ?? null;

const kneeOf = (protocol: string, steps: readonly Step[], rule: Rule, search: Search): Knee => {
  const { held, broken } = boundsOf(steps, search);
  const at = steps.findLast((step) => step.rate === held && step.held);
  return {
    protocol,
    rateOpsPerSec: held,
    answeredOpsPerSec: at?.result.throughputOpsPerSec ?? null,
    responseP99Ms: at?.result.latencyMs.response.p99 ?? null,
    brokeAtOpsPerSec: broken,
    broke: steps.findLast((step) => step.rate === broken)?.broke ?? null,
    rule: ruleText(rule),
    steps: steps.map(({ rate, broke }) => ({ rateOpsPerSec: rate, broke })),
  };
};
