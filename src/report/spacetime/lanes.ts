/** What happens at a replica or a client: lines, and what stands beside them. */
import type { Lane, TraceEvent } from "../../sim/trace.ts";
import { html, type Html } from "../html.ts";
import { alarm, ink, muted } from "../theme.ts";
import { bandsOf } from "./faults.ts";
import { label } from "./messages.ts";
import { clock, executesMore, gutter, laneName, top, type Scene } from "./scene.ts";

/** Whole while the replica is up, dotted while it is down; hatched where it is paused, shaded where a fault befalls it. */
export const replicaLines = (scene: Scene): Html[] =>
  scene.xs.slice(0, scene.run.replicas).map((x, lane) => html`<g class="lane">${shades(scene, lane)}${lives(scene, lane)}<text class="name" x="${x}" y="${top - 20}" text-anchor="middle">replica ${lane}</text></g>
`);

const lives = (scene: Scene, lane: Lane): Html[] => {
  const { run, xs, axis, end, first } = scene;
  const bottom = axis.height;
  const lines: Html[] = [];
  let [up, from] = [false, top - 12];
  const draw = (until: number): void => {
    lines.push(html`<path class="${up ? "up" : "down"}" d="M${xs[lane]!} ${from}V${until}"/>`);
    from = until;
  };
  run.events.forEach((event, index) => {
    if (event.lane !== lane || (event.type !== "started" && event.type !== "crashed") || index >= end) return;
    if (index >= first) draw(index === 0 || event.at === 0 ? top - 12 : scene.y(index));
    up = event.type === "started";
  });
  draw(bottom);
  return lines;
};

const shades = (scene: Scene, lane: Lane): Html[] => {
  const { run, xs, axis } = scene;
  return bandsOf(run.events, run.replicas)
    .filter(({ replicas, from, until }) => replicas.includes(lane) && until > from)
    .map(({ kind, text, event, until }) => {
      const [y0, y1] = [scene.y(event), axis.place(until)];
      return html`<rect class="shade ${kind === "pause" ? "paused" : ""}" x="${xs[lane]! - 7}" y="${y0}" width="14" height="${Math.max(2, y1 - y0)}"><title>${text}</title></rect>`;
    });
};

/** A bar for each operation, from the call to the reply. */
export const clientLines = (scene: Scene): Html[] => {
  const { run, xs, axis, end, first } = scene;
  const { events, replicas } = run;
  const out: Html[] = [];
  for (let client = 0; client < run.clients; client++) {
    const lane = replicas + client;
    const x = xs[lane]!;
    out.push(html`<path class="client-line" d="M${x} ${top - 12}V${axis.height}"/><text class="name client-name" x="${x}" y="${top - 20}" text-anchor="middle">c${client}</text>`);
    events.forEach((event, index) => {
      if (event.lane !== lane || event.type !== "called" || index >= end) return;
      const returned = events.findIndex((later, place) => place > index && later.lane === lane && later.type === "returned");
      const reply = events[returned];
      if (returned !== -1 && returned < first) return;
      const result = reply?.type === "returned" ? reply.result : "no reply";
      const [y0, y1] = [scene.y(index), returned === -1 ? axis.height : scene.y(returned)];
      out.push(html`<g class="operation ${returned === -1 ? "open" : ""}"><title>${event.request} ${event.operation}
${result}
${clock(event.at)} to ${reply === undefined ? "the end" : clock(reply.at)}</title><rect x="${x - 4}" y="${y0}" width="8" height="${Math.max(4, y1 - y0)}" rx="3"/>${
        index < first ? "" : label(x + 8, y0 + 11, "start", event.operation, muted)
      }${returned === -1 || returned >= end ? "" : label(x + 8, y1 - 3, "start", result, muted)}</g>
`);
    });
  }
  return out;
};

/** Crashes, timers, executions, decisions, records, and what a judge says of them. */
export const moments = (scene: Scene): Html[] => {
  const { run, first, end, matters } = scene;
  const words = wordsOf(scene);
  const out: Html[] = [];
  for (let index = first; index < end; index++) {
    const event = run.events[index]!;
    if (event.lane >= 0 && matters[index]!) out.push(...moment(scene, event, index, words));
  }
  return out;
};

