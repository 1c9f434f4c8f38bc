import type { RunResult } from "../experiment/result.ts";
import { Html, html } from "./html.ts";
import { namer } from "./setting.ts";
import { duration, number, percent } from "./text.ts";

/** Beyond these the page says only how many more there are; the result file has them all. */
const warningsShown = 10;

/** What makes numbers less than they seem. */
export function warningNotice(runs: readonly RunResult[]): Html[] {
  const name = namer(runs);
  const all = runs.flatMap((run) => run.warnings.map(({ detail }) => html`<li>${name(run)}, seed ${run.seed}: ${detail}</li>`));
  if (all.length === 0) return [];
  const more = all.length - warningsShown;
  return [html`<div class="notice">Warnings:<ul>${all.slice(0, warningsShown)}${more > 0 ? html`<li>and ${more} more</li>` : ""}</ul></div>`];
}

/** What arrived, what became of it, and what measuring as a closed loop does would have hidden. */
export function openLoopTable(runs: readonly RunResult[]): Html | string {
  const name = namer(runs);
  const rows = runs.flatMap((run) => {
    if (run.openLoop === null) return [];
    const { rateOpsPerSec, arrivals, offeredOpsPerSec, arrived, dropped, lateMs, coordinatedMs } = run.openLoop;
    const cells = [
      `${number(rateOpsPerSec)}, ${arrivals}`,
      number(offeredOpsPerSec),
      number(run.throughputOpsPerSec),
      dropped === 0 ? "0" : `${number(dropped)} (${percent(dropped / arrived)})`,
      duration(lateMs.p99),
      ...[run.latencyMs.response, coordinatedMs].flatMap(({ count, p50, p99 }) => (count === 0 ? ["–", "–"] : [duration(p50), duration(p99)])),
    ];
    return [html`<tr><td><b>${name(run)}</b></td>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
`];
  });
  if (rows.length === 0) return "";
  const titles = ["protocol", "rate, arrivals", "offered commands/s", "answered", "dropped", "sent late p99", "response p50", "p99", "a closed loop would show p50", "p99"];
  return html`<h2>Open loop</h2>
<p>Response is timed from the intended send, and of every request that was sent. A closed-loop client in its place would time from the actual send, and send nothing while it waits.</p>
<div class="wide"><table>
<thead><tr>${titles.map((title) => html`<th>${title}</th>`)}</tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}

/** How much of the machine each node used. */
export function nodeTable(runs: readonly RunResult[]): Html | string {
  const name = namer(runs);
  const rows = runs.flatMap((run) => (run.nodes ?? []).map(({ node, cpu, busy, pauses }) => html`<tr><td><b>${name(run)}</b></td><td>${run.seed}</td><td>${node}</td><td>${percent(busy)}</td><td>${percent(cpu)}</td><td>${number(pauses.count)}</td><td>${duration(pauses.totalMs)}</td><td>${duration(pauses.longestMs)}</td></tr>
`));
  if (rows.length === 0) return "";
  return html`<h2>Nodes</h2>
<div class="wide"><table>
<thead><tr><th>protocol</th><th>seed</th><th>node</th><th>busy</th><th>of a core</th><th>garbage collections</th><th>together</th><th>longest</th></tr></thead>
<tbody>${rows}</tbody>
</table></div>`;
}
