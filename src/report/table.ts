import { stringify } from "csv-stringify/sync";
import { Html, html } from "./html.ts";
import { duration, number } from "./text.ts";
import type { Outcome } from "./verdict.ts";

/** The same for the page, as CSV and as Markdown. */
export interface Table {
  /** Fit for a file name. */
  readonly name: string;
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Cells are words rather than numbers. */
  readonly words?: true;
}

export interface Column {
  readonly title: string;
  /** Names of its columns in CSV, where bounds have their own. */
  readonly csv: readonly string[];
}

export interface Cell {
  /** As people read it. */
  readonly text: string;
  /** As programs do, in full: one for each column in CSV. */
  readonly values: readonly (string | number | null)[];
  readonly outcome?: Outcome;
}

export function plainColumn(title: string): Column {
  return { title, csv: [title] };
}

export function plainCell(text: string | number): Cell {
  return { text: String(text), values: [text] };
}

export const noCell: Cell = { text: "–", values: [null] };

export function numberCell(value: number): Cell {
  return { text: number(value), values: [value] };
}

/** `ms` as people read times, and as a number of ms. */
export function durationCell(ms: number): Cell {
  return { text: duration(ms), values: [ms] };
}

export function csvOfTable({ columns, rows }: Table): string {
  return stringify(rows.map((row) => row.flatMap(({ values }) => values)), { header: true, columns: columns.flatMap(({ csv }) => csv) });
}

export function markdownOf({ title, columns, rows }: Table): string {
  const header = [markdownRow(columns.map((column) => column.title)), markdownRow(columns.map((_, index) => (index === 0 ? "---" : "---:")))];
  return [`## ${title}`, "", ...header, ...rows.map((row) => markdownRow(row.map(({ text }) => text))), ""].join("\n");
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

export function htmlOf({ columns, rows, words }: Table): Html {
  return html`<div class="wide"><table${words ? html` class="words"` : ""}>
<thead><tr>${columns.map(({ title }) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${row.map(htmlCell)}</tr>
`)}</tbody>
</table></div>`;
}

function htmlCell({ text, outcome }: Cell): Html {
  return outcome === undefined ? html`<td>${text}</td>` : html`<td><span class="${outcome}" title="${outcome}">${text}</span></td>`;
}
