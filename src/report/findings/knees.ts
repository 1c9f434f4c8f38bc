import { allRuns, type Source } from "../source.ts";
import { duration, number } from "../text.ts";

/** Where ramps ended: from the highest load that could be followed to the lowest. */
export function kneeFindings(sources: readonly Source[]): string[] {
  const titles = new Map(allRuns(sources).map(({ protocol, title }) => [protocol, title]));
  const knees = sources.flatMap(({ result }) => result.knees ?? []).toSorted((a, b) => (b.rateOpsPerSec ?? 0) - (a.rateOpsPerSec ?? 0));
  const best = knees[0]?.rateOpsPerSec ?? null;
  return knees.map(({ protocol, rateOpsPerSec, responseP99Ms, brokeAtOpsPerSec, broke }) => {
    const title = titles.get(protocol) ?? protocol;
    const end = brokeAtOpsPerSec === null ? "nothing broke up to the highest rate that was tried" : `at ${number(brokeAtOpsPerSec)} ops/s ${broke ?? "the rule was broken"}`;
    if (rateOpsPerSec === null) return `${title} follows not even the lowest rate: ${end}.`;
    const share = best === null || rateOpsPerSec === best ? "" : `, ${number(rateOpsPerSec / best)} × the highest`;
    return `${title} follows ${number(rateOpsPerSec)} ops/s${share}${responseP99Ms === null ? "" : `, with a response p99 of ${duration(responseP99Ms)}`}; ${end}.`;
  });
}
