import type { RunResult } from "../../experiment/result.ts";
import { distinct } from "../list.ts";
import { plural } from "../text.ts";
import { checksThat, checkTitle } from "../verdict.ts";
import { list, sentence } from "./words.ts";

/** What the judges said of all runs together. */
export function verdictFinding(runs: readonly RunResult[]): string {
  const failed = checksThat("failed", runs).map(checkTitle);
  const held = checksThat("held", runs).map(checkTitle).filter((check) => !failed.includes(check));
  const broken = runs.filter((run) => checksThat("failed", [run]).length > 0);
  const told = [
    ...(failed.length > 0 ? [`${list(failed)} failed in ${broken.length} of ${plural(runs.length, "run")} (${list(distinct(broken.map(({ title }) => title)))})`] : []),
    ...(held.length > 0 ? [`wherever it was judged, ${list(held)} held in ${runs.length === 1 ? "the run" : `all ${runs.length} runs`}`] : []),
  ];
  return told.length === 0 ? "The judges decided nothing." : `${sentence(told.join("; "))}.`;
}
