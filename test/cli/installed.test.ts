/** paxbench as a package among others: below node_modules, where Node strips no types of its own accord. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runNode } from "../support/command.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-installed-")));
const installed = join(folder, "node_modules/paxbench");
afterAll(() => rmSync(folder, { recursive: true }));

/** What a stranger writes: names no path. */
const ownTests = `
import test from "node:test";
import { UsageError } from "paxbench";
import { protocolSuite } from "paxbench/testing";
for (const { name, run } of await protocolSuite("multipaxos", { seeds: 3 })) test(name, run);
await test("errors are the same everywhere", async ({ assert }) => {
  await assert.rejects(() => protocolSuite("./gone"), UsageError);
});`;

beforeAll(() => {
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: string[] };
  mkdirSync(installed, { recursive: true });
  for (const name of ["package.json", ...files]) cpSync(join(root, name), join(installed, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(installed, "node_modules"));
  mkdirSync(join(folder, "elsewhere"));
  for (const place of ["", "elsewhere"]) writeFileSync(join(folder, place, "own.test.mjs"), ownTests);
});

describe("an installed paxbench", () => {
  it.each([
    ["list", /^ {2}raft /m],
    ["fuzz -p raft --seeds 2", /nothing found/],
    ["test -p raft --only codec", /all 2 cases passed/],
    ["run -p raft --duration 100ms --warmup 0s --clients 1", /^raft +\d/m],
  ])("%s", async (words, output) => {
    const { code, stdout, stderr } = await runNode([join(installed, "bin/run.js"), ...words.split(" ")], folder);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(output);
  });

  it.each([
    ["by name, installed", "paxbench/register", ""],
    ["by path, from a clone", join(root, "bin/register.js"), "elsewhere"],
  ])("lends its suite to somebody's test runner: %s", async (_, register, place) => {
    const { code, stdout } = await runNode(["--import", register, "--test", "--test-reporter=tap", "own.test.mjs"], join(folder, place));
    expect([code, Number(/^# pass (\d+)$/m.exec(stdout)?.[1]) > 20]).toEqual([0, true]);
  });
});
