import { describe, expect, test } from "vitest";
import type { HistoryOperation } from "../../src/check/history.ts";
import { checkLinearizability } from "../../src/check/linearizability/check.ts";
import { kv } from "../../src/check/linearizability/kv.ts";
import { viewOf, type WitnessView } from "../../src/check/linearizability/witness-view.ts";
import { advance } from "../../src/report/font.ts";
import { fitted, textSize } from "../../src/report/timeline/label.ts";
import { layout, type Layout } from "../../src/report/timeline/layout.ts";
import { timelinePage } from "../../src/report/timeline/page.ts";
import { append, cas, on, read, scan, swap, write } from "../check/linearizability/operations.ts";

const witnessed = (...history: readonly HistoryOperation[]): WitnessView => {
  const verdict = checkLinearizability(history, kv, { clock: () => 0, deadline: 1, memory: 1e8 });
  if (verdict.linearizable !== false) throw new Error("the example must be refuted");
  return viewOf(verdict.witness, kv);
};

const pageOf = (...history: readonly HistoryOperation[]): string =>
  timelinePage(witnessed(...history), { source: "history.jsonl", operations: history.length, keys: 1 });

const by = <Op extends HistoryOperation>(client: number, operation: Op): Op => ({ ...operation, client });
const at = <Op extends HistoryOperation>(calledAt: number, returnedAt: number, operation: Op): Op => ({ ...operation, calledAt, returnedAt });

const stale = [by(0, write("1", 1, 2)), by(1, write("2", 3, 4)), by(2, read("1", 5, 7)), by(0, write("3", 6, 8))];

/** Writes one after the other, then a read of the first. */
const long = (count: number): HistoryOperation[] => [
  ...Array.from({ length: count }, (_, i) => by(i % 30, write(i, 2 * i + 1, 2 * i + 2))),
  by(30, read(0, 2 * count + 1, 2 * count + 2)),
];

const bars = (page: string, kind: string): string[] => [...page.matchAll(new RegExp(`<g class="${kind}"><title>([^]*?)</title>`, "g"))].map((match) => match[1]!);

