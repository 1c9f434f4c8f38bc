import { second } from "../core/ids.ts";
import { caseOf, type CaseLimits, type FuzzCase } from "./case.ts";
import type { Finding } from "./run-case.ts";

export interface Shrunk {
  readonly limits: CaseLimits;
  readonly fuzzCase: FuzzCase;
  readonly finding: Finding;
}

/** Of one judge; another judge's complaint would be another bug. */
type Attempt = (fuzzCase: FuzzCase) => Finding | undefined;

/** Makes a failing case smaller for as long as the same judge complains: fewer faults, clients, replicas, a shorter load. */
export const shrink = (seed: number, given: CaseLimits, finding: Finding, attempt: Attempt): Shrunk => {
  const whole = caseOf(seed, given);
  let best: Shrunk = { limits: { ...given, faults: given.faults ?? whole.faults.map((_, place) => place) }, fuzzCase: whole, finding };
  for (let next = firstThatFails(best, seed, attempt); next !== undefined; next = firstThatFails(best, seed, attempt)) best = next;
  return best;
};

const firstThatFails = (current: Shrunk, seed: number, attempt: Attempt): Shrunk | undefined => {
  for (const limits of candidates(current)) {
    const fuzzCase = caseOf(seed, limits);
    const finding = attempt(fuzzCase);
    if (finding !== undefined) return { limits, fuzzCase, finding };
  }
  return undefined;
};

/** Each somewhat smaller; the boldest first. */
const candidates = ({ limits, fuzzCase }: Shrunk): CaseLimits[] => {
  const faults = limits.faults!;
  const half = faults.length >> 1;
  const fewerFaults = [
    ...(faults.length > 3 ? [faults.slice(half), faults.slice(0, half)] : []),
    ...faults.map((_, dropped) => faults.filter((__, place) => place !== dropped)),
  ].map((kept) => ({ ...limits, faults: kept }));
  return [
    ...(fuzzCase.replicas > 3 ? [{ ...limits, replicas: 3 }] : []),
    ...fewerFaults,
    ...(fuzzCase.clients > 1 ? [{ ...limits, clients: 1 }] : []),
    ...(fuzzCase.duration > 2 * second ? [{ ...limits, duration: fuzzCase.duration - second }] : []),
  ];
};
