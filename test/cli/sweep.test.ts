/** The command as users start it: a process of its own, in a folder of its own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ResultFile } from "../../src/experiment/result.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-sweep-")));
afterAll(() => rmSync(folder, { recursive: true }));

const paxbench = (words: string, interrupt?: () => boolean) => runNode([launcher, ...words.split(" ")], folder, interrupt);

/** Every file of a result folder with what is in it, the environment and the digests that cover it aside. */
const contentOf = (path: string): Record<string, string> => {
  const names = readdirSync(join(folder, path), { recursive: true, encoding: "utf8" }).filter((name) => /\.(json|csv|hgrm|svg)$/.test(name) && !/^manifest\.json|environment\.csv$/.test(name));
  const told = (name: string): string => readFileSync(join(folder, path, name), "utf8").replaceAll(/"environment": ?\{[^}]*\}/g, "").replace(/"sha256":"\w*"/, "");
  return Object.fromEntries(names.sort().map((name) => [name, told(name)]));
};

const sweep = "sweep -p raft,epaxos --transport sim --topology epaxos5-aws-2020 --duration 2s --clients 4 --vary conflict=0,0.5,1 --vary batch=1,64 --repeat 2";

describe("paxbench sweep", () => {
  it("interrupted and resumed, by either way, equals the one that was not", async () => {
    const whole = await paxbench(`${sweep} --out whole`);
    expect(whole.code).toBe(0);
    expect(whole.stderr).toBe("");
    expect(whole.stdout).toMatch(/^0\.5 +64 +epaxos +[\d.]+ \[/m);
    const { incomplete, sweep: varied, runs } = JSON.parse(readFileSync(join(folder, "whole/result.json"), "utf8")) as ResultFile;
    expect([incomplete, runs.length]).toEqual([false, 24]);
    expect(varied).toEqual({ vary: [{ key: "conflict", values: [0, 0.5, 1] }, { key: "batch", values: [1, 64] }] });
    expect(runs[5]!.varied).toEqual({ conflict: 0.5, batch: 1 });
    expect(readdirSync(join(folder, "whole/plots"))).toContain("p99-by-conflict.png");
    expect(readFileSync(join(folder, "whole/runs.csv"), "utf8").split("\n")[0]).toMatch(/,vary\.conflict,vary\.batch$/);

    for (const [out, resume] of [["cut", "sweep --resume cut"], ["again", `${sweep} --out again`]] as const) {
      const cut = await paxbench(`${sweep} --out ${out}`, () => existsSync(join(folder, out, "runs/3.json")));
      expect(cut.code).toBe(130);
      expect(cut.stderr).toMatch(/incomplete/);
      expect(readdirSync(join(folder, out, "runs")).length).toBeLessThan(24);
      const resumed = await paxbench(resume);
      expect(resumed.code).toBe(0);
      expect(resumed.stderr).toMatch(/^paxbench: goes on: \d+ of 24 runs are there$/m);
      expect(contentOf(out)).toEqual(contentOf("whole"));
      expect(resumed.stdout.replaceAll(out, "whole")).toBe(whole.stdout);
    }
  });

  it("refuses what it cannot go on with", async () => {
    const small = "sweep -p raft --transport sim --duration 100ms --warmup 0s --clients 1 --vary seed=1..2";
    expect((await paxbench(`${small} --out small`)).code).toBe(0);
    const refused = async (words: string, complaint: RegExp): Promise<void> => {
      const { code, stderr } = await paxbench(words);
      expect([code, stderr]).toEqual([2, expect.stringMatching(complaint)]);
    };
    await refused(`${small} --leader 1 --out small`, /^paxbench: --out small: the folder has another sweep; .*\n$/);
    await refused("sweep --resume small --seed 2", /^paxbench: --seed with --resume: .*\n$/);
    await refused("sweep --resume none", /^paxbench: no sweep in none: there is no sweep\.json; .*\n$/);
    writeFileSync(join(folder, "small/runs/1.json"), readFileSync(join(folder, "small/runs/1.json"), "utf8").replace(/"completed":\d/, '"completed":9'));
    await refused("sweep --resume small", /^paxbench: \S*small\/runs\/1\.json: damaged, or changed by hand; .*\n$/);
    writeFileSync(join(folder, "small/sweep.json"), "{");
    await refused("sweep --resume small", /^paxbench: small\/sweep\.json: damaged, or changed by hand; .*\n$/);
  });
});
