import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readFolder } from "../../src/experiment/read-result.ts";
import type { ResultFile } from "../../src/experiment/result.ts";
import { SweepFolder } from "../../src/experiment/sweep/folder.ts";
import { planSweep } from "../../src/experiment/sweep/plan.ts";
import { resultOf, run } from "../report/fixture.ts";
import { flagsOf } from "../support/flags.ts";
import { leaveResult } from "../support/result-folder.ts";

const root = mkdtempSync(join(tmpdir(), "paxbench-read-"));
afterAll(() => rmSync(root, { recursive: true }));

leaveResult(join(root, "whole"), resultOf(run(0), run(1)));

/** A copy of the whole one, changed. */
const changed = (name: string, change: (folder: string) => void): void => {
  cpSync(join(root, "whole"), join(root, name), { recursive: true });
  change(join(root, name));
};

const rewritten = (change: (result: ResultFile) => unknown) => (folder: string) => {
  const file = join(folder, "result.json");
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, "utf8")) as ResultFile), null, 2));
};

const firstRun = (changes: object) => rewritten((result) => ({ ...result, runs: [{ ...result.runs[0]!, ...changes }] }));

test("runs and the curves of each", () => {
  const { result, curves } = readFolder("whole", root);
  expect(result.runs.map(({ title }) => title)).toEqual(["Protocol A", "Protocol B"]);
  expect(curves.map(({ run, kind, count }) => `${run} ${kind} ${count}`)).toEqual(
    [0, 1].flatMap((index) => ["commit", "execute", "response"].map((kind) => `${index} ${kind} 1000`)),
  );
});

test("what is shown key by key has its order", () => {
  const { environment, workload } = readFolder("whole", root).result.runs[0]!;
  expect(JSON.stringify([environment, workload])).toBe(JSON.stringify([run(0).environment, run(0).workload]));
});

test("an incomplete result is one", () => {
  changed("cut short", rewritten((result) => ({ ...result, incomplete: true, runs: [] })));
  expect(readFolder("cut short", root).result).toMatchObject({ incomplete: true, runs: [] });
});

test("a sweep that was killed has what its finished runs left, though its result does not say so yet", async () => {
  const plan = await planSweep({ flags: flagsOf(), typed: new Set(), vary: ["clients=1,2"] }, root);
  SweepFolder.create("killed", plan, ["sweep"], root);
  const content = JSON.stringify({ result: run(0, { varied: { clients: 2 } }), curves: [], refutation: null });
  writeFileSync(join(root, "killed/runs/1.json"), `{"sha256":"${createHash("sha256").update(content).digest("hex")}","content":${content}}`);
  const { result } = readFolder("killed", root);
  expect([result.incomplete, result.runs.map(({ varied }) => varied)]).toEqual([true, [{ clients: 2 }]]);
});

describe("what is damaged is told in one line: what, where, what is allowed", () => {
  test.each<readonly [string, (folder: string) => void, RegExp]>([
    ["truncated", (folder) => writeFileSync(join(folder, "result.json"), readFileSync(join(folder, "result.json"), "utf8").slice(0, 900)), /truncated\/result\.json:\d+:\d+: /],
    ["wrong schema", rewritten((result) => ({ ...result, schema: "paxbench.result/0" })), /wrong schema\/result\.json:2:\d+: schema: allowed is "paxbench\.result\/1"$/],
    ["no runs", rewritten(({ schema }) => ({ schema })), /no runs\/result\.json:\d+:\d+: runs: /],
    ["text for number", firstRun({ throughputOpsPerSec: "much" }), /result\.json:\d+:\d+: runs\.0\.throughputOpsPerSec: /],
    ["no sites", firstRun({ sites: null }), /result\.json:\d+:\d+: runs\.0\.sites: /],
    ["not varied", rewritten((result) => ({ ...result, sweep: { vary: [{ key: "clients", values: [1, 2] }] } })), /result\.json:\d+:\d+: runs\.0\.varied: has no clients; allowed /],
    ["unknown fault", firstRun({ faults: { injected: {}, excluded: {}, recoveredAfterMs: null, events: [{ atMs: 1, fault: { type: "flood" } }] } }), /result\.json:\d+:\d+: runs\.0\.faults\.events\.0\.fault\.type: /],
    ["no names of files", firstRun({ files: undefined }), /result\.json: runs\.0\.files: missing; allowed /],
    ["no histogram", (folder) => rmSync(join(folder, "histograms", "1-protocol-1-commit.hgrm")), /histograms\/1-protocol-1-commit\.hgrm: missing, though runs\.1 names it; allowed /],
    ["cut histogram", (folder) => writeFileSync(join(folder, "histograms", "0-protocol-0-commit.hgrm"), "   Value"), /histograms\/0-protocol-0-commit\.hgrm: damaged; allowed /],
    ["empty", (folder) => { rmSync(folder, { recursive: true }); mkdirSync(folder); }, /^empty: has no result\.json; allowed /],
  ])("%s", (name, damage, message) => {
    changed(name, damage);
    expect(() => readFolder(name, root)).toThrow(expect.objectContaining({ name: "UsageError", message: expect.stringMatching(message) as string }) as Error);
  });

  test.each([
    ["nowhere", "nowhere: no such folder; allowed is a result folder"],
    ["whole/result.json", "whole/result.json: is a file; allowed is a result folder"],
  ])("%s", (path, message) => {
    expect(() => readFolder(path, root)).toThrow(message);
  });
});
