import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lastOf, profiled } from "../../src/runtime/profile.ts";

const folder = mkdtempSync(join(tmpdir(), "paxbench-profile-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("what is profiled leaves a profile, whatever comes of it", () => {
  const file = join(folder, "a.cpuprofile");
  expect(profiled(file, () => 7)).toBe(7);
  const { nodes, samples } = JSON.parse(readFileSync(file, "utf8")) as Profiler.Profile;
  expect(nodes.length).toBeGreaterThan(0);
  expect(samples).toBeInstanceOf(Array);
  const failing = join(folder, "b.cpuprofile");
  expect(() => profiled(failing, () => { throw new Error("no"); })).toThrow("no");
  expect(readFileSync(failing, "utf8")).toMatch(/^\{"nodes"/);
});

test("the last part of a profile has the samples from there on, each at its time", () => {
  const callFrame = { functionName: "f", scriptId: "0", url: "", lineNumber: 0, columnNumber: 0 };
  const whole: Profiler.Profile = {
    nodes: [1, 2].map((id) => ({ id, callFrame, hitCount: 2 })),
    startTime: 1000, endTime: 1500, samples: [1, 1, 2, 2], timeDeltas: [100, 100, 100, 100],
  };
  const last = lastOf(whole, 250);
  expect(last).toMatchObject({ startTime: 1250, endTime: 1500, samples: [2, 2], timeDeltas: [50, 100] });
  expect(last.nodes.map(({ hitCount }) => hitCount)).toEqual([0, 2]);
  expect(lastOf(whole, 50)).toMatchObject({ startTime: 1450, samples: [], timeDeltas: [] });
});
