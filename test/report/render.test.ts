import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { renderReport } from "../../src/report/index.ts";
import { advance } from "../../src/report/font.ts";
import { resultOf, run, silent, sourceOf, world } from "./fixture.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "paxbench-report-"));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (file: string) => readFile(join(folder, file), "utf8");

test("each figure as SVG, PNG and specification, with the labels one expects, without a warning", async () => {
  const warn = vi.spyOn(console, "warn");
  const { files } = await renderReport([sourceOf(world)], folder);
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();

  expect(files.filter((file) => file.startsWith("plots/"))).toHaveLength(18);
  const sites = await read("plots/latency-by-site.svg");
  for (const label of ["Virginia", "São Paulo", "Protocol D", "floor: nearest-majority round trip", "ms of virtual time"]) {
    expect(sites).toContain(label);
  }
  const distribution = await read("plots/latency-cdf.svg");
  for (const label of [">50<", ">90<", ">99<", ">99.9<", "Protocol D"]) expect(distribution).toContain(label);
  expect(await read("plots/throughput.svg")).toContain("12,345");
  expect(JSON.parse(await read("plots/throughput.vl.json"))).toMatchObject({ $schema: expect.stringContaining("vega-lite") });
});

test("a PNG has twice the drawing's pixels", async () => {
  await renderReport([sourceOf(world)], folder);
  const [, width, height] = /width="(\d+)" height="(\d+)"/.exec(await read("plots/throughput.svg"))!.map(Number);
  const png = await readFile(join(folder, "plots/throughput.png"));
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width! * 2, height! * 2]);
});

test("the same bytes each time", async () => {
  expect(await rendered()).toEqual(await rendered());
});

test("a report without samples is a page without figures", async () => {
  const result = resultOf(silent(0));
  expect((await renderReport([sourceOf(result)], folder)).files).not.toContainEqual(expect.stringContaining("plots/"));
  const page = await read("report.html");
  expect(page).toContain("Protocol A");
  expect(page).not.toContain("<svg");
});

test("the page stands alone: every figure in it, nothing to fetch, nothing to run", async () => {
  const result = resultOf(run(0), run(1));
  await renderReport([sourceOf(result)], folder);
  const page = await read("report.html");
  expect(page.match(/<svg/g)).toHaveLength(6);
  expect(page).not.toMatch(/<script|<link|<img|@import|src=|url\((?!#)/);
  expect(page).toContain(result.runs[0]!.replay);
});

test("widths are those of the font", () => {
  expect(advance("iiii", 10)).toBeLessThan(advance("MMMM", 10) / 2);
  expect(advance("M", 20)).toBeCloseTo(2 * advance("M", 10));
});

async function rendered(): Promise<string[]> {
  const { files } = await renderReport([sourceOf(world)], folder);
  return Promise.all(files.map((file) => readFile(join(folder, file), "base64")));
}
