import type { RunResult } from "../experiment/result.ts";
import { type Html, html } from "./html.ts";
import { namer } from "./setting.ts";
import type { Source } from "./source.ts";
import { durationCell, noCell, numberCell, plainCell, plainColumn, type Table } from "./table.ts";
import { number, percent } from "./text.ts";

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

/** What arrived, what became of it, and what measuring as a closed loop does would have hidden. Null of closed loops. */
export function openLoopTable(runs: readonly RunResult[]): Table | null {
  const name = namer(runs);
  const rows = runs.flatMap((run) => {
    if (run.openLoop === null) return [];
    const { rateOpsPerSec, arrivals, offeredOpsPerSec, arrived, dropped, lateMs, coordinatedMs } = run.openLoop;
    return [[
      plainCell(name(run)),
      { text: `${number(rateOpsPerSec)}, ${arrivals}`, values: [rateOpsPerSec] },
      numberCell(offeredOpsPerSec),
      numberCell(run.throughputOpsPerSec),
      { text: dropped === 0 ? "0" : `${number(dropped)} (${percent(dropped / arrived)})`, values: [dropped] },
      durationCell(lateMs.p99),
      ...[run.latencyMs.response, coordinatedMs].flatMap(({ count, p50, p99 }) => (count === 0 ? [noCell, noCell] : [durationCell(p50), durationCell(p99)])),
    ]];
  });
  if (rows.length === 0) return null;
  const titles = [
    "protocol", "rate, arrivals", "offered commands/s", "answered", "dropped", "sent late p99",
    "response p50, from the intended send", "p99", "p50 that a closed loop would show", "its p99",
  ];
  return { name: "open-loop", title: "Open loop", columns: titles.map(plainColumn), rows };
}

/** Where each protocol's ramp ended, and why. Null where there was none. */
export function kneeTable(sources: readonly Source[]): Table | null {
  const rows = sources.flatMap(({ result: { knees = [], runs } }) =>
    knees.map(({ protocol, rateOpsPerSec, answeredOpsPerSec, responseP99Ms, brokeAtOpsPerSec, broke, rule }) => [
      plainCell(runs.find((run) => run.protocol === protocol)?.title ?? protocol),
      ...[rateOpsPerSec, answeredOpsPerSec].map((value) => (value === null ? noCell : numberCell(value))),
      responseP99Ms === null ? noCell : durationCell(responseP99Ms),
      brokeAtOpsPerSec === null ? noCell : numberCell(brokeAtOpsPerSec),
      broke === null ? noCell : plainCell(broke),
      plainCell(rule),
    ]),
  );
  if (rows.length === 0) return null;
  const titles = ["protocol", "knee: commands/s offered", "answered", "response p99", "broke at", "how", "rule that holds at the knee"];
  return { name: "saturation", title: "Saturation", columns: titles.map(plainColumn), rows };
}

/** How much of the machine each node used. Null where nothing is known of that. */
export function nodeTable(runs: readonly RunResult[]): Table | null {
  const name = namer(runs);
  const rows = runs.flatMap((run) =>
    (run.nodes ?? []).map(({ node, cpu, busy, pauses }) => [
      plainCell(name(run)),
      plainCell(run.seed),
      plainCell(node),
      { text: percent(busy), values: [busy] },
      { text: percent(cpu), values: [cpu] },
      numberCell(pauses.count),
      durationCell(pauses.totalMs),
      durationCell(pauses.longestMs),
    ]),
  );
  if (rows.length === 0) return null;
  return { name: "nodes", title: "Nodes", columns: ["protocol", "seed", "node", "busy", "of a core", "garbage collections", "together", "longest"].map(plainColumn), rows };
}
