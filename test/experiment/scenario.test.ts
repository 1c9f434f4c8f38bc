import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadScenario, scenarioNames, scenarioSummary } from "../../src/experiment/scenario.ts";
import type { Fault } from "../../src/faults/scenario.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-"));
afterAll(() => rmSync(folder, { recursive: true }));

const sites = ["CA", "VA", "IE"];
/** A scenario with one step, as the third line of its file. */
const load = (fault: string) => {
  const file = join(folder, "one.yaml");
  writeFileSync(file, `name: one\nsteps:\n  - { at: 1s, ${fault} }\n`);
  return loadScenario(file, sites);
};

test.each<[string, Fault]>([
  ["crash: leader", { type: "crash", replica: "leader" }],
  ["crash: { replica: VA, unsynced: torn }", { type: "crash", replica: 1, unsynced: "torn" }],
  ["crashBeforeSync: follower2", { type: "crashBeforeSync", replica: "follower2" }],
  ["restart: all", { type: "restart", replica: "all" }],
  ["wipe: 2", { type: "wipe", replica: 2 }],
  ["pause: { replica: leader, for: 500ms }", { type: "pause", replica: "leader", for: 500_000 }],
  ["slow: { replica: leader, each: 200us }", { type: "slow", replica: "leader", each: 200 }],
  ["slowDisk: { replica: leader, sync: 50ms }", { type: "slowDisk", replica: "leader", sync: 50_000 }],
  ["clock: { replica: IE, rate: 1.5, jump: 2s }", { type: "clock", replica: 2, rate: 1.5, jump: 2_000_000 }],
  ["clock: { replica: IE, rate: 1.5 }", { type: "clock", replica: 2, rate: 1.5, jump: 0 }],
  ["clock: { replica: IE, jump: 2s }", { type: "clock", replica: 2, rate: 1, jump: 2_000_000 }],
  ["cut: [all, leader]", { type: "cut", from: "all", to: "leader" }],
  ["loss: { from: all, to: leader, share: 0.1 }", { type: "loss", from: "all", to: "leader", share: 0.1 }],
  ["duplicate: { from: CA, to: all, share: 1 }", { type: "duplicate", from: 0, to: "all", share: 1 }],
  ["reorder: { from: 0, to: follower, share: 0 }", { type: "reorder", from: 0, to: "follower", share: 0 }],
  ["delay: { from: all, to: all, extra: 30ms }", { type: "delay", from: "all", to: "all", extra: 30_000 }],
  ["isolate: follower1", { type: "isolate", replica: "follower1" }],
  ["only: [[leader, follower1], [0, VA]]", { type: "only", pairs: [["leader", "follower1"], [0, 1]] }],
  ["heal: all", { type: "heal" }],
  ["heal: [leader, 1]", { type: "heal", from: "leader", to: 1 }],
  ["crash: { replica: all, unsynced: lost }", { type: "crash", replica: "all", unsynced: "lost" }],
  ["crash: asked", { type: "crash", replica: "asked" }],
])("%s", (text, fault) => {
  expect(load(text).steps).toEqual([{ at: 1_000_000, fault }]);
});

