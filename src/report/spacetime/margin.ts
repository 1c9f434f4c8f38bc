/** The margin: time, faults, and where time was left out. */
import type { Micros } from "../../core/ids.ts";
import { html, type Html } from "../html.ts";
import { duration, plural } from "../text.ts";
import { bandsOf } from "./faults.ts";
import { label } from "./messages.ts";
import { gutter, top, type Scene } from "./scene.ts";
import { alarm, muted } from "../theme.ts";

/** A time each so many px. */
const tick = 45;
/** Bands side by side before they overlap. */
const tracks = 6;

export const times = ({ run, axis, matters, first, end }: Scene): Html[] => {
  const out: Html[] = [];
  let [last, row] = [-Infinity, 0];
  for (let index = first; index < end; index++) {
    if (!matters[index]!) continue;
    const y = axis.ys[row++]!;
    if (y - last < tick) continue;
    last = y;
    out.push(html`<text class="time" x="62" y="${y + 4}" text-anchor="end">${(run.events[index]!.at / 1000).toFixed(1)}</text><path class="tick" d="M66 ${y}h4"/>`);
  }
  return [html`<text class="time" x="62" y="${top - 20}" text-anchor="end">ms</text>`, ...out];
};

export const faultBands = (scene: Scene): Html[] => {
  const { run, axis, first, end } = scene;
  const from = run.events[first]?.at ?? 0;
  const until = run.events[end - 1]?.at ?? 0;
  const busy: Micros[] = [];
  return bandsOf(run.events, run.replicas).flatMap((band) => {
    if (band.until < from || band.from > until) return [];
    const free = Array.from({ length: tracks }, (_, track) => track).find((track) => (busy[track] ?? -1) <= band.from) ?? tracks - 1;
    busy[free] = band.until;
    const [x, y0, y1] = [78 + free * 8, scene.y(band.event), axis.place(band.until)];
    const bar = band.until > band.from ? html`<rect class="band" x="${x}" y="${y0}" width="6" height="${Math.max(3, y1 - y0)}"/>` : "";
    return [html`<g class="fault"><title>${band.text}, ${duration(band.from / 1000)} to ${duration(band.until / 1000)}</title>${bar}<path class="onset" d="M${x} ${y0}H${gutter}"/>${label(134, y0 - 3, "start", band.text, band.kind === "heal" || band.kind === "restart" ? muted : alarm)}</g>
`];
  });
};

export const gaps = ({ run, axis, matters, first, end, width }: Scene): Html[] => {
  return axis.gaps.map(({ from, until, y }) => {
    const quiet = run.events.filter((event, index) => event.type === "sent" && !matters[index]! && index >= first && index < end && event.at > from && event.at < until);
    const what = quiet.length === 0 ? "nothing" : plural(quiet.length, "quiet message");
    return html`<g class="gap"><rect x="66" y="${y - 9}" width="${width - 76}" height="18"/><text x="78" y="${y + 4}">${duration((until - from) / 1000)} later: ${what} in between</text></g>
`;
  });
};