const moment = (scene: Scene, event: TraceEvent, index: number, words: ReadonlyMap<number, string>): Html[] => {
  const { run, xs } = scene;
  const [x, y] = [xs[event.lane]!, scene.y(index)];
  const beside = (kind: string, mark: string, text: string, colour: string, hover = text): Html[] => [
    html`<g class="${kind}"><title>${laneName(run, event.lane)}, ${clock(event.at)}: ${hover}</title><circle cx="${x}" cy="${y}" r="3"/>${label(x + 9, y + 4, "start", `${mark} ${text}`.trim(), colour)}</g>
`,
  ];
  switch (event.type) {
    case "crashed": return beside("crash", "✗", `down${event.lost > 0 ? `, ${event.lost} records lost` : ""}`, alarm);
    case "started": return event.at === 0 ? [] : beside("start", "↻", "up again, from its journal", ink);
    case "timer": return beside("timer", "", `timer ${event.name}`, muted);
    case "link": return beside("timer", "", `link to ${event.peer} ${event.up ? "stands" : "broke"}`, muted);
    case "noted": return beside("note", event.note === "leader" ? "★" : "◆", event.note === "leader" ? "leads" : `decided, ${event.note} path`, ink, `${event.note} ${event.value ?? ""}`);
    case "persisted": return [html`<rect class="record" x="${x - 3}" y="${y - 3}" width="6" height="6"><title>${laneName(run, event.lane)}, ${clock(event.at)}: writes ${event.name}
${event.content}</title></rect>
`];
    case "decided": return [html`<circle class="decision" cx="${x}" cy="${y}" r="4"><title>${laneName(run, event.lane)}, ${clock(event.at)}: decides ${event.command} at ${event.position}${
      event.attributes.length === 0 ? "" : `, attributes ${event.attributes.join(" ")}`
    }</title></circle>
`];
    case "executed": {
      const text = words.get(index);
      return text === undefined ? [] : beside("execution", "✓", text.split("\n")[0]!, ink, `executes\n${text}`);
    }
    case "violated": return [violation(scene, event, x, y)];
    default: return [];
  }
};

/** Its words go where there is room for them. */
const violation = ({ width }: Scene, { check, detail, at }: TraceEvent & { type: "violated" }, x: number, y: number): Html => {
  const left = x > width / 2;
  const words = label(left ? x - 10 : x + 10, y - 5, left ? "end" : "start", `✗ ${check}: ${detail.split("\n")[0]!}`, alarm, 110);
  return html`<g class="violation"><title>${clock(at)}, ${check}: ${detail}</title><path d="M${gutter} ${y}H${width}"/><circle cx="${x}" cy="${y}" r="6"/>${words}</g>
`;
};

/** Executions of one step as one: `1.4 put k1=17 #3`, the third write of that key there; then the others, a line each. */
const wordsOf = ({ run }: Scene): Map<number, string> => {
  const operations = new Map<string, string>();
  const writes = new Map<string, number>();
  const words = new Map<number, string>();
  let head = -1;
  run.events.forEach((event, index) => {
    if (event.type === "called") operations.set(event.request, event.operation);
    if (event.type === "started") for (const key of writes.keys()) if (key.startsWith(`${event.lane} `)) writes.delete(key);
    if (event.type !== "executed") return;
    const place = `${event.lane} ${event.key}`;
    const count = (writes.get(place) ?? 0) + (event.readOnly ? 0 : 1);
    writes.set(place, count);
    const text = `${event.request} ${operations.get(event.request) ?? ""} ${event.key === null ? "" : event.readOnly ? `after #${count}` : `#${count}`}`.trim();
    if (executesMore(run.events, index)) words.set(head, `${words.get(head)!}\n${text}`);
    else words.set((head = index), text);
  });
  for (const [index, text] of words) {
    const [one, ...others] = text.split("\n");
    if (others.length > 0) words.set(index, `${one}, +${others.length}\n${text}`);
  }
  return words;
};
