import { expect, test } from "vitest";
import { csvOfTable, markdownOf } from "../../src/report/table.ts";
import { resultOf, run, sectionsOf, sourceOf, world } from "./fixture.ts";
import { verdictTable } from "../../src/report/tables.ts";

test("medians with their bounds: as text, and as numbers in full", () => {
  const repeated = resultOf(...[1000, 1234.5, 1500].map((throughputOpsPerSec, repeat) => run(0, { throughputOpsPerSec, repeat })));
  const [points] = sectionsOf(sourceOf(repeated, []))[0]!.tables;
  expect(markdownOf(points!)).toMatch(/\| Protocol A \| 3 \| 1,235 \[1,000, 1,500\] \| 75 \| /);
  expect(csvOfTable(points!).split("\n").slice(0, 2)).toEqual([
    "protocol,runs,throughput,throughput.low,throughput.high,p50,p50.low,p50.high,p99,p99.low,p99.high,fast-path,fast-path.low,fast-path.high,messages,messages.low,messages.high,bytes,bytes.low,bytes.high",
    "Protocol A,3,1234.5,1000,1500,75,75,75,157.5,157.5,157.5,0.81,0.81,0.81,8,8,8,400,400,400",
  ]);
});

test("rows by what is varied, in its order, each with all protocols", () => {
  const runs = [5, 3].flatMap((replicas) => [1, 0].map((id) => run(id, { varied: { replicas }, replicas, siteCount: replicas })));
  const [points] = sectionsOf(sourceOf({ ...resultOf(...runs), sweep: { vary: [{ key: "replicas", values: [5, 3] }] } }, []))[0]!.tables;
  expect(points!.rows.map((row) => `${row[0]!.text} ${row[1]!.text}`)).toEqual(["3 Protocol A", "3 Protocol B", "5 Protocol A", "5 Protocol B"]);
});

test("sites, the floor first", () => {
  const sites = sectionsOf(sourceOf(world, []))[0]!.tables[1]!;
  expect(sites.rows.map((row) => row[0]!.text)).toEqual(["floor: nearest majority", "Protocol A", "Protocol B", "Protocol C", "Protocol D"]);
  expect(sites.rows[0]!.slice(1, 4).map(({ text }) => text)).toEqual(["40", "–", "54"]);
});

test("of several verdicts the worst, and how many there are of it", () => {
  const broken = { ...run(0).checks, ledger: false, agreement: "unknown" } as const;
  const table = verdictTable([run(0), run(0, { checks: broken, repeat: 1 }), run(1)]);
  const cell = (row: number, check: string) => table.rows[row]![table.columns.findIndex(({ title }) => title === check)]!.text;
  expect([cell(0, "ledger"), cell(0, "agreement"), cell(0, "durable"), cell(1, "ledger")]).toEqual(["✗ 1", "? 1", "✓", "✓"]);
});

test("a name cannot end a cell", () => {
  expect(markdownOf(verdictTable([run(0, { title: "a|b" })]))).toContain("| a\\|b | 1 |");
});
