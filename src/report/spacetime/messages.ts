import { html, type Html } from "../html.ts";
import { look } from "../look.ts";
import type { TraceEvent } from "../../sim/trace.ts";
import { clock, laneName, type Scene } from "./scene.ts";

type Sent = TraceEvent & { readonly type: "sent" };

/** A type of message between replicas, as the legend has it. */
export interface MessageType {
  readonly name: string;
  readonly count: number;
}

/** Characters that fit between two lanes. */
const fits = 30;

/** In the order in which they first appear. */
export const messageTypes = ({ run, matters, first, end }: Scene): MessageType[] => {
  const counts = new Map<string, number>();
  for (let index = first; index < end; index++) {
    const event = run.events[index]!;
    if (event.type === "sent" && isBetweenReplicas(event, run.replicas) && matters[index]!) counts.set(event.name, (counts.get(event.name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count }));
};

/** An arrow for each copy that came in; one that ends in a cross for what was lost. */
export const messages = (scene: Scene, types: readonly MessageType[]): Html[] => {
  const { run, deliveries, first, end } = scene;
  const arrows: Html[] = [];
  run.events.forEach((event, index) => {
    if (event.type !== "sent" || index >= end) return;
    const arrivals = deliveries.get(index) ?? [];
    if (arrivals.length > 0) arrows.push(...arrivals.filter((arrival) => arrival >= first).map((arrival) => arrow(scene, types, event, index, arrival)));
    else if (index >= first && event.due <= (run.events[end - 1]?.at ?? 0)) arrows.push(lost(scene, types, event, index));
  });
  return arrows;
};

const arrow = (scene: Scene, types: readonly MessageType[], event: Sent, index: number, arrival: number): Html => {
  const { run, xs } = scene;
  const [x0, y0, x1, y1] = [xs[event.lane]!, scene.y(index), xs[event.to]!, scene.y(arrival)];
  const { colour, dash } = lookOf(types, event.name);
  const shown = scene.matters[index]! && isBetweenReplicas(event, run.replicas);
  return html`<g class="${classOf(scene, types, event, index)}"><title>${told(scene, event)}
arrives ${clock(run.events[arrival]!.at)}</title><path d="M${x0} ${tenth(y0)}L${x1} ${tenth(y1)}" stroke="${colour}" stroke-dasharray="${dash.join(" ")}"/>${head(x0, y0, x1, y1, colour)}${
    shown ? label(x1 < x0 ? x1 + 9 : x1 - 9, y1 - 3, x1 < x0 ? "start" : "end", `${event.name} ${event.content}`.trim(), colour) : ""
  }</g>
`;
};

const lost = (scene: Scene, types: readonly MessageType[], event: Sent, index: number): Html => {
  const { run, xs, axis } = scene;
  const [x0, y0] = [xs[event.lane]!, scene.y(index)];
  const [x1, y1] = [x0 + (xs[event.to]! - x0) * 0.4, y0 + (Math.max(axis.place(event.due), y0) - y0) * 0.4];
  const { colour, dash } = lookOf(types, event.name);
  const shown = scene.matters[index]! && isBetweenReplicas(event, run.replicas);
  return html`<g class="${classOf(scene, types, event, index)}"><title>${told(scene, event)}
lost</title><path d="M${x0} ${tenth(y0)}L${tenth(x1)} ${tenth(y1)}" stroke="${colour}" stroke-dasharray="${dash.join(" ")}"/><path class="cross" d="M${tenth(x1 - 4)} ${tenth(y1 - 4)}l8 8m0 -8l-8 8"/>${
    shown ? label(x1 < x0 ? x1 - 8 : x1 + 8, y1 + 4, x1 < x0 ? "end" : "start", event.name, colour) : ""
  }</g>
`;
};

const isBetweenReplicas = (event: Sent, replicas: number): boolean => event.lane < replicas && event.to < replicas;

const lookOf = (types: readonly MessageType[], name: string) => {
  const place = types.findIndex((type) => type.name === name);
  return place === -1 ? { colour: "#8a8a8a", dash: [] } : look(place);
};

const classOf = ({ run, matters }: Scene, types: readonly MessageType[], event: Sent, index: number): string => {
  if (!isBetweenReplicas(event, run.replicas)) return "message client";
  if (!matters[index]!) return "message quiet";
  return `message t${types.findIndex((type) => type.name === event.name)}`;
};

const told = ({ run }: Scene, event: Sent): string =>
  `${event.name}, ${laneName(run, event.lane)} → ${laneName(run, event.to)}
${event.content}
sent ${clock(event.at)}`;

export const label = (x: number, y: number, anchor: "start" | "end" | "middle", text: string, colour: string, longest = fits): Html =>
  html`<text x="${tenth(x)}" y="${tenth(y)}" text-anchor="${anchor}" fill="${colour}">${text.length > longest ? `${text.slice(0, longest - 1)}…` : text}</text>`;

const head = (x0: number, y0: number, x1: number, y1: number, colour: string): Html => {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [dx, dy] = [((x1 - x0) / length) * 7, ((y1 - y0) / length) * 7];
  const corner = (side: number): string => `${tenth(x1 - dx - dy * 0.4 * side)} ${tenth(y1 - dy + dx * 0.4 * side)}`;
  return html`<path d="M${x1} ${tenth(y1)}L${corner(1)}L${corner(-1)}Z" fill="${colour}"/>`;
};

/** To a tenth of a px. */
const tenth = (value: number): number => Math.round(value * 10) / 10;
