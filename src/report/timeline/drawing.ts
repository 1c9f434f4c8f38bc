import { Html, html } from "../html.ts";
import { look } from "../look.ts";
import { number } from "../text.ts";
import { alarm, ink, muted } from "../theme.ts";
import { advance } from "../font.ts";
import { textSize } from "./label.ts";
import { badgeWidth, type Bar, type Kind, type Layout } from "./layout.ts";

/** Px. */
const margin = 16;
const badgeSize = 16;
const barHeight = 22;
const laneHeight = badgeSize + barHeight + 5;
const rulerLine = 15;
const rowPadding = 4;
const legendHeight = 34;

const blue = look(0).colour;
const vermilion = look(1).colour;

/** Told apart by colour, and for a print without it by outline and sign. */
const kinds: Readonly<Record<Kind, { readonly line: string; readonly fill: string; readonly dash: string; readonly width: number }>> = {
  placed: { line: blue, fill: "#dcebf6", dash: "none", width: 1.25 },
  blocked: { line: vermilion, fill: "#fde0cc", dash: "none", width: 2.5 },
  open: { line: muted, fill: "#f2f2f2", dash: "4 3", width: 1.25 },
};

const style = `
text { font: ${textSize}px Inter, Helvetica, Arial, sans-serif; fill: ${ink}; }
.faint { fill: ${muted}; }
.badge { fill: ${blue}; }
.in-badge { fill: white; font-weight: 600; text-anchor: middle; }
.state { fill: white; stroke: ${ink}; }
.refuted { stroke: ${alarm}; stroke-width: 1.5; stroke-dasharray: 6 4; }
.culprit { fill: ${alarm}; font-weight: 600; }
`;

