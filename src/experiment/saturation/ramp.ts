/** From what was typed to a ramp. Mistakes in flags of `run` are found where its first step is planned. */
import { UsageError } from "../../core/errors.ts";
import { mostRate, type RunFlags } from "../plan.ts";
import { parseThreshold } from "../threshold.ts";
import type { Ramp } from "./saturate.ts";

interface RampFlags {
  readonly from: string;
  readonly to: string;
  readonly knee: string;
  readonly thresholds: readonly string[];
}

/** Throws a `UsageError`. */
export const rampOf = (flags: RunFlags, { from, to, knee, thresholds }: RampFlags): Ramp => {
  const simulated = flags.transport === "sim";
  if (simulated && flags.costs === undefined) {
    throw new UsageError("--transport sim: work takes no time there, and nothing saturates; allowed with --costs NAME|FILE");
  }
  const first = numberIn("--from", from, 1, mostRate);
  return {
    flags,
    rule: { factor: numberIn("--knee", knee, 1.1, 1e6), thresholds: thresholds.map(parseThreshold) },
    search: { from: first, to: numberIn("--to", to, first, mostRate), confirms: !simulated },
  };
};

const numberIn = (flag: string, text: string, min: number, max: number): number => {
  const number = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && number >= min && number <= max) return number;
  throw new UsageError(`${flag} ${text}: allowed is a number in ${min}..${max}`);
};
