import type { RunResult } from "../experiment/result.ts";
import type { FindingGroup } from "./findings/finding.ts";
import { kneeFindings } from "./findings/knees.ts";
import { verdictFinding } from "./findings/verdict.ts";
import { Html, html } from "./html.ts";
import { distinct } from "./list.ts";
import { kneeTable, nodeTable, openLoopTable, warningNotice } from "./load.ts";
import { saysSomething, type Section } from "./sections.ts";
import { namer } from "./setting.ts";
import { allRuns, type Source, sourceName } from "./source.ts";
import { style } from "./style.ts";
import { htmlOf, type Table } from "./table.ts";
import { conditionTable, faultTable, marks, runTable, verdictTable } from "./tables.ts";
import { number, plural } from "./text.ts";
import { checksThat, checkTitle, type Outcome, outcomeOf } from "./verdict.ts";

const meanings: Readonly<Record<Outcome, string>> = { held: "held", failed: "broken", unknown: "not judged" };

/** Beyond these the page says only how many more there are; the files beside it have them all. */
const violationsShown = 10;
const runsShown = 24;
const rowsShown = 80;

/** By run: a page beside this one that shows why its history has no order. */
export type Timelines = ReadonlyMap<RunResult, string>;

export interface Content {
  readonly sources: readonly Source[];
  readonly sections: readonly Section[];
  /** SVG by name of figure. */
  readonly drawings: ReadonlyMap<string, string>;
  readonly timelines: Timelines;
}

/** One static page that needs nothing but itself. */
export function page({ sources, sections, drawings, timelines }: Content): string {
  const runs = allRuns(sources);
  const protocols = distinct(runs.map((run) => run.title)).join(", ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>paxbench: ${protocols}</title>
<style>${new Html(style)}</style>
</head>
<body>
<h1>paxbench: ${protocols}</h1>
${notices(sources)}
${runs.length === 0 ? "" : body({ sources, sections, drawings, timelines }, runs)}
</body>
</html>
`.text;
}

function body({ sources, sections, drawings, timelines }: Content, runs: readonly RunResult[]): Html {
  return html`${findings(sections, sources)}
${sections.map((section) => figuresOf(section, drawings))}
<h2>The judges' verdicts</h2>
${withFiles(verdictTable(runs))}
<p class="small">${distinct(runs.flatMap((run) => Object.values(run.checks).map(outcomeOf))).map((outcome) => `${marks[outcome]} ${meanings[outcome]}`).join(", ")}; a number: in how many of the runs.</p>
${violations(runs, timelines)}
${tableWithTitle(kneeTable(sources))}
${tableWithTitle(openLoopTable(runs))}
${tableWithTitle(faultTable(runs))}
${runs.length > runsShown ? "" : tableWithTitle(runTable(runs))}
${tableWithTitle(conditionTable(runs))}
${runs.length > runsShown ? "" : tableWithTitle(nodeTable(runs))}
<h2>Run it again</h2>
${again(runs)}
${sources.length === 1 ? "" : html`<h2>From these results</h2>
<ul>${sources.map((source) => html`<li>${sourceName(source)}: ${plural(source.result.runs.length, "run")}${source.result.incomplete ? ", incomplete" : ""}</li>`)}</ul>`}`;
}

/** Names of its tables besides those of sections. */
export function overallTables(sources: readonly Source[]): Table[] {
  const runs = allRuns(sources);
  return [verdictTable(runs), kneeTable(sources), openLoopTable(runs), faultTable(runs), runTable(runs), conditionTable(runs), nodeTable(runs)].filter((table) => table !== null);
}

/** What a reader must know before any number. */
function notices(sources: readonly Source[]): Html[] {
  const runs = allRuns(sources);
  const cut = sources.filter(({ result }) => result.incomplete);
  const which = sources.length === 1 ? "" : ` (${cut.map(sourceName).join(", ")})`;
  const failed = checksThat("failed", runs).map(checkTitle);
  const undecided = checksThat("unknown", runs).map(checkTitle);
  const costs = distinct(runs.flatMap((run) => (run.costs ? [`${run.costs.name}: ${run.costs.source}`] : [])));
  const broken = runs.filter((run) => checksThat("failed", [run]).length > 0).length;
  return [
    ...(cut.length > 0 ? [html`<p class="notice bad">Incomplete: the experiment was cut short, and runs are missing${which}.</p>`] : []),
    ...(runs.some((run) => run.simulated)
      ? [html`<p class="notice">Simulated${runs.every((run) => run.simulated) ? "" : ", where so marked"}: times and rates are in virtual time, not this machine's.${costs.map((cost) => html` CPU costs ${cost}.`)}</p>`]
      : []),
    ...(broken > 0
      ? [html`<p class="notice bad">✗ Failed in ${broken} of ${plural(runs.length, "run")}: ${failed.join(", ")}.</p>`]
      : []),
    ...(undecided.length > 0 ? [html`<p class="notice">? Not decided in every run: ${undecided.join(", ")}.</p>`] : []),
    ...(runs.length > 0 && broken + undecided.length === 0 ? [html`<p class="notice good">✓ Every check held in every run.</p>`] : []),
    ...warningNotice(runs),
  ];
}

