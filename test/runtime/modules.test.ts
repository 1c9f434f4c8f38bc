import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/core/errors.ts";
import { listPlugins, loadProtocol, loadWorkload, resolvePlugin } from "../../src/runtime/modules.ts";
import { runInThreads } from "../../src/runtime/run.ts";
import { settingsWith } from "./fixtures/settings.ts";

/** A folder far from this project, without paxbench among its modules. */
const outside = mkdtempSync(join(tmpdir(), "outsider-"));
afterAll(() => rmSync(outside, { recursive: true }));

const workload = (name: string): string => `
import { defineWorkload, uniqueValue } from "paxbench";
export default defineWorkload({
  name: "${name}", summary: "puts", source: "a test", options: {},
  create: ({ client }) => ({
    next: (sequence) => ({ operation: { type: "put", key: "k", value: uniqueValue(client, sequence, 8) }, shared: true }),
  }),
});`;
const typed = (name: string): string => `${workload(name)}\nexport const version: number = 1;`;
const esm = { type: "module" };

const files: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify(esm),
  "typed.ts": typed("typed"),
  "plain.js": workload("plain"),
  "folder-ts/index.ts": typed("folder-ts"),
  "folder-js/index.js": workload("folder-js"),
  "declared/package.json": JSON.stringify({ ...esm, exports: { ".": { require: "./no.cjs", import: "./lib/a.js" } } }),
  "declared/lib/a.js": workload("declared"),
  "declared/index.ts": "throw new Error('not the declared entry');",
  "main/package.json": JSON.stringify({ ...esm, main: "b.js" }),
  "main/b.js": workload("main"),
  "empty/README.md": "",
  "broken-json/package.json": "{",
  "node_modules/a-package/package.json": JSON.stringify({ ...esm, exports: { import: "./c.js" } }),
  "node_modules/a-package/c.js": workload("a-package"),
  "node_modules/@scope/other/package.json": JSON.stringify({ ...esm, main: "d.js" }),
  "node_modules/@scope/other/d.js": workload("@scope/other"),
  "nested/deeper/README.md": "",
  "bad-syntax.ts": "export default 1;\nlet x = ;\n",
  "bad-syntax.js": "export default 1;\nlet x = ;\n",
  "throws.js": "throw new TypeError('first line\\nsecond line');",
  "throws-text.js": "throw 'just text';",
  "missing-import.js": "import './gone.js'; export default 1;",
  "no-default.js": "export const a = 1;",
  "number.js": "export default 7;",
  "bad-option.js": workload("bad-option").replace("options: {}", "options: { a: 5 }"),
  "incomplete.js": "export default { name: 'x', summary: 'y', source: 'z', options: {} };",
};
for (const [path, text] of Object.entries(files)) {
  const file = join(outside, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const urlOf = (path: string): string => pathToFileURL(join(outside, path)).href;
const builtIn = (path: string): string => new URL(`../../${path}`, import.meta.url).href;

describe("resolvePlugin", () => {
  test.each([
    ["a built-in", "conflict", "", builtIn("workloads/conflict/index.ts")],
    ["a file", "./typed.ts", "", urlOf("typed.ts")],
    ["a file elsewhere", "../../plain.js", "nested/deeper", urlOf("plain.js")],
    ["an absolute path", join(outside, "plain.js"), "nested", urlOf("plain.js")],
    ["a URL", urlOf("plain.js"), "nested", urlOf("plain.js")],
    ["a folder with index.ts", "./folder-ts", "", urlOf("folder-ts/index.ts")],
    ["a folder with index.js, from inside", ".", "folder-js", urlOf("folder-js/index.js")],
    ["a folder whose package.json has exports", "./declared", "", urlOf("declared/lib/a.js")],
    ["a folder whose package.json has main", "../main/", "declared", urlOf("main/b.js")],
    ["a package", "a-package", "", urlOf("node_modules/a-package/c.js")],
    ["a package, from a folder below", "@scope/other", "nested/deeper", urlOf("node_modules/@scope/other/d.js")],
  ])("%s: %s", (_, spec, folder, url) => {
    expect(resolvePlugin("workload", spec, join(outside, folder))).toBe(url);
  });

  const names = listPlugins("workload").join(", ");
  test.each([
    ["conflicts", `unknown workload "conflicts": allowed: ${names}, a path or a package`],
    ["", `unknown workload "": allowed: ${names}, a path or a package`],
    ["a-package/inside", `unknown workload "a-package/inside": allowed: ${names}, a path or a package`],
    ["./gone.ts", "no workload at ./gone.ts: there is no such file or folder"],
    ["./empty", "no workload at ./empty: the folder has no index.ts, index.js"],
    ["file://elsewhere/x.js", /^no workload at file:\/\/elsewhere\/x\.js: TypeError: /],
    ["./broken-json", /broken-json\/package\.json: SyntaxError: /],
  ])("refuses %o", (spec, message) => {
    const resolving = (): unknown => resolvePlugin("workload", spec, outside);
    expect(resolving).toThrow(UsageError);
    expect(resolving).toThrow(message);
  });

  test("does not take a workload for a protocol", () => {
    expect(() => resolvePlugin("protocol", "conflict", outside)).toThrow('unknown protocol "conflict"');
  });
});

test("listPlugins names the built-in folders", () => {
  expect(listPlugins("workload")).toContain("conflict");
  expect(listPlugins("protocol")).toContain("multipaxos");
});

describe("loading", () => {
  test.each([
    ["typed.ts", "typed"],
    ["plain.js", "plain"],
    ["declared/lib/a.js", "declared"],
    ["node_modules/a-package/c.js", "a-package"],
  ])("an outsider's %s finds paxbench", async (path, name) => {
    expect((await loadWorkload(urlOf(path))).name).toBe(name);
  });

  test.each(listPlugins("workload"))("built-in workload %s", async (name) => {
    expect((await loadWorkload(resolvePlugin("workload", name, outside))).name).toBe(name);
  });

  test.each([
    ["bad-syntax.ts", /^cannot load workload .*bad-syntax\.ts: SyntaxError: .* \(.*bad-syntax\.ts:2\)$/],
    ["bad-syntax.js", /^cannot load workload .*bad-syntax\.js: SyntaxError: Unexpected token ';'$/],
    ["throws.js", /^cannot load workload .*throws\.js: TypeError: first line$/],
    ["throws-text.js", /^cannot load workload .*throws-text\.js: just text$/],
    ["missing-import.js", /^cannot load workload .*missing-import\.js: Error: Cannot find module .*gone\.js/],
    ["no-default.js", /no-default\.js has no default export: a workload is one$/],
    ["number.js", /^the default export of .*number\.js is no workload: "name" is missing or of the wrong type$/],
    ["bad-option.js", /^the default export of .*bad-option\.js is no workload: "options" is missing or of the wrong type$/],
    ["incomplete.js", /^the default export of .*incomplete\.js is no workload: "create" is missing or of the wrong type$/],
  ])("refuses %s", async (path, message) => {
    const loading = loadWorkload(urlOf(path));
    await expect(loading).rejects.toThrow(UsageError);
    await expect(loading).rejects.toThrow(message);
  });

  test("does not take a workload for a protocol, nor the other way round", async () => {
    await expect(loadProtocol(urlOf("plain.js"))).rejects.toThrow('is no protocol: "title" is missing');
    const protocol = builtIn("test/runtime/fixtures/primary.ts");
    await expect(loadWorkload(protocol)).rejects.toThrow('is no workload: "source" is missing');
    expect((await loadProtocol(protocol)).name).toBe("primary");
  });
});

test("an outsider's workload runs in worker threads", async () => {
  const url = resolvePlugin("workload", "a-package", outside);
  const { recorder, violations } = await runInThreads(settingsWith({ workload: url, workloadOptions: {} }));
  expect(violations).toEqual([]);
  expect(recorder.counts.completed).toBeGreaterThan(0);
  expect(recorder.counts.shared).toBe(recorder.counts.completed);
});
