import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunResult } from "../../src/experiment/result.ts";
import { resultOf, run } from "../report/fixture.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-compare-"));
afterAll(() => rmSync(folder, { recursive: true }));

const paxbench = (words: string) => runNode([launcher, ...words.split(" ")], folder);

const leave = (name: string, text: string): void => {
  mkdirSync(join(folder, name));
  writeFileSync(join(folder, name, "result.json"), text);
};

const repeats = (factor: number): RunResult[] =>
  [1000, 1010, 990].map((ops, repeat) => run(0, { repeat, throughputOpsPerSec: ops * factor }));

beforeAll(() => {
  leave("slow", JSON.stringify(resultOf(...repeats(1))));
  leave("fast", JSON.stringify(resultOf(...repeats(1.5))));
  leave("other", JSON.stringify(resultOf(run(3))));
  leave("cut", JSON.stringify(resultOf(run(0))).slice(0, 300));
  leave("old", JSON.stringify({ schema: "paxbench.result/0", runs: [] }));
  leave("holed", JSON.stringify(resultOf({ ...run(0), throughputOpsPerSec: "much" as unknown as number }), null, 2));
  mkdirSync(join(folder, "empty"));
});

describe("paxbench compare", () => {
  it("shows ratio, interval and verdict", async () => {
    const { code, stdout } = await paxbench("compare slow fast");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^protocol-0, sim on world, .* · repeats 3 and 3$/m);
    expect(stdout).toMatch(/^throughput, ops\/s +1,000 +1,500 +1\.500 +1\.4\d+ … 1\.5\d+ +B is better$/m);
    expect(stdout).toMatch(/^response\.p50, ms .*1\.000 … 1\.000 +the same$/m);
    const json = JSON.parse((await paxbench("compare slow fast/result.json --json")).stdout) as { schema: string; points: unknown[] };
    expect([json.schema, json.points.length]).toEqual(["paxbench.comparison/1", 1]);
  });

  it.each<readonly [string, RegExp]>([
    ["compare slow", /^paxbench: .*b/],
    ["compare slow nowhere", /^paxbench: nowhere: no such result; allowed is a result folder or its result\.json$/],
    ["compare slow empty", /^paxbench: cannot read .*empty\/result\.json: ENOENT$/],
    ["compare slow cut", /^paxbench: .*cut\/result\.json:1:\d+: /],
    ["compare slow old", /^paxbench: .*old\/result\.json:1:\d+: schema: allowed is "paxbench\.result\/1"$/],
    ["compare slow holed", /^paxbench: .*holed\/result\.json:\d+:\d+: runs\.0\.throughputOpsPerSec: /],
    ["compare slow other", /^paxbench: slow and other have no point in common: A: protocol-0, .*; B: protocol-3, /],
  ])("%s: one line, exit code 2", async (words, message) => {
    const { code, stdout, stderr } = await paxbench(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim()).not.toContain("\n");
  });
});
