import type { ViewedOperation, WitnessView } from "../../check/linearizability/witness-view.ts";
import { Html, html } from "../html.ts";
import { style } from "../style.ts";
import { plural } from "../text.ts";
import { drawing } from "./drawing.ts";
import { type Layout, layout } from "./layout.ts";

/** Px: a laptop's window, and a landscape page with text that can still be read. */
const width = 1120;
/** Steps drawn, however wide they are. */
const fewest = 5;

/** What a page says of the history beside its refutation. */
export interface HistoryFacts {
  /** File, or run. */
  readonly source: string;
  readonly operations: number;
  readonly keys: number;
}

const ownStyle = `
.timeline svg { max-width: none; }
.steps td, .steps th { text-align: left; white-space: normal; overflow-wrap: anywhere; }
.steps td:first-child, .steps th:first-child { min-width: 3rem; }
.steps td:last-child { white-space: nowrap; }
.steps .blocked td { font-weight: 600; background: #fde0cc; }
.steps .open td { color: #595959; }
.note { max-width: 60rem; }
@media print { .timeline svg { max-width: 100%; } tr { break-inside: avoid; } }
`;

/** A refutation as one static page that needs nothing but itself. */
export const timelinePage = (view: WitnessView, facts: HistoryFacts): string => {
  const { drawn, count } = fitting(view);
  const keys = `${view.keys.length === 1 ? "key" : "keys"} ${view.keys.map((key) => JSON.stringify(key)).join(", ")}`;
  const [claim, ...reasons] = view.reason;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not linearizable: ${keys}</title>
<style>${new Html(style + ownStyle)}</style>
</head>
<body>
<h1>Not linearizable: ${keys}</h1>
<p class="notice bad">✗ ${claim!}</p>
<p class="note">${reasons.join(" ")}</p>
<p class="note">${facts.source}: ${plural(facts.operations, "operation")} on ${plural(facts.keys, "key")}. ${extent(view, count)}. Later operations and other keys are left out.</p>
<figure class="wide timeline">
${drawing(drawn)}
</figure>
<p class="note">A bar is an operation, from its call to its return. If the history were linearizable, each would take effect at
one instant within its bar, and its result would follow from what took effect before. Numbers are such instants as far as there
are any: the longest order, with the state that each step leaves. The dashed line is the return from which on there is none. From
left to right events stand in the order of the history's lines; distances follow recorded times, if any, but make room for texts.</p>
<h2>The same as a table</h2>
${table(view, count)}
</body>
</html>
`.text;
};

/** As many steps as fit the width. */
const fitting = (view: WitnessView): { drawn: Layout; count: number } => {
  for (let count = view.steps.length; ; count--) {
    const drawn = layout(view, count, width);
    if (drawn.width <= width || count <= fewest) return { drawn, count };
  }
};

/** What is shown and what is left out. */
const extent = ({ stepCount, cannotFollow, cannotFollowCount, open, openCount }: WitnessView, count: number): string =>
  [
    count < stepCount ? `Shown: the last ${count} of the ${plural(stepCount, "step")} of the order` : `Shown: all ${plural(stepCount, "step")} of the order`,
    `${some(cannotFollow.length, cannotFollowCount)} that cannot follow`,
    ...(openCount > 0 ? [`${some(open.length, openCount)} that could follow, but would not help`] : []),
  ].join("; ");

const some = (shown: number, all: number): string => (shown === all ? String(all) : `${shown} of ${all}, those called last,`);

const table = (view: WitnessView, count: number): Html => {
  const steps = view.steps.slice(view.steps.length - count);
  return html`<div class="wide"><table class="steps">
<thead><tr><th>step</th><th>operation</th><th>state after it</th><th>process</th><th>lines</th></tr></thead>
<tbody>
${steps.map((step) => row("placed", String(step.number), step, step.state))}
${view.cannotFollow.map((operation) => row("blocked", "✗", operation, "cannot follow"))}
${view.open.map((operation) => row("open", "–", operation, "could follow, but would not help"))}
</tbody>
</table></div>`;
};

const row = (kind: string, step: string, { text, process, called, returned }: ViewedOperation, state: string): Html =>
  html`<tr class="${kind}"><td>${step}</td><td>${text}</td><td>${state}</td><td>${process}</td><td>${called}–${returned === Infinity ? "?" : returned}</td></tr>
`;
