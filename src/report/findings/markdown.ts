import { saysSomething, type Section } from "../sections.ts";
import { allRuns, type Source } from "../source.ts";
import { kneeFindings } from "./knees.ts";
import { verdictFinding } from "./verdict.ts";

/** The text of `findings.md`. */
export function markdownFindings(sections: readonly Section[], sources: readonly Source[]): string {
  const told = sections.filter(saysSomething).flatMap(({ title, conditions, certainty, findings }) => [
    `## ${title}`,
    `${conditions}. ${certainty}`,
    ...findings.flatMap(({ about, items }) => [...(about === "" ? [] : [`### ${about}`]), items.map((item) => `- ${item}`).join("\n")]),
  ]);
  const knees = kneeFindings(sources).map((item) => `- ${item}`);
  const saturation = knees.length === 0 ? [] : ["## Saturation", knees.join("\n")];
  return `${["# Findings", ...told, ...saturation, verdictFinding(allRuns(sources))].join("\n\n")}\n`;
}
