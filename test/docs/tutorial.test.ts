/** docs/tutorial.md, done as it says: files written, edits made, commands run, output compared. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runNode, type Ended } from "../support/command.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "paxbench-tutorial-")));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "package.json"), '{ "type": "module" }');

const blocks = [...readFileSync(join(root, "docs/tutorial.md"), "utf8").matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", file = "", text = ""]) => ({ language, file, text }),
);

let output = "";

const written = new Map<string, string>();
const write = (file: string, text: string): void => {
  written.set(file, text);
  writeFileSync(join(folder, file), text);
};

/** Lines with - become those with +. */
const edit = (lines: readonly string[]): void => {
  const side = (sign: string): string => lines.filter((line) => line.startsWith(sign)).map((line) => line.slice(1)).join("\n");
  const source = written.get("synod.ts")!;
  assert.equal(source.split(side("-")).length, 2);
  write("synod.ts", source.replace(side("-"), side("+")));
};

/** A seed's faults may change with paxbench: what is run again is the seed that fuzz named last, not the one in print. */
const run = (line: string): Promise<Ended> => {
  const command = line.includes("--seed ") ? /replay: (.*)$/m.exec(output)![1]! : line;
  const [name, ...words] = command.replaceAll("~/paxbench/", root).split(" ");
  return runNode(name === "node" ? words : [join(root, "bin/run.js"), ...words], folder);
};

/** What of a line does not hang on numbers; … stands for anything. */
const patternOf = (line: string): RegExp => {
  const literal = line.trim().replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
  const flexible = literal.replaceAll(/\s+/g, String.raw`\s+`).replaceAll(/[\d.\\]*\d/g, String.raw`[\d.,]+`);
  return new RegExp(flexible.replaceAll("…", ".*"), "m");
};

const step = async (place: number): Promise<void> => {
  const { language, file, text } = blocks[place]!;
  const lines = text.trimEnd().split("\n");
  switch (language) {
    case "ts":
      return write(file, `${written.get(file) ?? ""}${written.has(file) ? "\n" : ""}${text}`);
    case "diff":
      return edit(lines);
    case "text":
      return lines.forEach((line) => assert.match(output, patternOf(line)));
    case "sh": {
      const shown = blocks[place + 1];
      const expected = shown?.language === "text" && shown.text.includes("✗") ? 1 : 0;
      const ended: Ended[] = [];
      output = "";
      for (const line of lines) {
        ended.push(await run(line));
        output += ended.at(-1)!.stdout;
      }
      assert.deepEqual(ended.map(({ code, stderr }) => [code, stderr]), lines.map(() => [expected, ""]), output);
      return;
    }
    default:
      throw new Error(`nobody knows what to do with ${language}`);
  }
};

describe("the tutorial", () => {
  it.each(blocks.map(({ language, file }, place) => [place, language, file] as const))("block %i: %s %s", async (place) => {
    await expect(step(place)).resolves.toBeUndefined();
  });

  it("has files that a strict compiler accepts", async () => {
    const options = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        paths: { paxbench: [join(root, "src/index.ts")], "paxbench/testing": [join(root, "src/testing/index.ts")] },
        typeRoots: [join(root, "node_modules/@types")],
      },
      include: ["*.ts"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(options));
    expect(await runNode([join(root, "node_modules/typescript/bin/tsc"), "-p", folder], folder)).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});
