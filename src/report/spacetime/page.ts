/** A space-time diagram on one page that needs nothing but itself. The same run, the same bytes. */
import type { TracedRun } from "../../sim/trace.ts";
import { Html, html } from "../html.ts";
import { look } from "../look.ts";
import { style } from "../style.ts";
import { plural } from "../text.ts";
import { clientLines, moments, replicaLines } from "./lanes.ts";
import { faultBands, gaps, times } from "./margin.ts";
import { messages, messageTypes, type MessageType } from "./messages.ts";
import { clock, sceneOf, type Scene } from "./scene.ts";
import { diagramStyle } from "./style.ts";

/** What stands around the diagram. */
export interface Caption {
  /** The protocol's. */
  readonly title: string;
  readonly seed: number;
  /** Replicas, distances and the like, one line. */
  readonly conditions: string;
  /** The judge that complained, and what it said; null: nothing was found. */
  readonly finding: { readonly kind: string; readonly detail: string } | null;
  readonly replay: string;
}

export const spacetimePage = (run: TracedRun, caption: Caption): string => {
  const scene = sceneOf(run);
  const types = messageTypes(scene);
  const { title, seed, conditions, finding, replay } = caption;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}, seed ${seed}: ${finding?.kind ?? "nothing found"}</title>
<style>${new Html(style + diagramStyle + toggles(types))}</style>
</head>
<body class="spacetime">
<h1>${title}, seed ${seed}</h1>
${finding === null ? html`<p class="notice good">✓ No judge complained.</p>` : html`<p class="notice bad">✗ ${finding.kind}: ${finding.detail.split("\n")[0]!}</p>`}
<p>${conditions}. Simulated: virtual time. ${windowText(scene)}</p>
<pre>${replay}</pre>
${legend(scene, types)}
${diagram(scene, types)}
${finding === null ? "" : html`<h2>What the judge said</h2>
<pre class="verdict">${finding.kind}: ${finding.detail}</pre>
`}</body>
</html>
`.text;
};

const diagram = (scene: Scene, types: readonly MessageType[]): Html => {
  const { width, axis } = scene;
  return html`<div class="wide"><svg xmlns="http://www.w3.org/2000/svg" class="diagram" width="${width}" height="${axis.height}" viewBox="0 0 ${width} ${axis.height}">
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V6" stroke="#595959" stroke-width="2"/></pattern></defs>
<g class="gaps">${gaps(scene)}</g>
<g class="times">${times(scene)}</g>
<g class="faults">${faultBands(scene)}</g>
<g class="clients">${clientLines(scene)}</g>
<g class="replicas">${replicaLines(scene)}</g>
<g class="messages">${messages(scene, types)}</g>
<g class="moments">${moments(scene)}</g>
</svg></div>`;
};

const windowText = ({ run, first, end }: Scene): string => {
  const { events } = run;
  if (first === 0 && end === events.length) return "The whole run is shown.";
  const [from, until] = [events[first]!.at, events[end - 1]!.at];
  return `Shown: ${clock(from)} to ${clock(until)}, the part up to what the judge saw, of ${clock(events.at(-1)!.at)}.`;
};

/** What the signs mean; a tick before a type shows or hides its messages. */
const legend = ({ run, matters, first, end }: Scene, types: readonly MessageType[]): Html => {
  const quiet = run.events.filter((event, index) => event.type === "sent" && !matters[index]! && index >= first && index < end).length;
  return html`<fieldset class="legend"><legend>Messages</legend>
${types.map(({ name, count }, place) => html`<label><input type="checkbox" id="show-t${place}" checked><svg width="34" height="10"><path d="M0 5H30" stroke="${look(place).colour}" stroke-width="2" stroke-dasharray="${look(place).dash.join(" ")}"/></svg>${name} (${count})</label>
`)}<label><input type="checkbox" id="show-client" checked>clients' requests and replies</label>
<label><input type="checkbox" id="show-quiet">${plural(quiet, "quiet message")}: nothing came of them</label>
</fieldset>
<p class="key">Time runs downwards; rows are not to scale. Grey bars: clients' operations. ✓ executed: <i>client.request operation #nth write of its key there</i>. ■ written to the journal. ○ decided. ★ leads. ✗ on an arrow: lost. Dotted line: down; hatched: paused; shaded: befallen by a fault of the margin. Hover for whole contents.</p>`;
};

const toggles = (types: readonly MessageType[]): string =>
  [...types.map((_, place) => `t${place}`), "client", "quiet"]
    .map((name) => `body:has(#show-${name}:not(:checked)) .message.${name} { display: none; }\n`)
    .join("");
