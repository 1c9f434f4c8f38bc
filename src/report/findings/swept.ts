import { panelOf, type Swept } from "../families.ts";
import { distinct } from "../list.ts";
import { mainMeasures, type Measure, measures } from "../measures.ts";
import type { Series, Setting } from "../setting.ts";
import { spreadName } from "../spread.ts";
import { panelName, panelsIn, titleOf, valuesIn } from "../sweep-points.ts";
import { number } from "../text.ts";
import type { FindingGroup } from "./finding.ts";
import { type Contender, contenders, multiple, ranked, type Ranking } from "./rank.ts";
import { type Crossover, crossovers } from "./crossover.ts";
import { bounded, list, sentence } from "./words.ts";

/** Who leads over which values of what is varied, and where the lead changes, for each panel. */
export function sweptFindings({ key, kind }: Swept, setting: Setting): FindingGroup[] {
  const panels = panelsIn(setting, key);
  const told = panels.length === 1 ? measures : mainMeasures;
  return panels.map((panel) => ({
    about: panel,
    items: told.flatMap((measure) => {
      const places = placesOf(measure, key, setting, panel);
      // One value is no course.
      if (places.length < 2) return [];
      return [`${sentence(measure.best)}, by ${titleOf(key)}: ${leads(places).join("; ")}.`, ...(kind === "lines" && mainMeasures.includes(measure) ? crossed(places, key, measure) : [])];
    }),
  }));
}

interface Place {
  readonly x: string | number;
  readonly all: readonly Contender[];
  readonly ranking: Ranking;
}

function placesOf(measure: Measure, key: string, setting: Setting, panel: string): Place[] {
  const here = setting.series.map((series): Series => ({ ...series, runs: series.runs.filter((run) => panelName(panelOf(run, key, setting)) === panel) }));
  const values = valuesIn(here.flatMap(({ runs }) => runs.map(({ result }) => result)), key);
  const places = values.flatMap((x) => {
    const all = contenders(measure, here.map((series) => ({ ...series, runs: series.runs.filter(({ result }) => result.varied![key] === x) })));
    // One alone leads nobody.
    return all.length < 2 ? [] : [{ x, all, ranking: ranked(all, measure.better) }];
  });
  // Where some were not run, nobody leads all.
  const most = Math.max(...places.map(({ all }) => all.length));
  return places.filter(({ all }) => all.length === most);
}

/** Values that follow each other with the same leaders, together. */
function leads(places: readonly Place[]): string[] {
  const spans: { readonly leaders: string; readonly places: Place[] }[] = [];
  for (const place of places) {
    const leaders = leadersOf(place);
    if (spans.at(-1)?.leaders === leaders) spans.at(-1)!.places.push(place);
    else spans.push({ leaders, places: [place] });
  }
  return spans.map(({ leaders, places: own }) => `${spanOf(own)} ${leaders}${margin(own)}`);
}

function leadersOf({ ranking: { leaders, others } }: Place): string {
  const names = list(leaders.map(({ name }) => name).sort());
  if (leaders.length === 1) return names;
  return others.length === 0 ? "all tie" : `a tie of ${names}`;
}

function spanOf(places: readonly Place[]): string {
  const xs = places.map(({ x }) => (typeof x === "number" ? number(x) : x));
  if (xs.length === 1) return `at ${xs[0]!}`;
  return typeof places[0]!.x === "number" ? `from ${xs[0]!} to ${xs.at(-1)!}` : `at ${list(xs)}`;
}

/** What the next one has, as a multiple of the best, at the ends of a span. */
function margin(places: readonly Place[]): string {
  const told = places.flatMap(({ ranking: { leaders, others } }) => (others.length === 0 ? [] : [multiple(others[0]!, leaders[0]!)]));
  if (told.length === 0) return "";
  return `, the next at ${told[0] === told.at(-1) ? told[0]! : `${told[0]!} to ${told.at(-1)!}`} that`;
}

/** Whom a contender falls behind as what is varied rises, and where. */
function crossed(places: readonly Place[], key: string, measure: Measure): string[] {
  const names = distinct(places.flatMap(({ all }) => all.map(({ name }) => name)));
  const found = names.flatMap((one, i) =>
    names.slice(i + 1).flatMap((other) => {
      const course = places.flatMap(({ x, all }) => {
        const [a, b] = [all.find(({ name }) => name === one), all.find(({ name }) => name === other)];
        return a === undefined || b === undefined ? [] : [{ x: x as number, a, b }];
      });
      return crossovers(course).map((crossover) => {
        const [larger, smaller] = crossover.larger === "a" ? [one, other] : [other, one];
        const [better, worse] = measure.better === "more" ? [larger, smaller] : [smaller, larger];
        return { better, worse, repeats: crossover.repeats, at: placeOf(crossover) };
      });
    }),
  );
  if (found.length === 0) return [];
  const behind = [...Map.groupBy(found, ({ worse }) => worse)].map(([worse, own]) => {
    const places = [...Map.groupBy(own, ({ at }) => at)].map(([at, those]) => `${list(those.map(({ better }) => better))} ${at}`);
    return `${worse} falls behind ${list(places)}`;
  });
  const most = Math.max(...found.map(({ repeats }) => repeats));
  const certainty = most > 1 ? `${spreadName(most)} of ${most} repeats` : "one run, so no interval";
  return [`${measure.title} over rising ${titleOf(key)}: ${behind.join("; ")}. By straight lines between values; ${certainty}.`];
}

function placeOf({ from, to, at }: Crossover): string {
  return `at ${bounded(at)} (between ${number(from)} and ${number(to)})`;
}