function findings(sections: readonly Section[], sources: readonly Source[]): Html {
  const knees = kneeFindings(sources);
  return html`<h2>Findings</h2>
<p class="small">Computed from the data. Multiples are of the leader's value; bounds are in brackets.</p>
${sections.filter(saysSomething).map(
  ({ title, conditions, certainty, findings }) => html`<section>
<h3>${title}</h3>
<p class="small">${conditions}<br>${certainty}</p>
${findings.map(findingGroup)}</section>
`,
)}${knees.length === 0 ? "" : html`<section><h3>Saturation</h3>${findingGroup({ about: "", items: knees })}</section>`}<p>${verdictFinding(allRuns(sources))}</p>`;
}

function findingGroup({ about, items }: FindingGroup): Html {
  return html`${about === "" ? "" : html`<h4>${about}</h4>`}<ul>${items.map((item) => html`<li>${item}</li>`)}</ul>
`;
}

function figuresOf({ title, figures, tables }: Section, drawings: ReadonlyMap<string, string>): Html {
  return html`<h2>${title}</h2>
${figures.map(({ name }) => figure(name, drawings.get(name)!))}
${tables.map(tableWithTitle)}`;
}

/** Each drawing numbers its parts from one, and in a page all drawings share one space of names. */
function figure(name: string, svg: string): Html {
  const own = svg.replaceAll(/(\bid="|url\(#)/g, `$1${encodeURIComponent(name)}-`);
  return html`<figure id="${name}">${new Html(own)}
<figcaption>${links("plots", name, { svg: "SVG", png: "PNG", "vl.json": "Vega-Lite" })}</figcaption></figure>
`;
}

function tableWithTitle(table: Table | null): Html | string {
  return table === null ? "" : html`<h3>${table.title}</h3>
${withFiles(table)}
`;
}

function withFiles(table: Table): Html {
  return html`${table.rows.length > rowsShown ? html`<p>${number(table.rows.length)} rows, in a file of their own:</p>` : htmlOf(table)}
<p class="files">${links("tables", table.name, { csv: "CSV", md: "Markdown" })}</p>`;
}

function links(folder: string, name: string, endings: Readonly<Record<string, string>>): Html[] {
  return Object.entries(endings).map(([ending, title], index) => html`${index === 0 ? "" : " · "}<a href="${folder}/${encodeURIComponent(`${name}.${ending}`)}">${title}</a>`);
}

function violations(runs: readonly RunResult[], timelines: Timelines): Html[] {
  const name = namer(runs);
  return runs.flatMap((run) => {
    if (run.violations.length === 0) return [];
    const more = run.violations.length - violationsShown;
    const timeline = timelines.get(run);
    return [html`<h3>What broke: ${name(run)}, seed ${run.seed}</h3>
${timeline === undefined ? "" : html`<p><a href="${encodeURIComponent(timeline)}">Why its history is not linearizable: a timeline</a></p>`}
<ul>${run.violations.slice(0, violationsShown).map(({ check, detail }) => html`<li><b>${checkTitle(check)}</b>: ${detail}</li>`)}
${more > 0 ? html`<li>and ${more} more</li>` : ""}</ul>
`];
  });
}

function again(runs: readonly RunResult[]): Html {
  const commands = distinct(runs.map((run) => run.replay));
  const more = commands.length - runsShown;
  return html`<pre>${commands.slice(0, runsShown).join("\n")}</pre>
${more > 0 ? html`<p class="small">and ${number(more)} more: <code>replay</code> of each run in result.json</p>` : ""}`;
}
