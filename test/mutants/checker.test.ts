/** The checker's own mutants: trials whose verdicts are known must show each of them up. docs/mutants.md lists them. */
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { trials, type Trial } from "./checker-trials.ts";
import { checkerMutants, type CheckerMutant } from "./checker.ts";
import { mutated } from "./mutant.ts";

const root = new URL("../../", import.meta.url);

type Judge = (trial: Trial) => unknown;

/** The checker that stands at `source`, from the file to the verdict. */
const judgeAt = async (source: string): Promise<Judge> => {
  const { HistoryReader } = (await import(`${source}check/history-reader.ts`)) as typeof import("../../src/check/history-reader.ts");
  const { checkLinearizability } = (await import(`${source}check/linearizability/check.ts`)) as typeof import("../../src/check/linearizability/check.ts");
  const { kv } = (await import(`${source}check/linearizability/kv.ts`)) as typeof import("../../src/check/linearizability/kv.ts");
  return ({ lines, patience, memory }) => {
    const reader = new HistoryReader("trial");
    for (const line of lines) reader.read(line);
    reader.end();
    let looks = 0;
    return checkLinearizability(reader.operations, kv, { clock: () => looks++, deadline: patience, memory }).linearizable;
  };
};

/** The first trial that it gets wrong, or cannot get through. */
const firstWrong = (judge: Judge): string | undefined =>
  trials.find((trial) => {
    try {
      return judge(trial) !== trial.verdict;
    } catch {
      return true;
    }
  })?.name;

const withMistake = async <T>(mutant: CheckerMutant, use: (judge: Judge) => T): Promise<T> => {
  const folder = mkdtempSync(join(tmpdir(), "paxbench-mutant-"));
  try {
    for (const part of ["src/core", "src/check"]) cpSync(fileURLToPath(new URL(part, root)), join(folder, part), { recursive: true });
    writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    symlinkSync(fileURLToPath(new URL("node_modules", root)), join(folder, "node_modules"));
    for (const [file, text] of mutated(mutant)) writeFileSync(join(folder, file), text);
    return use(await judgeAt(pathToFileURL(join(folder, "src/")).href));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test("the checker as it is gets all trials right", async () => {
  expect(firstWrong(await judgeAt(new URL("src/", root).href))).toBeUndefined();
});

test("trials have either verdict often", () => {
  for (const verdict of [true, false]) expect(trials.filter((trial) => trial.verdict === verdict).length).toBeGreaterThan(300);
});

describe("a trial shows it up", () => {
  test.each(checkerMutants)("$id: $what", async (mutant) => {
    expect(await withMistake(mutant, firstWrong)).toBeDefined();
  });
});
