import type { RunResult } from "../../experiment/result.ts";
import { saysSomething, type Section } from "../sections.ts";
import { verdictFinding } from "./verdict.ts";

/** The text of `findings.md`. */
export function markdownFindings(sections: readonly Section[], runs: readonly RunResult[]): string {
  const told = sections.filter(saysSomething).flatMap(({ title, conditions, certainty, findings }) => [
    `## ${title}`,
    `${conditions}. ${certainty}`,
    ...findings.flatMap(({ about, items }) => [...(about === "" ? [] : [`### ${about}`]), items.map((item) => `- ${item}`).join("\n")]),
  ]);
  return `${["# Findings", ...told, verdictFinding(runs)].join("\n\n")}\n`;
}
