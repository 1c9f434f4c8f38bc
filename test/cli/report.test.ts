import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { resultOf, run } from "../report/fixture.ts";
import { launcher, runNode } from "../support/command.ts";
import { leaveResult } from "../support/result-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const paxbench = (words: string) => runNode([launcher, ...words.split(" ")], folder);
const read = (file: string): string => readFileSync(join(folder, file), "utf8");

beforeAll(() => {
  leaveResult(join(folder, "results/a/1"), resultOf(run(0)));
  leaveResult(join(folder, "results/b/2"), { ...resultOf(run(1)), incomplete: true });
  leaveResult(join(folder, "results/none/3"), { ...resultOf(), incomplete: true });
  symlinkSync("a/1", join(folder, "results/latest"));
  mkdirSync(join(folder, "report/plots"), { recursive: true });
  for (const file of ["report.html", "plots/earlier.svg"]) writeFileSync(join(folder, "report", file), "");
  mkdirSync(join(folder, "full"));
  writeFileSync(join(folder, "full/precious"), "");
});

it("draws the latest result again, in its folder", async () => {
  const { code, stdout, stderr } = await paxbench("report");
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(/^report in results\/a\/1: \d+ files/m);
  expect(read("results/a/1/report.html")).toContain("Protocol A");
  expect(readdirSync(join(folder, "results/a/1/plots"))).toContain("latency-cdf.png");
});

it("of several folders makes one report instead of an earlier one, and says that one of them is incomplete", async () => {
  const { code, stdout, stderr } = await paxbench("report results/latest results/b/2 --out report --json");
  expect([code, stderr]).toEqual([0, "paxbench: results/b/2 is incomplete, and marked so: runs that are there: 1\n"]);
  const { schema, files, findings, incomplete } = JSON.parse(stdout) as { schema: string; files: string[]; findings: { findings: { items: string[] }[] }[]; incomplete: boolean };
  expect([schema, incomplete]).toEqual(["paxbench.report/1", true]);
  expect(findings[0]!.findings[0]!.items[0]).toBe("The highest throughput: Protocol A with 12,345 ops/s; Protocol B has 0.769 × that.");
  expect(files.filter((file) => !existsSync(join(folder, "report", file)))).toEqual([]);
  expect(existsSync(join(folder, "report/plots/earlier.svg"))).toBe(false);
  for (const text of ["Protocol A", "Protocol B", "runs are missing (b/2)"]) expect(read("report/report.html")).toContain(text);
});

it.each<readonly [string, RegExp]>([
  ["report nowhere", /^paxbench: nowhere: no such folder; allowed is a result folder$/],
  ["report results/a/1 results/latest --out twice", /^paxbench: results\/latest: is given twice; allowed /],
  ["report results/none/3", /^paxbench: results\/none\/3: no runs to report on; allowed /],
  ["report results/latest --out full", /^paxbench: --out full: the folder is not empty; allowed /],
])("%s: one line, exit code 2", async (words, message) => {
  const { code, stdout, stderr } = await paxbench(words);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr.trim()).toMatch(message);
});
