import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineWorkload, file, share, type Workload } from "paxbench";
import { afterAll, expect, test } from "vitest";
import { withFiles, withPaths } from "../../src/runtime/option-files.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

const lengths = defineWorkload<{ text: number[]; reads: number }>({
  name: "lengths",
  summary: "lines",
  source: "a test",
  options: {
    text: file("a text", (text) => text.split("\n").map((line, index) => {
      if (line === "") throw new Error(`line ${index + 1}: empty; allowed is a word`);
      return line.length;
    })),
    reads: share(0.5, "share of reads"),
  },
  create: () => ({ next: () => ({ operation: { type: "get", key: "k" }, shared: true }) }),
}) as Workload;

test("a workload gets what its option makes of the file, beside its other options", () => {
  writeFileSync(join(folder, "good"), "one\nthree");
  expect(withFiles(lengths, withPaths(lengths, { text: "good", reads: 1 }, folder))).toEqual({ text: [3, 5], reads: 1 });
});

test("what is wrong with the file is told in one line", () => {
  writeFileSync(join(folder, "bad"), "one\n");
  const opened = (text: string) => () => withFiles(lengths, withPaths(lengths, { text, reads: 1 }, folder));
  expect(opened("")).toThrow(/^lengths: text is missing: allowed is --set text=FILE$/);
  expect(opened("none")).toThrow(/^lengths: text=.*none: cannot read it: ENOENT; allowed is a file$/);
  expect(opened("bad")).toThrow(/bad: line 2: empty; allowed is a word$/);
});