describe("says what is wrong, and where", () => {
  test.each<[string, RegExp]>([
    ["crash: moon", /:3:\d+: steps\.0\.crash: no replica "moon": allowed: all, leader, asked, follower, 0\.\.2, CA, VA, IE, follower1, follower2$/],
    ["crash: { replica: 7, unsynced: lost }", /:3:33: steps\.0\.crash\.replica: no replica 7: allowed: /],
    ["crash: { replica: 1, unsynced: half }", /:3:46: steps\.0\.crash\.unsynced: allowed is lost, kept or torn$/],
    ["wipe: all", /steps\.0\.wipe: no replica "all"/],
    ["isolate: follower3", /steps\.0\.isolate: no replica "follower3"/],
    ["pause: { replica: 0, for: 5 }", /:3:41: steps\.0\.pause\.for: 5 is no time: allowed is a number with us, ms, s or m$/],
    ["slow: { replica: 0 }", /steps\.0\.slow(\.each)?: /],
    ["clock: { replica: 0, rate: 0 }", /:3:42: steps\.0\.clock\.rate: allowed is a number in 0\.01\.\.100$/],
    ["clock: { replica: 0, jump: -1s }", /steps\.0\.clock\.jump: "-1s" is no time/],
    ["loss: { from: all, to: all, share: 2 }", /:3:50: steps\.0\.loss\.share: allowed is a number in 0\.\.1$/],
    ["loss: { from: all, to: all, share: few }", /steps\.0\.loss\.share: allowed is a number in 0\.\.1$/],
    ["loss: { from: all, to: all, share: 1, extra: 1s }", /steps\.0\.loss: .*extra/],
    ["delay: { from: all, to: 3, extra: 1s }", /:3:39: steps\.0\.delay\.to: no replica 3: allowed: all, leader/],
    ["only: [[leader, all]]", /:3:31: steps\.0\.only\.0\.1: no replica "all"/],
    ["crsh: leader", /:3:\d+: steps\.0: no field crsh here; allowed: at, crash, restart, /],
    ["pause: leader", /:3:22: steps\.0\.pause: is no mapping of fields; allowed: replica, for$/],
    ["cut: leader", /:3:20: steps\.0\.cut: allowed is \[from, to\]$/],
    ["only: leader", /:3:21: steps\.0\.only: allowed is a list of pairs/],
    ["heal: leader", /:3:21: steps\.0\.heal: allowed is all or \[from, to\]$/],
    ["crash: 0, heal: all", /:3:5: steps\.0: a step has exactly one of crash, restart, /],
  ])("%s", (text, complaint) => {
    expect(() => load(text)).toThrow(complaint);
  });
});

describe("a file of another form, YAML or JSON", () => {
  test.each<[string, string, RegExp]>([
    ["nothing", "", /:1:1: is no mapping of fields; allowed: name, summary, steps$/],
    ["a list", "- a\n- b\n", /:1:1: is no mapping of fields/],
    ["no name", "steps: []\n", /:1:1: name: allowed is a text$/],
    ["no steps", "name: one\n", /:1:1: steps: allowed is a list of steps, each a time and a fault$/],
    ["a field too many", "name: one\nstepz: []\nsteps: []\n", /:2:8: no field stepz here; allowed: name, summary, steps$/],
    ["a step without a time", "name: one\nsteps:\n  - { crash: 0 }\n", /:3:5: steps\.0\.at: missing: allowed is a number with us, ms, s or m$/],
    ["a step that is a word", "name: one\nsteps:\n  - crash\n", /:3:5: steps\.0: is no mapping of fields/],
    ["a field twice", "name: one\nsteps:\n  - at: 1s\n    crash: 0\n    crash: 1\n", /:5:5: Map keys must be unique$/],
    ["a tab", "name: one\nsteps:\n\t- { at: 1s, crash: 0 }\n", /:3:1: Tabs are not allowed as indentation$/],
    ["an alias to nowhere", "name: *who\nsteps: []\n", /: Unresolved alias .*who$/],
    ["JSON without a comma", '{ "name": "one",\n "steps": [\n { "at": "1s" "crash": 0 } ] }', /:3:15: /],
    ["JSON, no such replica", '{ "name": "one",\n "steps": [\n { "at": "1s", "crash": "moon" } ] }', /:3:25: steps\.0\.crash: no replica "moon"/],
  ])("%s", (_, text, complaint) => {
    const file = join(folder, "form.yaml");
    writeFileSync(file, text);
    expect(() => loadScenario(file, sites)).toThrow(complaint);
  });
});

describe("the built-in ones", () => {
  const clusters: Readonly<Record<string, number>> = { constrained: 5, "quorum-loss": 5, ring: 5 };

  test.each(scenarioNames())("%s loads for its cluster, says what happens, and mends what it breaks", (name) => {
    const { name: own, steps } = loadScenario(name, Array.from({ length: clusters[name] ?? 3 }, (_, site) => `S${site}`));
    expect(own).toBe(name);
    expect(scenarioSummary(name)).toMatch(/^[^\n]{20,130}$/);
    expect(steps.at(-1)!.fault.type).toMatch(/^(?:heal|restart)$/);
  });

  test("that need five replicas say so to three", () => {
    expect(() => loadScenario("ring", sites)).toThrow(/ring\.yaml:\d+:\d+: steps\.0\.only\.\d\.\d: no replica "follower3": allowed: /);
  });
});
