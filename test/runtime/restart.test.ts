/** Processes that are killed under load and restarted on their journals. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readCluster } from "../../src/experiment/cluster-file.ts";
import type { Step } from "../../src/faults/scenario.ts";
import { lead, type RunOutcome } from "../../src/runtime/lead.ts";
import { freePorts } from "../../src/runtime/processes/ports.ts";
import { processes } from "../../src/runtime/run.ts";
import type { Durability } from "../../src/runtime/settings.ts";
import { settingsWith } from "./fixtures/settings.ts";

const protocol = fileURLToPath(new URL("../../protocols/raft/index.ts", import.meta.url));
const second = 1_000_000;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paxbench-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Half a second into the run these replicas are killed, half a second later they are restarted: in time, on a slow machine too. */
const runWith = async (durability: Durability, killed: readonly number[]): Promise<RunOutcome> => {
  const ports = (await freePorts(4)).map((port) => `127.0.0.1:${port}`);
  const file = join(folder, "cluster.yaml");
  writeFileSync(file, JSON.stringify({ name: folder, protocol, replicas: ports.slice(0, 3), loads: ports.slice(3), durability }));
  const config = await readCluster(file);
  const steps = killed.flatMap((replica): Step[] => [
    { at: second / 2, fault: { type: "crash", replica } },
    { at: second, fault: { type: "restart", replica } },
  ]);
  const settings = settingsWith({ protocol, protocolOptions: {}, faults: { steps }, warmup: 0, duration: 6 * second, requestTimeout: second / 2 });
  return lead(processes(file, config), settings);
};

describe("killed under load and restarted", () => {
  test.each<readonly [string, Durability, readonly number[]]>([
    ["a follower", "wal", [1]],
    ["the leader", "fsync", [0]],
    ["all at once", "fsync", [0, 1, 2]],
  ])("%s, %s: everything acknowledged is there, everybody catches up", async (_, durability, killed) => {
    const { violations, undecided, unknown, recorder, executedCommands } = await runWith(durability, killed);
    expect({ violations, unknown }).toEqual({ violations: [], unknown: 0 });
    expect(undecided).not.toContain("durable");
    expect(undecided).not.toContain("converged");
    expect(recorder.counts.completed).toBeGreaterThan(0);
    expect(new Set(executedCommands).size).toBe(1);
    for (const replica of killed) expect(readFileSync(join(folder, "data", `replica-${replica}`, "journal")).length).toBeGreaterThan(48);
  });
});