describe("the page of a refutation", () => {
  test("has a row for each process, each operation as what it is, and the order's numbers and states", () => {
    const page = pageOf(...stale);
    for (const process of [0, 1, 2]) expect(page).toContain(`>process ${process}</text>`);
    expect(bars(page, "placed")).toEqual([
      expect.stringMatching(/^write &#34;1&#34;\nprocess 0: called on line 1, returned on line 2\nstep 1; then the state is &#34;1&#34;$/),
      expect.stringMatching(/^write &#34;2&#34;[^]*step 2/),
    ]);
    expect(bars(page, "blocked")).toEqual([expect.stringMatching(/^read → &#34;1&#34;\nprocess 2: [^]*cannot follow$/)]);
    expect(bars(page, "open")).toEqual([expect.stringMatching(/^write &#34;3&#34;[^]*returned on line 8, after the refutation[^]*would not help$/)]);
    expect([...page.matchAll(/class="state-run"><title>(.*?)</g)].map((match) => match[1])).toEqual(["absent", "&#34;1&#34;", "&#34;2&#34;"]);
  });

  test("names the keys of operations where there are several", () => {
    const [x, y] = [on("x", by(0, write("1", 1, 7))), on("y", by(1, write("1", 2, 8)))];
    const page = pageOf(...x, ...y, by(2, scan("", 9, [["x", "1"]], 3, 5)), by(3, scan("", 9, [["y", "1"]], 4, 6)));
    expect(page).toContain("<h1>Not linearizable: keys &#34;x&#34;, &#34;y&#34;</h1>");
    expect(bars(page, "placed")).toEqual([expect.stringMatching(/^&#34;x&#34; write &#34;1&#34;\n/), expect.stringMatching(/^scan 9 from &#34;&#34; → \{&#34;x&#34;: &#34;1&#34;\}\n/)]);
    expect(bars(page, "blocked")).toEqual([expect.stringMatching(/^scan 9 [^]*process 3/)]);
  });

  test("tells no result that was not known yet, except the culprit's", () => {
    const page = pageOf(by(0, swap("b", null, 1, 9)), by(1, swap("c", "b", 2, 5)), by(2, read("c", 3, 4)), by(2, read("d", 6, 7)));
    expect(bars(page, "placed")).toEqual([expect.stringMatching(/^swap &#34;b&#34;\n/), expect.stringMatching(/^swap &#34;c&#34; → was/), expect.stringMatching(/^read/)]);
    expect(bars(pageOf(by(0, swap("b", "z", 1, 4)), by(1, read("b", 2, 3))), "blocked")).toEqual([expect.stringMatching(/^swap &#34;b&#34; → was &#34;z&#34;\n/)]);
  });

  test("stands alone: nothing to fetch, nothing to run, and the same bytes each time", () => {
    expect(pageOf(...stale)).not.toMatch(/<script|<link|<img|@import|src=|url\((?!#)/);
    expect(pageOf(...stale)).toBe(pageOf(...stale));
  });

  test("keys and values cannot become markup", () => {
    const hostile = `</title></svg><script>alert("evil")</script>`;
    const page = pageOf(...on(hostile, by(0, write(hostile, 1, 2)), by(1, read(`'"><img src=x>`, 3, 4))));
    expect(page).not.toMatch(/<script|<img|"evil"/);
    expect(page).toContain("&#60;script&#62;");
  });

  test("shows of a long order the end, and says so", () => {
    const page = pageOf(...long(500));
    const shown = bars(page, "placed").length;
    expect(shown).toBeGreaterThan(4);
    expect(shown).toBeLessThan(40);
    expect(page).toContain(`Shown: the last ${shown} of the 500 steps of the order; 1 that cannot follow.`);
    expect(Number(/<svg [^>]*width="(\d+)"/.exec(page)![1])).toBeLessThan(1300);
  });

  test("shows of many operations without a place those called last, and says so", () => {
    const unknown = Array.from({ length: 50 }, (_, i) => by(i + 10, cas("never", "x", i + 1)));
    const page = pageOf(...unknown, by(0, write("1", 60, 61)), by(1, read("2", 62, 63)));
    expect(page).toContain("12 of 50, those called last, that could follow, but would not help.");
    expect(bars(page, "open")).toHaveLength(12);
    expect(page).toContain(">process 59</text>");
    expect(page).not.toContain(">process 47</text>");
  });
});

describe("why, in words", () => {
  test.each([
    ["a stale read", stale, /After the order shown the state is "2"\. The last state that it fits ended with step 2, write "2" \(process 1, lines 3–4\), which had returned before this was called\./],
    ["a value from nowhere", [by(0, write("1", 1, 2)), by(1, read("9", 3, 4))], /the state is "1"\. In this order no state ever fits it\./],
    ["a lost append", [by(0, append("a", 1, 2)), by(0, append("b", 3, 4)), by(1, append("c", 5, 6)), by(2, read("ac", 7, 8))], /Step 2, append "b" \(process 0, lines 3–4\), had returned before this was called, and is not in the result\./],
    ["a result that does not fit the effect", [by(0, swap("b", "z", 1, 4)), by(1, read("b", 2, 3))], /Others need its effect, so it is step 1 of the order shown, but its result does not fit there: before it the state is absent\./],
    ["long values", [by(0, write("-".repeat(80), 1, 2)), by(1, read(`${"-".repeat(70)}x`, 3, 4))], /the result differs from character 71 on, where it has …"-{8}x" for …"-{18}"\./],
  ])("%s", (_, history, reason) => {
    expect(witnessed(...history).reason.join(" ")).toMatch(reason);
  });
});

const columns = (history: readonly HistoryOperation[], width = 1000): Layout => {
  const view = witnessed(...history);
  return layout(view, view.steps.length, width);
};

describe("the axis", () => {
  test("keeps the order of lines, and each step within its operation, in the order of their numbers", () => {
    const history = [by(0, write(1, 1, 8)), by(1, write(2, 2, 9)), by(2, read(1, 3, 5)), by(3, read(2, 4, 7)), by(4, read(3, 10, 11))];
    const { rows, events } = columns(history);
    expect(events.map(({ line }) => line)).toEqual(events.map(({ line }) => line).toSorted((a, b) => a - b));
    const steps = rows.flatMap((row) => row.bars).filter(({ step }) => step !== undefined).sort((a, b) => a.step!.number - b.step!.number);
    expect(steps).toHaveLength(4);
    for (const { from, point, to } of steps) expect([point! > from, point! < to]).toEqual([true, true]);
    const points = steps.map(({ point }) => point!);
    expect(points).toEqual(points.toSorted((a, b) => a - b));
  });

  test("gives more room to more time", () => {
    const { events } = columns([at(0, 10, by(0, write(1, 1, 2))), at(20, 900, by(1, write(2, 3, 4))), at(910, 920, by(2, read(1, 5, 6)))], 2000);
    const [a, b, c, d] = events.map(({ x }) => x);
    expect(d! - c!).toBeGreaterThan(5 * (b! - a!));
  });

  test("puts what one process had open at once into lanes", () => {
    const { rows } = columns([by(0, cas(7, 8, 1)), by(0, write(1, 2, 3)), by(0, read(5, 4, 5))]);
    expect(rows.map(({ process, lanes }) => [process, lanes])).toEqual([[0, 2]]);
    expect(rows[0]!.bars.map(({ end, lane }) => [end, lane])).toEqual([["unknown", 0], ["returned", 1], ["returned", 1]]);
  });
});

test("a label that is too long loses its middle, never half a letter", () => {
  expect(fitted("short", 100)).toEqual({ text: "short", width: advance("s", textSize) + advance("h", textSize) + advance("o", textSize) + advance("r", textSize) + advance("t", textSize) });
  const { text, width } = fitted(`begin${"👩‍👩‍👧‍👦".repeat(20)}end`, 80);
  expect(text).toMatch(/^begi.*….*end$/u);
  expect(width).toBeLessThanOrEqual(80);
  expect(text.replaceAll("👩‍👩‍👧‍👦", "")).toBe("begi…end");
});
