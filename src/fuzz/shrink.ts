import { second, type Micros } from "../core/ids.ts";
import { caseOf, type CaseLimits, type FuzzCase } from "./case.ts";
import type { Finding } from "./run-case.ts";

export interface Shrunk {
  readonly limits: CaseLimits;
  readonly fuzzCase: FuzzCase;
  readonly finding: Finding;
}

/** Of one judge; another judge's complaint would be another bug. */
type Attempt = (fuzzCase: FuzzCase) => Finding | undefined;

/** Makes a failing case smaller for as long as the same judge complains: fewer faults, clients, replicas and commands, a shorter load. */
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
    ...[3, 5].filter((replicas) => replicas < fuzzCase.replicas).map((replicas) => ({ ...limits, replicas })),
    ...fewerFaults,
    ...(fuzzCase.clients > 1 ? [{ ...limits, clients: 1 }] : []),
    ...fewerCommands(limits.commands ?? Infinity).map((commands) => ({ ...limits, commands })),
    ...shorter(fuzzCase.duration).map((duration) => ({ ...limits, duration })),
  ];
};

/** Below `commands`: 1, 2, 4 … 32, and one less. */
const fewerCommands = (commands: number): number[] =>
  [...new Set([1, 2, 4, 8, 16, 32, commands - 1])].filter((fewer) => fewer >= 1 && fewer < commands && fewer < Infinity);

/** The last second of a load is for mending: below two nothing would happen. */
const shorter = (duration: Micros): Micros[] =>
  [...new Set([2 * second, duration - second])].filter((less) => less >= 2 * second && less < duration);
