import type { RunResult, Verdict } from "../experiment/result.ts";
import { type Conditions, conditions, varying } from "./conditions.ts";
import { faultList } from "./faults.ts";
import { Html, html } from "./html.ts";
import { distinct } from "./list.ts";
import { nodeTable, openLoopTable, warningNotice } from "./load.ts";
import { namer } from "./setting.ts";
import { allRuns, type Source, sourceName } from "./source.ts";
import { style } from "./style.ts";
import { duration, number, percent, plural } from "./text.ts";
import { checkNames, checksThat, checkTitle, type Outcome, outcomeOf } from "./verdict.ts";

export interface Drawing {
  readonly name: string;
  readonly svg: string;
}

/** Beyond these the page says only how many more there are; the result file has them all. */
const violationsShown = 10;

/** By run: a page beside this one that shows why its history has no order. */
export type Timelines = ReadonlyMap<RunResult, string>;

/** One static page that needs nothing but itself. */
export function page(sources: readonly Source[], drawings: readonly Drawing[], timelines: Timelines = new Map()): string {
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
<h2>Runs</h2>
${runTable(runs)}
${violations(runs, timelines)}
${openLoopTable(runs)}
${faultTable(runs)}
<h2>Figures</h2>
${drawings.map(figure)}
<h2>Conditions</h2>
${conditionTable(runs)}
${nodeTable(runs)}
<h2>Run it again</h2>
<pre>${distinct(runs.map((run) => run.replay)).join("\n")}</pre>
</body>
</html>
`.text;
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
      ? [html`<p class="notice">Simulated: times and rates are in virtual time, not this machine's.${costs.map((cost) => html` CPU costs ${cost}.`)}</p>`]
      : []),
    ...(broken > 0
      ? [html`<p class="notice bad">✗ Failed in ${broken} of ${plural(runs.length, "run")}: ${failed.join(", ")}.</p>`]
      : []),
    ...(undecided.length > 0 ? [html`<p class="notice">? Not decided in every run: ${undecided.join(", ")}.</p>`] : []),
    ...(runs.length > 0 && broken + undecided.length === 0 ? [html`<p class="notice good">✓ Every check held in every run.</p>`] : []),
    ...warningNotice(runs),
  ];
}

interface Column {
  readonly title: string;
  readonly cell: (run: RunResult) => Html | string;
}

function runTable(runs: readonly RunResult[]): Html {
  const name = namer(runs);
  const told = varying(runs.map(identification));
  const columns: Column[] = [
    { title: "protocol", cell: (run) => html`<b>${name(run)}</b>` },
    ...told.map((key) => ({ title: key, cell: (run: RunResult) => String(identification(run)[key] ?? "") })),
    { title: "commands/s", cell: (run) => number(run.throughputOpsPerSec) },
    { title: "response p50, ms", cell: (run) => quantile(run, "response", "p50") },
    { title: "response p99, ms", cell: (run) => quantile(run, "response", "p99") },
    { title: "commit p50, ms", cell: (run) => quantile(run, "commit", "p50") },
    { title: "execute p50, ms", cell: (run) => quantile(run, "execute", "p50") },
    { title: "fast path", cell: (run) => (run.paths === null ? "–" : percent(run.paths.fastRate)) },
    { title: "messages per command", cell: (run) => (run.messages === null ? "–" : number(run.messages.perCommand)) },
    { title: "bytes per command", cell: (run) => (run.messages === null || run.completed === 0 ? "–" : number(run.messages.bytes / run.completed)) },
    { title: "completed", cell: (run) => number(run.completed) },
    { title: "failed, unknown", cell: (run) => `${number(run.failed)}, ${number(run.unknown)}` },
    ...checkNames(runs).map((check) => ({ title: checkTitle(check), cell: (run: RunResult) => verdict(run.checks[check]) })),
  ];
  return html`<div class="wide"><table>
<thead><tr>${columns.map((column) => html`<th>${column.title}</th>`)}</tr></thead>
<tbody>${runs.map((run) => html`<tr>${columns.map((column) => html`<td>${column.cell(run)}</td>`)}</tr>
`)}</tbody>
</table></div>`;
}

/** What tells runs of one protocol apart. */
function identification(run: RunResult): Conditions {
  return { ...conditions(run), seed: run.seed, repeat: run.repeat };
}

function quantile(run: RunResult, kind: keyof RunResult["latencyMs"], which: "p50" | "p99"): string {
  const summary = run.latencyMs[kind];
  return summary.count === 0 ? "–" : number(summary[which]);
}

const marks: Readonly<Record<Outcome, string>> = { held: "✓", failed: "✗", unknown: "?" };

function verdict(value: Verdict): Html {
  const outcome = outcomeOf(value);
  return html`<span class="${outcome}" title="${outcome}">${marks[outcome]}</span>`;
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

/** What a scenario did, and which of its steps a protocol was spared. */
function faultTable(runs: readonly RunResult[]): Html | string {
  const told = runs.filter((run) => run.faults);
  if (told.length === 0) return "";
  const name = namer(runs);
  return html`<h2>Faults</h2>
<div class="wide"><table>
<thead><tr><th>protocol</th><th>seed</th><th>injected</th><th>left out: the protocol's model excludes them</th><th>longest stall</th><th>recovered after</th></tr></thead>
<tbody>${told.map((run) => html`<tr><td><b>${name(run)}</b></td><td>${run.seed}</td><td>${faultList(run.faults!.injected)}</td><td>${faultList(run.faults!.excluded)}</td><td>${duration(run.longestStallMs)}</td><td>${run.faults!.recoveredAfterMs === null ? "–" : duration(run.faults!.recoveredAfterMs)}</td></tr>
`)}</tbody>
</table></div>`;
}

function figure({ name, svg }: Drawing, index: number): Html {
  // Each drawing numbers its parts from one, and in a page all drawings share one space of names.
  const own = svg.replaceAll(/(\bid="|url\(#)/g, `$1figure${index}-`);
  return html`<figure id="${name}">${new Html(own)}</figure>
`;
}

/** Conditions and environment: the values of all runs, side by side where they differ. */
function conditionTable(runs: readonly RunResult[]): Html {
  const all = runs.map((run) => ({ ...conditions(run), ...run.environment }));
  const keys = distinct(all.flatMap((one) => Object.keys(one)));
  const rows = [
    ...keys.map((key) => ({ key, values: distinct(all.map((one: Conditions) => one[key] ?? "–")).join(" · ") })),
    ...distinct(runs.map((run) => run.title)).map((title) => ({
      key: `${title}: options`,
      values: distinct(runs.filter((run) => run.title === title).map(options)).join(" · "),
    })),
  ];
  return html`<table class="pairs"><tbody>${rows.map(({ key, values }) => html`<tr><th>${key}</th><td>${values}</td></tr>
`)}</tbody></table>`;
}

function options(run: RunResult): string {
  return Object.entries(run.options).map(([key, value]) => `${key}=${value}`).join(", ") || "none";
}
