/** The rules of src/DESIGN.md that a machine can check, and a check that it would notice. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { brokenRules, deadFiles } from "./support/layers.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const paths = globSync("{src,protocols,workloads,yardsticks,test}/**/*.ts", { cwd: root }).sort();
const files = new Map(paths.map((path) => [path, readFileSync(`${root}${path}`, "utf8")]));
const protocols = readdirSync(`${root}protocols`);
// package.json tells oclif where the commands are, and strangers where "paxbench" and "paxbench/testing" are.
const entries = ["src/cli/main.ts", "src/cli/commands/index.ts", "src/index.ts", "src/testing/index.ts"];

describe("the tree", () => {
  it("keeps the import rules", () => expect(brokenRules(files, protocols)).toEqual([]));

  it("has no dead files in src", () => expect(deadFiles(files, entries)).toEqual([]));

  it("has no file past 500 lines", () => {
    expect(paths.filter((path) => files.get(path)!.split("\n").length > 501)).toEqual([]);
  });

  it("has no left-overs", () => {
    const leftOver = /\b(?:TODO|FIXME)\b|\b(?:it|describe|test)\.only\(|@ts-(?:ignore|nocheck)/;
    expect(paths.filter((path) => path !== "test/tidy.test.ts" && leftOver.test(files.get(path)!))).toEqual([]);
  });
});

describe.each(protocols)("the README of %s", (protocol) => {
  const text = readFileSync(`${root}protocols/${protocol}/README.md`, "utf8");
  const own = paths.filter((path) => path.startsWith(`protocols/${protocol}/`));

  it("names all of its files", () => {
    const names = own.map((path) => path.split("/").at(-1)!).filter((name) => name !== "index.ts");
    expect(names.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });

  it("names no private part that is not there", () => {
    const words = new Set(own.flatMap((path) => files.get(path)!.match(/#\w+/g) ?? []));
    expect((text.match(/(?<=`)#\w+(?=`)/g) ?? []).filter((name) => !words.has(name))).toEqual([]);
  });
});

describe("the rules notice", () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ["an arrow that turns back", "src/core/x.ts", 'import { y } from "../engine/y.ts";', /core may import nothing/],
    ["a type import too", "src/sim/x.ts", 'import type { Plan } from "../experiment/plan.ts";', /sim may import/],
    ["a dynamic import too", "src/engine/x.ts", 'const y = await import("../sim/simulation.ts");', /engine may import core/],
    ["somebody who imports the command line", "src/experiment/x.ts", 'import { table } from "../cli/table.ts";', /experiment may import/],
    ["a folder that is no layer", "src/util/x.ts", "export {};", /src\/util is no layer/],
    ["a door for plug-ins beside core", "src/index.ts", 'export * from "./engine/engine.ts";', /authors of plug-ins get core/],
    ["I/O in the simulator", "src/sim/x.ts", 'import { readFileSync } from "node:fs";', /no I\/O/],
    ["a wall clock", "src/engine/x.ts", "const now = performance.now();", /uses performance/],
    ["unseeded chance in a protocol", "protocols/p/x.ts", "const r = Math.random();", /uses Math\.random/],
    ["a promise in a protocol", "protocols/p/x.ts", "await null;", /uses a promise/],
    ["a protocol that takes a back door", "protocols/p/x.ts", 'import { Writer } from "../../src/core/bytes.ts";', /as a stranger's would/],
    ["a protocol that imports another", "protocols/p/x.ts", 'import q from "../q/index.ts";', /as a stranger's would/],
    ["a workload that imports the platform", "workloads/w/x.ts", 'import "node:fs";', /as a stranger's would/],
    ["a protocol's name in src", "src/experiment/x.ts", 'if (name === "epaxos") {}', /names epaxos/],
  ];
  it.each(cases)("%s", (_, path, text, complaint) => {
    expect(brokenRules(new Map([[path, text]]), protocols).join("\n")).toMatch(complaint);
  });

  it("a file that nothing reaches", () => {
    const tree = new Map([
      ["src/cli/main.ts", 'new Worker(new URL("../runtime/thread.ts", import.meta.url));'],
      ["src/runtime/thread.ts", ""],
      ["src/runtime/left.ts", ""],
    ]);
    expect(deadFiles(tree, entries)).toEqual(["src/runtime/left.ts"]);
  });

  it("but not what comments say", () => {
    expect(brokenRules(new Map([["src/core/x.ts", "/** Not Date. */\nexport const x = 1; // nor raft\n"]]), protocols)).toEqual([]);
  });
});
