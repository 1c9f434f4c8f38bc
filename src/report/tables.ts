import type { RunResult, SiteResult, Verdict } from "../experiment/result.ts";
import { type Conditions, conditions, varying } from "./conditions.ts";
import { panelOf } from "./families.ts";
import { faultList } from "./faults.ts";
import { bounded } from "./findings/words.ts";
import { distinct, median } from "./list.ts";
import { type Measure, measures } from "./measures.ts";
import { namer, type Series, type Setting } from "./setting.ts";
import type { MeasuredRun } from "./source.ts";
import { spread } from "./spread.ts";
import { titleOf, valuesIn } from "./sweep-points.ts";
import { type Cell, type Column, durationCell, noCell, numberCell, plainCell, plainColumn, type Table } from "./table.ts";
import { number, percent } from "./text.ts";
import { checkNames, checkTitle, type Outcome, outcomeOf } from "./verdict.ts";

/** A row for each series of a setting, at each value of what is varied: medians with their bounds. `key`: null where nothing is. */
export function pointTable(setting: Setting, key: string | null, ending: string): Table {
  const told = measures.filter((measure) => setting.runs.some((run) => measure.of(run) !== null));
  const others = key === null ? [] : Object.keys(panelOf(setting.series[0]!.runs[0]!, key, setting));
  const keys = key === null ? [] : [...others, key];
  const points = setting.series.flatMap((series, order) =>
    [...Map.groupBy(series.runs, ({ result }) => JSON.stringify(keys.map((one) => result.varied![one] ?? null))).values()].map((runs) => ({ series, order, runs })),
  );
  const orders = keys.map((one) => valuesIn(setting.runs, one));
  const placeOf = (runs: readonly MeasuredRun[]): number[] => keys.map((one, i) => orders[i]!.indexOf(runs[0]!.result.varied![one]!));
  const sorted = points.toSorted((a, b) => {
    const [ours, theirs] = [[...placeOf(a.runs), a.order], [...placeOf(b.runs), b.order]];
    const differs = ours.findIndex((place, i) => place !== theirs[i]);
    return differs < 0 ? 0 : ours[differs]! - theirs[differs]!;
  });
  return {
    name: `points${ending}`,
    title: points.some(({ runs }) => runs.length > 1) ? "Medians [bounds]" : "Measured",
    columns: [...keys.map((one) => ({ title: titleOf(one), csv: [one] })), plainColumn("protocol"), plainColumn("runs"), ...told.map(measureColumn)],
    rows: sorted.map(({ series, runs }) => [
      ...keys.map((one) => plainCell(runs[0]!.result.varied![one] ?? "–")),
      plainCell(series.label),
      plainCell(runs.length),
      ...told.map((measure) => measureCell(measure, runs)),
    ]),
  };
}

function measureColumn({ name, axis, share }: Measure): Column {
  return { title: share ? "fast path" : axis, csv: [name, `${name}.low`, `${name}.high`] };
}

function measureCell(measure: Measure, runs: readonly MeasuredRun[]): Cell {
  const values = runs.flatMap(({ result }) => measure.of(result) ?? []);
  if (values.length === 0) return { text: "–", values: [null, null, null] };
  const told = spread(values);
  return { text: bounded(told, measure.share ? percent : number), values: [told.median, told.low, told.high] };
}

/** Response at each site, where sites differ; the floor first. Null: they do not. */
export function siteTable({ series }: Setting, ending: string): Table | null {
  const sites = distinct(series.flatMap(({ runs }) => runs.flatMap(({ result }) => result.sites.map(({ site }) => site))));
  const floors = sites.map((site) => atSite(series[0]!, site)[0]?.floorMs ?? null);
  if (sites.length < 2 || floors.every((floor) => floor === null)) return null;
  return {
    name: `sites${ending}`,
    title: "Response latency by site, ms",
    columns: [plainColumn("protocol"), ...sites.flatMap((site) => [plainColumn(`${site} p50`), plainColumn(`${site} p99`)])],
    rows: [
      [plainCell("floor: nearest majority"), ...floors.flatMap((floor) => [floor === null ? noCell : { text: number(floor), values: [floor] }, noCell])],
      ...series.map((one) => [plainCell(one.label), ...sites.flatMap((site) => [siteCell(one, site, "p50"), siteCell(one, site, "p99")])]),
    ],
  };
}

function atSite(one: Series, site: string): SiteResult[] {
  return one.runs.flatMap(({ result }) => result.sites.filter((other) => other.site === site));
}

function siteCell(one: Series, site: string, which: "p50" | "p99"): Cell {
  const values = atSite(one, site).flatMap(({ latencyMs }) => (latencyMs.response.count === 0 ? [] : [latencyMs.response[which]]));
  return values.length === 0 ? noCell : numberCell(median(values));
}