/** The timeline as one SVG that needs nothing but itself. */
export const drawing = (layout: Layout): Html => {
  const gutter = Math.max(advance("state", textSize), ...layout.rows.map(({ process }) => advance(processName(process), textSize))) + 16;
  const left = margin + gutter;
  const rows = stacked(layout.rows);
  const timed = isTimed(layout);
  const rulerHeight = (timed ? 2 : 1) * rulerLine + 14;
  const rowsEnd = margin + rulerHeight + rows.height;
  const key = legend(layout);
  const width = Math.ceil(Math.max(left + layout.width, margin + key.width) + margin);
  const height = rowsEnd + laneHeight + 2 * rowPadding + legendHeight + margin;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Timeline of the refutation">
<style>${new Html(style)}</style>
<defs>${(Object.keys(kinds) as Kind[]).map(fades)}</defs>
<rect width="100%" height="100%" fill="white"/>
<g transform="translate(${left} ${margin})">
${ruler(layout, timed, -gutter, rulerHeight + rows.height)}
${rows.placed.map(({ process, bars, top, height }, i) => html`<g class="process" transform="translate(0 ${rulerHeight + top})">
${i % 2 === 0 ? html`<rect x="${-gutter}" width="${round(layout.width + gutter)}" height="${height}" fill="#fafafa"/>` : ""}
<text x="${-gutter}" y="${rowPadding + badgeSize + 15}">${processName(process)}</text>
${bars.map(barOf)}
</g>
`)}
<line class="refuted" x1="${round(layout.refuted)}" x2="${round(layout.refuted)}" y1="${rulerHeight - 8}" y2="${rulerHeight + rows.height + rowPadding + badgeSize}"/>
<g transform="translate(0 ${rulerHeight + rows.height + rowPadding})">${states(layout, gutter)}</g>
</g>
<g transform="translate(${margin} ${height - margin - barHeight})">${key.drawing}</g>
</svg>`;
};

const processName = (process: number): string => `process ${process}`;

const stacked = (rows: Layout["rows"]) => {
  let height = 0;
  const placed = rows.map((row) => {
    const top = height;
    const own = row.lanes * laneHeight + rowPadding;
    height += own;
    return { ...row, top, height: own };
  });
  return { placed, height };
};

const stops = (colour: string): Html => html`<stop offset="0.4" stop-color="${colour}"/><stop offset="1" stop-color="${colour}" stop-opacity="0"/>`;

/** Fill and outline of a bar that nobody saw the end of. */
const fades = (kind: Kind): Html => {
  const { line, fill } = kinds[kind];
  return html`<linearGradient id="fade-${kind}">${stops(fill)}</linearGradient><linearGradient id="fade-${kind}-line">${stops(line)}</linearGradient>`;
};

/** Lines, and where they were recorded times since the first; as many as fit. */
const ruler = ({ events, refuted }: Layout, timed: boolean, left: number, bottom: number): Html => {
  const first = events[0]!.time;
  const unit = unitOf(Math.max(...events.map(({ time }) => (time ?? 0) - (first ?? 0))));
  let free = -Infinity;
  const ticks = events.flatMap(({ line, time, x }) => {
    const labels = [String(line), ...(timed ? [number((time! - first!) / unit.ns)] : [])];
    const half = Math.max(...labels.map((label) => advance(label, textSize))) / 2;
    // Under the sign of the refutation stands its own line.
    if (x !== refuted && (x - half < free || (x < refuted && x + half > refuted - half - 8))) return [];
    free = x + half + 10;
    return [html`<line x1="${round(x)}" x2="${round(x)}" y1="${labels.length * rulerLine + 6}" y2="${bottom}" stroke="#e3e3e3"/>${labels.map(
      (label, i) => html`<text class="${x === refuted ? "culprit" : "faint"}" x="${round(x)}" y="${rulerLine * (i + 1)}" text-anchor="middle">${label}</text>`,
    )}
`];
  });
  return html`<text class="faint" x="${left}" y="${rulerLine}">line</text>${timed ? html`<text class="faint" x="${left}" y="${2 * rulerLine}">${unit.name}</text>` : ""}${ticks}`;
};

/** Whether times were recorded: all zero is none. */
const isTimed = ({ events }: Layout): boolean => events.every(({ time }) => time !== null) && events.some(({ time }) => time !== events[0]!.time);

const units = [
  { name: "s", ns: 1e9 },
  { name: "ms", ns: 1e6 },
  { name: "µs", ns: 1e3 },
] as const;

const unitOf = (span: number) => units.find(({ ns }) => span >= ns) ?? units.at(-1)!;

const barOf = (bar: Bar): Html => {
  const { kind, from, to, end, point, step, label, lane } = bar;
  const top = rowPadding / 2 + lane * laneHeight;
  const [y, bottom] = [top + badgeSize, top + badgeSize + barHeight];
  const outline = end === "returned" ? `M${round(from)} ${y}H${round(to)}V${bottom}H${round(from)}Z` : `M${round(to)} ${y}H${round(from)}V${bottom}H${round(to)}`;
  return html`<g class="${kind}"><title>${tooltip(bar)}</title>
${sample(kind, outline, end === "unknown")}
${end === "later" ? arrow(to, y + barHeight / 2, kinds[kind].line) : ""}${kind === "blocked" ? cross(from + 2, y - 12) : ""}
<svg x="${round(from)}" y="${y}" width="${round(Math.max(0, to - from - 2))}" height="${barHeight}"><text x="8" y="15.5">${label}</text></svg>
${point === undefined ? "" : badge(point, top, step!.number, 5)}</g>
`;
};

/** A step's number, on a pin of `length` that sticks in its operation. */
const badge = (x: number, top: number, step: number, length: number): Html => {
  const width = badgeWidth(step);
  return html`<path d="M${round(x)} ${top + badgeSize - 2}v${round(length + 2)}" stroke="${blue}" stroke-width="2.5"/>
<rect class="badge" x="${round(x - width / 2)}" y="${top}" width="${width}" height="${badgeSize - 1}" rx="7.5"/><text class="in-badge" x="${round(x)}" y="${top + 12}">${step}</text>`;
};

const states = ({ segments, rows }: Layout, gutter: number): Html => html`<text x="${-gutter}" y="${badgeSize + 15}">state</text>
${segments.map(
  ({ state, label, from, to }) => html`<g class="state-run"><title>${state}</title><rect class="state" x="${round(from)}" y="${badgeSize}" width="${round(to - from)}" height="${barHeight}"/>
<svg x="${round(from)}" y="${badgeSize}" width="${round(to - from)}" height="${barHeight}"><text x="8" y="15.5">${label}</text></svg></g>
`,
)}${rows.flatMap(({ bars }) => bars.flatMap(({ point, step }) => (point === undefined ? [] : [{ point, step: step!.number }])))
  .sort((a, b) => a.step - b.step)
  .map(({ point, step }) => badge(point, 0, step, 0))}`;

/** The signs that occur and their meaning, side by side. */
const legend = ({ rows }: Layout): { drawing: Html; width: number } => {
  const bars = rows.flatMap((row) => row.bars);
  const entries: readonly (readonly [Html, string, boolean])[] = [
    [html`${sample("placed", closed)}${badge(18, -8, 1, 5)}`, "takes effect here, as step 1 of the order", bars.some(({ point }) => point !== undefined)],
    [html`${sample("blocked", closed)}${cross(2, -5)}`, "cannot follow", true],
    [sample("open", closed), "could follow, but would not help", bars.some(({ kind }) => kind === "open")],
    [sample("placed", opened, true), "outcome unknown: may take effect at any time, or never", bars.some(({ end }) => end === "unknown")],
    [html`${sample("placed", opened)}${arrow(36, 13, blue)}`, "returns later", bars.some(({ end }) => end === "later")],
  ];
  let x = 0;
  const drawn = entries
    .filter(([, , occurs]) => occurs)
    .map(([sign, meaning]) => {
      const at = x;
      x += 44 + advance(meaning, textSize) + 22;
      return html`<g transform="translate(${round(at)} 0)">${sign}<text class="faint" x="44" y="17">${meaning}</text></g>
`;
    });
  return { drawing: html`${drawn}`, width: x };
};

const closed = "M0 7H36V19H0Z";
const opened = "M36 7H0V19H36";

const sample = (kind: Kind, outline: string, fading = false): Html => {
  const { fill, line, dash, width } = kinds[kind];
  const [inner, outer] = fading ? [`url(#fade-${kind})`, `url(#fade-${kind}-line)`] : [fill, line];
  return html`<path d="${outline}" fill="${inner}" stroke="${outer}" stroke-width="${width}" stroke-dasharray="${dash}"/>`;
};

const cross = (x: number, y: number): Html => html`<path d="M${round(x)} ${y}l8 8m0 -8l-8 8" stroke="${vermilion}" stroke-width="2.5"/>`;

const arrow = (end: number, middle: number, colour: string): Html =>
  html`<path d="M${round(end - 8)} ${middle - 5}l5 5l-5 5" fill="none" stroke="${colour}" stroke-width="1.5"/>`;

const tooltip = ({ operation, kind, end, step }: Bar): string => {
  const { text, process, called, returned, calledAt, returnedAt } = operation;
  const back = { returned: `returned on line ${returned}`, later: `returned on line ${returned}, after the refutation`, unknown: "outcome unknown" }[end];
  return [
    text,
    `process ${process}: called on line ${called}, ${back}`,
    ...(calledAt === null ? [] : [`at ${number(calledAt)} ns${returnedAt === null ? "" : `, for ${number((returnedAt - calledAt) / 1000)} µs`}`]),
    ...(step === undefined ? [] : [`step ${step.number}; then the state is ${step.state}`]),
    ...(kind === "blocked" ? ["cannot follow"] : kind === "open" ? ["could follow, but would not help"] : []),
  ].join("\n");
};

const round = (px: number): number => Math.round(px * 10) / 10;
