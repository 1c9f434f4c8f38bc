import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { ReproductionFile } from "../../src/experiment/reproduce/reproduction.ts";
import { launcher, runNode } from "../support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-reproduce-"));
afterAll(() => rmSync(folder, { recursive: true }));

const paxbench = (words: string) => runNode([launcher, "reproduce", ...words.split(" ").filter((word) => word !== "")], folder);

describe("paxbench reproduce", () => {
  it("lists what there is", async () => {
    const { code, stdout } = await paxbench("");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^epaxos-fig4-3 +EPaxos, SOSP 2013, Fig\. 4: /m);
  });

  it("shows paper, closed form, ours and the difference, and leaves them with the figure", async () => {
    const { code, stdout, stderr } = await paxbench("epaxos-fig4-3 --out out");
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("simulated: all times of ours are virtual");
    expect(stdout).toMatch(/^EPaxos 100 % +EU +95\.0 ± 2 \(plot\) +90\.0 +9\d\.\d +[+−]\d\.\d % +[+−]\d\.\d % +✓$/m);
    expect(stdout).toMatch(/^6 of 6 within it, 0 beyond: tolerance 10 %/m);
    const file = JSON.parse(readFileSync(join(folder, "out/reproduction.json"), "utf8")) as ReproductionFile;
    expect([file.schema, file.incomplete, file.figures[0]!.points.length]).toEqual(["paxbench.reproduce/1", false, 6]);
    for (const point of file.figures[0]!.points) expect(Math.abs(point.offTheory!)).toBeLessThan(0.01);
    expect(file.figures[0]!.points[0]!.replay[0]).toMatch(/^paxbench run --protocol epaxos --seed 1 /);
    for (const name of ["points.csv", "result.json", "plots/epaxos-fig4-3.svg", "plots/epaxos-fig4-3.png", "plots/epaxos-fig4-3.vl.json"]) {
      expect([name, existsSync(join(folder, "out", name))]).toEqual([name, true]);
    }
  });

  it.each<[string, RegExp]>([
    ["fig0", /^paxbench: no published figure fig0: allowed: atlas-fig5, .*, all$/],
    ["epaxos-fig4-3 --seed x", /^paxbench: --seed x: allowed is a whole number$/],
    ["epaxos-fig4-3 --out out", /^paxbench: --out out: the folder is not empty; allowed/],
  ])("%s: one line, exit code 2", async (words, message) => {
    const { code, stdout, stderr } = await paxbench(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trim()).toMatch(message);
    expect(stderr.trim()).not.toContain("\n");
  });
});