/** Every run by itself. */
export function runTable(runs: readonly RunResult[]): Table {
  const name = namer(runs);
  const told = varying(runs.map(identification));
  const columns: readonly (readonly [title: string, cell: (run: RunResult) => Cell])[] = [
    ["protocol", (run) => plainCell(name(run))],
    ...told.map((key) => [key, (run: RunResult) => plainCell(String(identification(run)[key] ?? ""))] as const),
    ["commands/s", (run) => numberCell(run.throughputOpsPerSec)],
    ["response p50, ms", (run) => quantileCell(run, "response", "p50")],
    ["response p99, ms", (run) => quantileCell(run, "response", "p99")],
    ["commit p50, ms", (run) => quantileCell(run, "commit", "p50")],
    ["execute p50, ms", (run) => quantileCell(run, "execute", "p50")],
    ["fast path", (run) => (run.paths === null ? noCell : { text: percent(run.paths.fastRate), values: [run.paths.fastRate] })],
    ["messages per command", (run) => (run.messages === null ? noCell : numberCell(run.messages.perCommand))],
    ["bytes per command", (run) => (run.messages === null || run.completed === 0 ? noCell : numberCell(run.messages.bytes / run.completed))],
    ["completed", (run) => numberCell(run.completed)],
    ["failed", (run) => numberCell(run.failed)],
    ["unknown", (run) => numberCell(run.unknown)],
    ...(runs.some((run) => run.openLoop !== null) ? [["dropped", (run: RunResult) => (run.openLoop === null ? noCell : numberCell(run.openLoop.dropped))] as const] : []),
  ];
  return { name: "runs", title: "Runs", columns: columns.map(([title]) => plainColumn(title)), rows: runs.map((run) => columns.map(([, cell]) => cell(run))) };
}

/** What tells runs of one protocol apart. */
function identification(run: RunResult): Conditions {
  return { ...conditions(run), ...run.varied, seed: run.seed, repeat: run.repeat };
}

function quantileCell(run: RunResult, kind: keyof RunResult["latencyMs"], which: "p50" | "p99"): Cell {
  const summary = run.latencyMs[kind];
  return summary.count === 0 ? noCell : numberCell(summary[which]);
}

export const marks: Readonly<Record<Outcome, string>> = { held: "✓", failed: "✗", unknown: "?" };

/** What each judge said of each protocol's runs. */
export function verdictTable(runs: readonly RunResult[]): Table {
  const name = namer(runs.map((run) => ({ ...run, options: {} })));
  const checks = checkNames(runs);
  return {
    name: "verdicts",
    title: "The judges' verdicts",
    columns: [plainColumn("protocol"), plainColumn("runs"), ...checks.map((check) => plainColumn(checkTitle(check)))],
    rows: [...Map.groupBy(runs, (run) => name({ ...run, options: {} }))].map(([protocol, own]) => [
      plainCell(protocol),
      plainCell(own.length),
      ...checks.map((check) => verdictCell(own.map((run) => run.checks[check]))),
    ]),
  };
}

/** The worst of them, and how many there are of it where not all are alike. */
function verdictCell(verdicts: readonly Verdict[]): Cell {
  const outcomes = verdicts.map(outcomeOf);
  const worst = (["failed", "unknown", "held"] as const).find((outcome) => outcomes.includes(outcome))!;
  const count = outcomes.filter((outcome) => outcome === worst).length;
  return { text: count === outcomes.length ? marks[worst] : `${marks[worst]} ${count}`, values: [worst], outcome: worst };
}

/** What a scenario did, and which of its steps a protocol was spared. Null without one. */
export function faultTable(runs: readonly RunResult[]): Table | null {
  const told = runs.filter((run) => run.faults);
  if (told.length === 0) return null;
  const name = namer(runs);
  return {
    name: "faults",
    title: "Faults",
    columns: ["protocol", "seed", "injected", "left out: the protocol's model excludes them", "longest stall", "recovered after"].map(plainColumn),
    rows: told.map((run) => [
      plainCell(name(run)),
      plainCell(run.seed),
      plainCell(faultList(run.faults!.injected)),
      plainCell(faultList(run.faults!.excluded)),
      durationCell(run.longestStallMs),
      run.faults!.recoveredAfterMs === null ? noCell : durationCell(run.faults!.recoveredAfterMs),
    ]),
  };
}

/** Conditions and environment: the values of all runs, side by side where they differ. */
export function conditionTable(runs: readonly RunResult[]): Table {
  const all: Conditions[] = runs.map((run) => ({ ...conditions(run), ...run.environment }));
  const keys = distinct(all.flatMap((one) => Object.keys(one)));
  const rows = [
    ...keys.map((key) => [key, distinct(all.map((one) => one[key] ?? "–")).join(" · ")] as const),
    ...distinct(runs.map((run) => run.title)).map((title) => [`${title}: options`, distinct(runs.filter((run) => run.title === title).map(options)).join(" · ")] as const),
  ];
  return { name: "environment", title: "Conditions and environment", columns: ["what", "value"].map(plainColumn), rows: rows.map((row) => row.map(plainCell)), words: true };
}

function options(run: RunResult): string {
  return Object.entries(run.options).map(([key, value]) => `${key}=${value}`).join(", ") || "none";
}
