import { plainSettings, sweptSettings } from "./families.ts";
import { endingOf, type Figure, plainFigures, sweptFigures } from "./figures.ts";
import type { FindingGroup } from "./findings/finding.ts";
import { plainFindings } from "./findings/plain.ts";
import { negligible } from "./findings/rank.ts";
import { sweptFindings } from "./findings/swept.ts";
import type { Casting } from "./look.ts";
import { type Setting, suffix } from "./setting.ts";
import type { Source } from "./source.ts";
import { spreadName } from "./spread.ts";
import { subtitle } from "./subtitle.ts";
import { titleOf } from "./sweep-points.ts";
import type { Table } from "./table.ts";
import { pointTable, siteTable } from "./tables.ts";
import { percent } from "./text.ts";

/** All about one set of runs that may be compared. */
export interface Section {
  readonly title: string;
  /** What the runs have in common. */
  readonly conditions: string;
  /** How far what was found can be trusted. */
  readonly certainty: string;
  readonly findings: readonly FindingGroup[];
  readonly figures: readonly Figure[];
  readonly tables: readonly Table[];
}

/**
 * The one list of what a result has to show, for `run`, `sweep` and `report`: sweeps first, then runs under the same
 * conditions; never are runs under different ones together. The same data, the same figures and sentences.
 */
export function sections(sources: readonly Source[], casting: Casting): Section[] {
  const swept = sweptSettings(sources, casting).flatMap((family) =>
    family.settings.map((setting) => ({
      ...about(`Over ${titleOf(family.key)}`, setting),
      findings: sweptFindings(family, setting),
      figures: sweptFigures(family, setting),
      tables: [pointTable(setting, family.key, endingOf(family) + suffix(setting))],
    })),
  );
  const plain = plainSettings(sources, casting).map((setting) => {
    const sites = siteTable(setting, suffix(setting));
    return {
      ...about("Under the same conditions", setting),
      findings: [{ about: "", items: plainFindings(setting) }],
      figures: plainFigures(setting),
      tables: [pointTable(setting, null, suffix(setting)), ...(sites === null ? [] : [sites])],
    };
  });
  return [...swept, ...plain];
}

export function saysSomething({ findings }: Section): boolean {
  return findings.some(({ items }) => items.length > 0);
}

function about(title: string, setting: Setting) {
  const apart = Object.entries(setting.apart).map(([key, value]) => `${key} ${value}`).join(", ");
  const simulated = setting.runs.some((run) => run.simulated) ? ", simulated" : "";
  return { title: `${title}${apart === "" ? "" : `: ${apart}`}${simulated}`, conditions: subtitle(setting).join(" · "), certainty: certainty(setting) };
}

function certainty({ series }: Setting): string {
  const repeats = series.flatMap(({ runs }) => [...Map.groupBy(runs, ({ result }) => JSON.stringify({ ...result.varied, seed: null })).values()].map((own) => own.length));
  const [least, most] = [Math.min(...repeats), Math.max(...repeats)];
  if (most === 1) return `Single runs, so no intervals; a tie is a difference below ${percent(negligible)}.`;
  const counts = least === most ? most : `${least} to ${most}`;
  return `Medians of ${counts} runs [${spreadName(least)}]; a tie is an overlap, or a difference below ${percent(negligible)}.`;
}
