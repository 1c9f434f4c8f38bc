import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const bin = fileURLToPath(new URL("../../bin/run.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "paxbench-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const paxbench = (line: string) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...line.split(" ")], { cwd: folder, encoding: "utf8" });
  return { code: status, stdout, stderr };
};

/** Everybody executes what arrives, as it arrives. */
const hearsay = `
import { command, defineProtocol, union } from "paxbench";
const messages = union({ rumour: { command } });
export default defineProtocol({
  name: "hearsay", title: "Hearsay", summary: "no agreement at all", papers: [], messages, records: messages,
  timers: [], options: {},
  create: (env, effects) => ({
    restore() {}, start() {}, onTimer() {}, status: () => ({}),
    onRequest: (given) => effects.broadcast(env.everyone, { type: "rumour", command: given }),
    onMessage: (_, { command: given }) => effects.execute(given),
  }),
});
`;

beforeAll(() => {
  writeFileSync(join(folder, "hearsay.mjs"), hearsay);
});

describe("paxbench fuzz", () => {
  it("draws its first failure, and its replay the same, byte for byte", () => {
    const { code, stdout } = paxbench("fuzz -p ./hearsay.mjs --seeds 3 --json");
    expect(code).toBe(1);
    const [first, second] = JSON.parse(stdout).violations;
    expect(first.diagram).toBe(join("results", "fuzz", `hearsay-${first.seed}.html`));
    expect(second?.diagram).toBeUndefined();
    const drawn = readFileSync(join(folder, first.diagram), "utf8");
    expect(drawn).toContain(first.replay);

    const again = paxbench(`${first.replay.replace("paxbench ", "")} --diagram again.html`);
    expect(again.code).toBe(1);
    expect(again.stdout).toContain(`diagram of seed ${first.seed}: again.html`);
    expect(readFileSync(join(folder, "again.html"), "utf8")).toBe(drawn);
  });

  it("says how many seeds it leaves alone once enough fail", () => {
    const { code, stdout } = paxbench("fuzz -p ./hearsay.mjs --seeds 1000 --replicas 3");
    expect(code).toBe(1);
    const run = Number(/^hearsay: (\d+) seeds/.exec(stdout)?.[1]);
    expect(stdout).toContain(`- stopped: ${1000 - run} of 1000 seeds were not run\n`);
  });

  it("draws a run in which nothing was found, if asked to", () => {
    const { code } = paxbench("fuzz -p multipaxos --seed 4 --seeds 1 --commands 2 --faults none --diagram sound/run.html");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "sound/run.html"), "utf8")).toContain("No judge complained");
  });

  it.each([
    ["--commands 0", /^paxbench: --commands 0: allowed is a whole number/],
    ["--diagram hearsay.mjs/x.html", /^paxbench: --diagram hearsay\.mjs\/x\.html: cannot write there/],
  ])("says in a line what is wrong with %s", (flags, line) => {
    const { code, stderr } = paxbench(`fuzz -p multipaxos --seeds 1 ${flags}`);
    expect([code, stderr.trim().split("\n").length]).toEqual([2, 1]);
    expect(stderr).toMatch(line);
  });
});
